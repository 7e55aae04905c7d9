"""Deals units so that every class is divided as asked, by samples or by seconds: split.stratify_by.

Units with the rarest class go first, the heaviest of them before the lighter; each goes where it brings the classes'
shares closest to those asked. A few passes then move or exchange single units where that helps.

Source: after Sechidis, Tsoumakas and Vlahavas 2011, "On the stratification of multi-label data", for units of many
samples.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

from graphcore.splits.balance import Balance
from graphcore.splits.unit import Unit

_PASSES = 10
_MOVED_UP_TO = 2_000
"""Units among which moves are tried once all are dealt; many small ones come out even at once."""

_EXCHANGED_UP_TO = 60
"""Units among which all pairs are tried: thousands of them. Few large units are where it matters."""

_LEAST_GAIN = 1e-9


def stratify(units: Sequence[Unit], shares: Mapping[str, float]) -> None:
    """Places the units that have a choice, counting those that have none.

    No place stays empty while a unit that may go there can be spared.

    Args:
        units: all of them, in order of hash.
        shares: what each place is to hold of every class and of everything, in any scale.
    """
    balance = Balance(units, shares)
    for unit in units:
        if unit.is_fixed:
            balance.add(unit, unit.place)
    ordered = sorted((unit for unit in units if not unit.is_fixed), key=balance.urgency)
    _deal(ordered, balance)
    if len(ordered) <= _MOVED_UP_TO:
        _improve(ordered, balance)


def _deal(units: Sequence[Unit], balance: Balance) -> None:
    empty = int((balance.held == 0).sum())
    for number, unit in enumerate(units):
        place = balance.find_best(unit, only_empty=len(units) - number <= empty)  # the last few fill what is empty
        balance.add(unit, place)
        empty -= not balance.is_spare(unit)


def _improve(units: Sequence[Unit], balance: Balance) -> None:
    for _ in range(_PASSES):
        changed = sum(_move(unit, balance) for unit in units)
        if len(units) <= _EXCHANGED_UP_TO:
            changed += sum(_exchange(one, other, balance) for one, other in itertools.combinations(units, 2))
        if not changed:
            return


def _move(unit: Unit, balance: Balance) -> bool:
    home = unit.place
    if not balance.is_spare(unit):
        return False
    before = balance.total()
    balance.remove(unit)
    balance.add(unit, balance.find_best(unit))
    if before - balance.total() > _LEAST_GAIN:
        return True
    balance.remove(unit)
    balance.add(unit, home)
    return False


def _exchange(one: Unit, other: Unit, balance: Balance) -> bool:
    if one.place == other.place or other.place not in one.allowed or one.place not in other.allowed:
        return False
    before = balance.total()
    balance.exchange(one, other)
    if before - balance.total() > _LEAST_GAIN:
        return True
    balance.exchange(one, other)
    return False
