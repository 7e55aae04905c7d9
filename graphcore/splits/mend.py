"""Moves as few units as it can until every class is in every split, as far as that is possible."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from graphcore.splits.unit import Unit

_PAIRS_TRIED_UP_TO = 200
"""Units among which moves of two at once are tried; beyond, single moves have always sufficed in practice."""


def mend(units: Sequence[Unit], splits: tuple[str, ...]) -> None:
    """Repeats the best move until none makes things better: each makes the gaps lighter, so this ends.

    Args:
        units: all placed, in order of hash; only those with a choice are moved, and only to where they may go.
        splits: train first; where not every gap can be closed, an earlier split matters more.
    """
    _Mender(units, splits).mend()


class _Mender:
    def __init__(self, units: Sequence[Unit], splits: tuple[str, ...]) -> None:
        self.splits = splits
        self.movable = [unit for unit in units if not unit.is_fixed]
        self.holders: dict[str, list[Unit]] = {}  # the movable ones
        self.counts: Counter[tuple[str, str]] = Counter()  # units by label and split
        for unit in units:
            for label in unit.labels:
                self.counts[label, unit.place] += 1
                if not unit.is_fixed:
                    self.holders.setdefault(label, []).append(unit)

    def mend(self) -> None:
        while moves := self._find_best_moves():
            for unit, split in moves:
                self._move(unit, split)

    def _find_best_moves(self) -> list[tuple[Unit, str]]:
        gaps = self._gaps()
        for label, split in gaps:
            gains = [(self._gain(unit, split), unit) for unit in self._find_candidates(label, split)]
            better = [(gain, unit) for gain, unit in gains if gain > 0]
            if better:
                best = min(
                    better,
                    key=lambda one: (-one[0], one[1].size, -self.counts[label, one[1].place], one[1].hashed),
                )
                return [(best[1], split)]
        return self._find_pair(gaps) if len(self.movable) <= _PAIRS_TRIED_UP_TO else []

    def _find_candidates(self, label: str, split: str) -> list[Unit]:
        return [unit for unit in self.holders[label] if unit.place != split and split in unit.allowed]

    def _find_pair(self, gaps: Sequence[tuple[str, str]]) -> list[tuple[Unit, str]]:
        for label, split in gaps:
            for unit in self._find_candidates(label, split):
                second = self._find_second(unit, split)
                if second is not None:
                    return [(unit, split), second]
        return []

    def _find_second(self, first: Unit, split: str) -> tuple[Unit, str] | None:
        """A move that together with a first one makes things better."""
        home = first.place
        gain = self._gain(first, split)
        self._move(first, split)
        seconds = (
            (unit, missing)
            for label, missing in self._gaps()
            for unit in self._find_candidates(label, missing)
            if unit is not first and gain + self._gain(unit, missing) > 0
        )
        found = next(seconds, None)
        self._move(first, home)
        return found

    def _gaps(self) -> list[tuple[str, str]]:
        """Classes and the splits they are missing from: training before testing, then the rarest class first."""
        labels = sorted(self.holders, key=lambda label: (len(self.holders[label]), label))
        return [(label, split) for split in self.splits for label in labels if not self.counts[label, split]]

    def _gain(self, unit: Unit, split: str) -> int:
        """By how much a move makes the gaps lighter."""
        gain = 0
        for label in unit.labels:
            gain += self._weigh(split) * (self.counts[label, split] == 0)
            gain -= self._weigh(unit.place) * (self.counts[label, unit.place] == 1)
        return gain

    def _weigh(self, split: str) -> int:
        # Where not every gap can be closed, training without a class is the worst, then validating without it.
        return 2 ** (len(self.splits) - self.splits.index(split))

    def _move(self, unit: Unit, split: str) -> None:
        for label in unit.labels:
            self.counts[label, unit.place] -= 1
            self.counts[label, split] += 1
        unit.place = split
