"""How far the places are from holding what they are asked to hold of every class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from graphcore.splits.unit import Unit


class Balance:
    """What each place holds of every class, against what it is to hold.

    Attributes:
        places: names of the rows.
        held: number of units in each place, int64 [places].
    """

    def __init__(self, units: Sequence[Unit], shares: Mapping[str, float]) -> None:
        """Makes a balance of places that hold nothing yet.

        Args:
            units: all that are to be placed.
            shares: what each place is to hold, in any scale.
        """
        self.places = tuple(shares)
        self.held = np.zeros(len(shares), np.int64)
        self._row_of = {place: row for row, place in enumerate(shares)}
        self._rows: dict[tuple[str, ...], np.ndarray] = {}
        self._asked = np.array(list(shares.values()), np.float64)
        self._asked /= self._asked.sum()
        labels = sorted({label for unit in units for label in unit.labels})
        self._columns = {label: column for column, label in enumerate(labels, start=1)}  # column 0 is everything
        totals = [0] * (len(labels) + 1)
        for unit in units:
            for column, weight in zip(*self._measure(unit), strict=True):
                totals[column] += weight
        self._totals = totals
        self._whole = np.maximum(totals, 1)  # what weighs nothing is divided by one, not by zero
        self._now = np.zeros((len(shares), len(totals)), np.int64)

    def urgency(self, unit: Unit) -> tuple[int, int, int, int]:
        """What to sort by: the unit's rarest class, then how much it has of it, most first; then its hash."""
        columns, weights = self._measure(unit)
        rarest = min((self._totals[column], column, -weight) for column, weight in zip(columns, weights, strict=True))
        return *rarest, unit.hashed

    def find_best(self, unit: Unit, only_empty: bool = False) -> str:
        """The place that suffers least from a unit; of equals the one with the fewest units, then the first.

        A place's balance is the squared difference between the share of each class that it holds and the one asked,
        over the share asked: a small split suffers more from the same excess.

        Args:
            unit: not placed.
            only_empty: choose among places without units, if there are any it may go to.
        """
        rows = self._find_rows(unit.allowed)
        if only_empty and not self.held[rows].all():
            rows = rows[self.held[rows] == 0]
        costs = self._cost(unit, rows).round(9)  # machines may differ in the last digits of a sum
        least = rows[costs == costs.min()]
        return self.places[least[self.held[least].argmin()]]

    def is_spare(self, unit: Unit) -> bool:
        """Whether the unit's place has others."""
        return bool(self.held[self._row_of[unit.place]] > 1)

    def total(self) -> float:
        """The balance of all places together, 0 at best."""
        return float((((self._now / self._whole - self._asked[:, None]) ** 2).sum(axis=1) / self._asked).sum())

    def add(self, unit: Unit, place: str) -> None:
        """Places a unit."""
        self._change(unit, place, 1)
        unit.place = place

    def remove(self, unit: Unit) -> None:
        """Takes a unit from its place."""
        self._change(unit, unit.place, -1)

    def exchange(self, one: Unit, other: Unit) -> None:
        """Puts two units in one another's places."""
        here, there = one.place, other.place
        self.remove(one)
        self.remove(other)
        self.add(one, there)
        self.add(other, here)

    def _find_rows(self, places: tuple[str, ...]) -> np.ndarray:
        if places not in self._rows:
            self._rows[places] = np.array([self._row_of[place] for place in places])
        return self._rows[places]

    def _cost(self, unit: Unit, rows: np.ndarray) -> np.ndarray:
        columns, weights = self._measure(unit)
        whole, asked = self._whole[columns], self._asked[rows]
        parts = np.array(weights) / whole
        excess = self._now[rows][:, columns] / whole - asked[:, None]
        return ((2 * excess + parts) * parts).sum(axis=1) / asked

    def _measure(self, unit: Unit) -> tuple[list[int], list[int]]:
        labels = sorted(unit.labels)
        return [0, *(self._columns[label] for label in labels)], [unit.weight, *(unit.labels[one] for one in labels)]

    def _change(self, unit: Unit, place: str, sign: int) -> None:
        row = self._row_of[place]
        for column, weight in zip(*self._measure(unit), strict=True):
            self._now[row, column] += sign * weight
        self.held[row] += sign
