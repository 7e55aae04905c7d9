"""Parties that hold copies of one another's samples become one unit, where their splits allow it."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from graphcore.splits.parties import Parties, Party


@dataclass(frozen=True)
class Joined:
    """Which parties are one unit.

    Attributes:
        roots: for each party, the index of the party that stands for its unit: the first by name.
        allowed: for each root, by its index, the places its unit may go to; of other parties it means nothing.
        refused: pairs of parties that share an identity and may not go to the same place.
    """

    roots: Sequence[int]
    allowed: Sequence[tuple[str, ...]]
    refused: list[tuple[int, int]]


class _Forest:
    def __init__(self, names: Sequence[Party], allowed: Sequence[tuple[str, ...]]) -> None:
        self.names = names
        self.parent = array("q", range(len(names)))
        self.allowed = list(allowed)

    def find(self, number: int) -> int:
        root = number
        while self.parent[root] != root:
            root = self.parent[root]
        while self.parent[number] != root:
            self.parent[number], number = root, self.parent[number]
        return root

    def join(self, one: int, other: int) -> bool:
        """Makes two units one, unless no place is open to both."""
        one, other = self.find(one), self.find(other)
        both = tuple(place for place in self.allowed[one] if place in self.allowed[other])
        if not both:
            return False
        first, second = (one, other) if self.names[one] <= self.names[other] else (other, one)
        self.parent[second] = first
        self.allowed[first] = both
        return True


def join_parties(parties: Parties, allowed: Sequence[tuple[str, ...]]) -> Joined:
    """Joins parties that share an identity.

    Two that must be in different places (given, or remembered from an earlier conversion) are left apart, since
    joining them would move one; the audit reports their copies. A third that shares with both then joins the
    first by name that it can.

    Args:
        parties: all of them, with what they share.
        allowed: for each party, the places it may go to.
    """
    forest = _Forest(parties.names, allowed)
    refused: list[tuple[int, int]] = []
    for holders in parties.shared:
        apart: list[int] = []
        for number in holders:
            if not any(forest.join(other, number) for other in apart):
                refused += [(other, number) for other in apart]
                apart.append(number)
    roots = array("q", map(forest.find, range(len(parties.names))))
    return Joined(roots, forest.allowed, refused)
