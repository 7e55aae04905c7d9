"""Units: what is dealt to splits or folds as a whole, with the classes it brings along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphcore.splits.item import SplitItem, list_labels
from graphcore.splits.join import Joined
from graphcore.splits.parties import Parties, Party

_Alike = dict[tuple[tuple[str, ...], int], tuple[dict[str, int], int]]

WEIGHT_STEPS = 1_000_000
"""Weights are summed as whole millionths: sums of floats would depend on the order of the inputs."""


@dataclass(slots=True)
class Unit:
    """Samples that stay together, in one place.

    Attributes:
        party: the first of its parties by name; decides its hash.
        hashed: 64 bits, what it is ordered and placed by.
        allowed: the splits or folds it may go to; a single one where it was given, listed or placed earlier.
        place: the split or fold it is in; empty until it is placed.
        labels: weight by class, in millionths; shared between units that are alike, so not to be changed in place.
        weight: of all its samples, in millionths.
        size: number of samples.
    """

    party: Party
    hashed: int
    allowed: tuple[str, ...]
    place: str
    labels: dict[str, int]
    weight: int = 0
    size: int = 0

    @property
    def is_fixed(self) -> bool:
        """Whether it has no choice."""
        return len(self.allowed) == 1


def gather_units(samples: Sequence[SplitItem], parties: Parties, joined: Joined) -> dict[int, Unit]:
    """Units by the index of the party that stands for them, in order of hash; those without a choice are placed."""
    units: dict[int, Unit] = {}
    none: dict[str, int] = {}
    for hashed, party, root in sorted((parties.names[root].hashed, parties.names[root], root) for root in joined.allowed):
        allowed = joined.allowed[root]
        units[root] = Unit(party, hashed, allowed, allowed[0] if len(allowed) == 1 else "", none)
    alike: _Alike = {}
    for sample, number in zip(samples, parties.of_sample, strict=True):
        _add(units[joined.roots[number]], list_labels(sample.label), round(sample.weight * WEIGHT_STEPS), alike)
    return units


def _add(unit: Unit, labels: tuple[str, ...], weight: int, alike: _Alike) -> None:
    # Most units of photos are a single sample: they share one dict per class, and one weight.
    if not unit.size:
        unit.labels, unit.weight = alike.setdefault((labels, weight), (dict.fromkeys(labels, weight), weight))
    else:
        if unit.size == 1:
            unit.labels = dict(unit.labels)
        for label in set(labels):
            unit.labels[label] = unit.labels.get(label, 0) + weight
        unit.weight += weight
    unit.size += 1
