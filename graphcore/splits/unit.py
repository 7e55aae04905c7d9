"""Units: what is dealt to splits or folds as a whole, with the classes it brings along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphcore.splits.item import SplitItem, list_labels
from graphcore.splits.join import Joined
from graphcore.splits.parties import IDENTITY, Parties, Party

_Alike = dict[tuple[tuple[str, ...], int], tuple[dict[str, int], int]]

WEIGHT_STEPS = 1_000_000
"""Weights are summed as whole millionths: sums of floats would depend on the order of the inputs."""


@dataclass(slots=True)
class Unit:
    """Samples that stay together, in one place.

    Attributes:
        party: the first of its parties by name; decides its hash.
        allowed: the splits or folds it may go to; a single one where it was given, listed or placed earlier.
        place: the split or fold it is in; empty until it is placed.
        labels: weight by class, in millionths; shared between units that are alike, so not to be changed in place.
        weight: of all its samples, in millionths.
        size: number of samples.
    """

    party: Party
    allowed: tuple[str, ...]
    place: str
    labels: dict[str, int]
    weight: int = 0
    size: int = 0

    @property
    def hashed(self) -> int:
        """64 bits, what it is ordered and placed by; as a field it would be the largest of them."""
        return self.party.hashed

    @property
    def is_fixed(self) -> bool:
        """Whether it has no choice."""
        return len(self.allowed) == 1


def gather_units(samples: Sequence[SplitItem], parties: Parties, joined: Joined) -> tuple[list[Unit], list[Unit]]:
    """Makes the units; those without a choice are placed.

    Returns:
        All units in order of hash, and the unit of each party.
    """
    # Lists and no dicts, and of each unit only what is still needed: there may be as many as pictures.
    waiting = [(parties.names[i].hashed, parties.names[i], i) for i, root in enumerate(joined.roots) if i == root]
    waiting.sort(reverse=True)
    none: dict[str, int] = {}
    units: list[Unit] = []
    of_party = [Unit(Party(IDENTITY, ""), (), "", none)] * len(joined.roots)
    while waiting:
        _, party, root = waiting.pop()
        allowed = joined.allowed[root]
        of_party[root] = Unit(party, allowed, allowed[0] if len(allowed) == 1 else "", none)
        units.append(of_party[root])
    of_party = [of_party[root] for root in joined.roots]
    alike: _Alike = {}
    for sample, number in zip(samples, parties.of_sample, strict=True):
        _add(of_party[number], list_labels(sample.label), round(sample.weight * WEIGHT_STEPS), alike)
    return units, of_party


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
