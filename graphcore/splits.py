"""Who trains, who validates, who tests: a hash decides, and a few are moved so that no split lacks a class.

Pure functions. A sample's split depends on its identity or group alone, never on its path, its neighbours on
disk or the order of the inputs; only where a class would be missing from a split, single units are moved.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graphcore.config import SplitConfig
from graphcore.errors import ConfigError, DatasetError
from tfrecords.plan import stable_hash

_SALT = "split"
_CLASSES_NAMED = 30
_HASHES = 2**64
_ADVICE = "Add data, or set a share to 0 (split.test=0 split.train=90), or split.require_every_class=false."
_PAIRS_TRIED_UP_TO = 200
"""Units among which moves of two at once are tried; beyond, single moves have always sufficed in practice."""


@dataclass(frozen=True)
class SplitItem:
    """What a split needs to know of a sample.

    Attributes:
        identity: samples of the same identity stay together (copies of one picture).
        label: name of the class.
        group: samples of the same group stay together; empty when there is none.
    """

    identity: str
    label: str
    group: str = ""


@dataclass
class _Unit:
    """Samples that stay together, in one split."""

    key: str
    hashed: int
    split: str
    labels: Counter[str] = field(default_factory=Counter)
    size: int = 0


def assign_splits(samples: Sequence[SplitItem], config: SplitConfig) -> list[str]:
    """Gives each sample its split: "train", "validation" or "test".

    Args:
        samples: in any order; the order changes nothing.
        config: percentages, and whether a class that is missing from a split is an error.

    Raises:
        ConfigError: the percentages do not sum to 100, or one is negative.
        DatasetError: a class cannot be in every split and `config.require_every_class` is set.
    """
    shares = _check_shares(config)
    unit_keys = _join_units(samples)
    units: dict[str, _Unit] = {}
    for sample, key in zip(samples, unit_keys, strict=True):
        if key not in units:
            hashed = stable_hash(key, _SALT)
            units[key] = _Unit(key, hashed, _by_threshold(hashed, shares))
        units[key].labels[sample.label] += 1
        units[key].size += 1
    ordered = sorted(units.values(), key=lambda unit: (unit.hashed, unit.key))
    _Mender(ordered, tuple(shares)).mend()
    assigned = [units[key].split for key in unit_keys]
    gaps = find_gaps([sample.label for sample in samples], assigned, config)
    if gaps and config.require_every_class:
        raise DatasetError(_explain_gaps(gaps, ordered, shares, config), next_step=_ADVICE)
    return assigned


def find_gaps(labels: Sequence[str], splits: Sequence[str], config: SplitConfig) -> dict[str, list[str]]:
    """The splits of a non-zero share that each class is missing from; classes without a gap are left out."""
    wanted = [name for name, share in config.shares().items() if share > 0]
    present = set(zip(labels, splits, strict=True))
    gaps = {label: [split for split in wanted if (label, split) not in present] for label in sorted(set(labels))}
    return {label: missing for label, missing in gaps.items() if missing}


def _check_shares(config: SplitConfig) -> dict[str, float]:
    shares = config.shares()
    given = " ".join(f"split.{name}={share:g}" for name, share in shares.items())
    if any(not share >= 0 for share in shares.values()):
        raise ConfigError(f"A share of a split is negative: {given}.")
    if not math.isclose(sum(shares.values()), 100, abs_tol=1e-6):
        raise ConfigError(f"The shares of the splits sum to {sum(shares.values()):g}, not 100: {given}.")
    return {name: share for name, share in shares.items() if share > 0}


def _by_threshold(hashed: int, shares: dict[str, float]) -> str:
    reached = 0.0
    for split, share in shares.items():
        reached += share
        if hashed < reached / 100 * _HASHES:
            return split
    return next(reversed(shares))  # the last threshold may round to just below 100 percent


def _join_units(samples: Sequence[SplitItem]) -> list[str]:
    """The key of each sample's unit: its group, else its identity; groups that share an identity are one
    unit."""
    parent: dict[str, str] = {}

    def find(key: str) -> str:
        root = key
        while parent.get(root, root) != root:
            root = parent[root]
        while parent.get(key, key) != root:
            parent[key], key = root, parent[key]
        return root

    for sample in samples:
        if sample.group:
            group, identity = find(f"group {sample.group}"), find(f"identity {sample.identity}")
            # A group's name wins over identities, and the smaller name over the larger, whatever the order.
            low, high = sorted((group, identity))
            parent[high] = low
    return [find(f"group {sample.group}" if sample.group else f"identity {sample.identity}") for sample in samples]


class _Mender:
    """Moves as few units as it can until every class is in every split, as far as that is possible."""

    def __init__(self, units: Sequence[_Unit], splits: tuple[str, ...]) -> None:
        self.units = units
        self.splits = splits
        self.holders: dict[str, list[_Unit]] = {}
        self.counts: Counter[tuple[str, str]] = Counter()  # units by label and split
        for unit in units:
            for label in unit.labels:
                self.holders.setdefault(label, []).append(unit)
                self.counts[label, unit.split] += 1

    def mend(self) -> None:
        """Repeats the best move until none makes things better: each makes the gaps lighter, so this ends."""
        while moves := self._find_best_moves():
            for unit, split in moves:
                self._move(unit, split)

    def _find_best_moves(self) -> list[tuple[_Unit, str]]:
        gaps = self._gaps()
        for label, split in gaps:
            candidates = [(self._gain(unit, split), unit) for unit in self.holders[label] if unit.split != split]
            better = [(gain, unit) for gain, unit in candidates if gain > 0]
            if better:
                best = min(
                    better,
                    key=lambda one: (-one[0], one[1].size, -self.counts[label, one[1].split], one[1].hashed),
                )
                return [(best[1], split)]
        if len(self.units) <= _PAIRS_TRIED_UP_TO:
            for label, split in gaps:
                for unit in self.holders[label]:
                    second = self._find_second(unit, split) if unit.split != split else None
                    if second is not None:
                        return [(unit, split), second]
        return []

    def _find_second(self, first: _Unit, split: str) -> tuple[_Unit, str] | None:
        """A move that together with a first one makes things better."""
        home = first.split
        gain = self._gain(first, split)
        self._move(first, split)
        found = None
        for label, missing in self._gaps():
            for unit in self.holders[label]:
                if (
                    found is None
                    and unit is not first
                    and unit.split != missing
                    and gain + self._gain(unit, missing) > 0
                ):
                    found = unit, missing
        self._move(first, home)
        return found

    def _gaps(self) -> list[tuple[str, str]]:
        """Classes and the splits they are missing from: training before testing, then the rarest class
        first."""
        labels = sorted(self.holders, key=lambda label: (len(self.holders[label]), label))
        return [(label, split) for split in self.splits for label in labels if not self.counts[label, split]]

    def _gain(self, unit: _Unit, split: str) -> int:
        """By how much a move makes the gaps lighter."""
        gain = 0
        for label in unit.labels:
            gain += self._weight(split) * (self.counts[label, split] == 0)
            gain -= self._weight(unit.split) * (self.counts[label, unit.split] == 1)
        return gain

    def _weight(self, split: str) -> int:
        # Where not every gap can be closed, training without a class is the worst, then validating without
        # it.
        return 2 ** (len(self.splits) - self.splits.index(split))

    def _move(self, unit: _Unit, split: str) -> None:
        for label in unit.labels:
            self.counts[label, unit.split] -= 1
            self.counts[label, split] += 1
        unit.split = split


def _explain_gaps(
    gaps: dict[str, list[str]], units: Iterable[_Unit], shares: dict[str, float], config: SplitConfig
) -> str:
    unit_counts: Counter[str] = Counter()
    sample_counts: Counter[str] = Counter()
    for unit in units:
        sample_counts.update(unit.labels)
        unit_counts.update(unit.labels.keys())
    noun = "distinct samples" if config.group_by == "file" else f"{config.group_by}s"
    lines = []
    for label, missing in list(gaps.items())[:_CLASSES_NAMED]:
        why = "" if unit_counts[label] < len(shares) else "; other classes need the ones it has"
        numbers = f"{unit_counts[label]} {noun} ({sample_counts[label]} samples)"
        lines.append(f"  {label}: {numbers}, missing from {', '.join(missing)}{why}")
    if len(gaps) > _CLASSES_NAMED:
        lines.append(f"  and {len(gaps) - _CLASSES_NAMED} more classes")
    splits = ", ".join(shares)
    head = f"Too few samples to have every class in {splits}; each class needs at least {len(shares)} {noun}:"
    return "\n".join([head, *lines])
