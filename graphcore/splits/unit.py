"""Units: what is dealt to splits or folds as a whole, with the classes it brings along."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from graphcore.splits.item import SplitItem, list_labels
from graphcore.splits.join import Joined
from graphcore.splits.parties import Parties

_Alike = dict[tuple[tuple[str, ...], int], tuple[dict[str, int], int]]

WEIGHT_STEPS = 1_000_000
"""Weights are summed as whole millionths: sums of floats would depend on the order of the inputs."""


@dataclass(slots=True)
class Unit:
    """Samples that stay together, in one place.

    Attributes:
        hashed: 64 bits, what it is ordered and placed by: of the first of its parties by name.
        allowed: the splits or folds it may go to; a single one where it was given, listed or placed earlier.
        place: the split or fold it is in; empty until it is placed.
        labels: weight by class, in millionths; shared between units that are alike, so not to be changed in place.
        weight: of all its samples, in millionths.
        size: number of samples.
    """

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


def gather_units(samples: Sequence[SplitItem], parties: Parties, joined: Joined) -> tuple[list[Unit], list[Unit]]:
    """Makes the units; those without a choice are placed.

    Returns:
        All units in order of hash, and the unit of each party.
    """
    none: dict[str, int] = {}
    units: list[Unit] = []
    of_party = [Unit(0, (), "", none)] * len(joined.roots)
    for hashed, root in _order_roots(parties, joined):
        allowed = joined.allowed[root]
        of_party[root] = Unit(hashed, allowed, allowed[0] if len(allowed) == 1 else "", none)
        units.append(of_party[root])
    of_party = [of_party[root] for root in joined.roots]
    alike: _Alike = {}
    for sample, number in zip(samples, parties.of_sample, strict=True):
        _add(of_party[number], list_labels(sample.label), round(sample.weight * WEIGHT_STEPS), alike)
    return units, of_party


def _order_roots(parties: Parties, joined: Joined) -> Iterator[tuple[int, int]]:
    """Hash and index of each party that stands for a unit, in order of hash.

    Those of one hash, such as copies in several given splits, come by name.
    """
    # Arrays, for there may be as many units as pictures.
    roots = array("q", (number for number, root in enumerate(joined.roots) if number == root))
    hashes = array("Q", (parties.hashes[root] for root in roots))
    order = map(int, np.argsort(np.asarray(hashes)))
    for hashed, several in itertools.groupby(order, hashes.__getitem__):
        alike = [roots[index] for index in several]
        for root in alike if len(alike) == 1 else sorted(alike, key=parties.names.__getitem__):
            yield hashed, root


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
