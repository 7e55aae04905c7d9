import pytest

from graphcore.splits.balance import Balance
from graphcore.splits.unit import Unit

HALVES = {"train": 1.0, "test": 1.0}


def unit(number, labels, allowed=("train", "test")):
    return Unit(number, allowed, "", labels, sum(labels.values()), 1)


def test_what_is_divided_as_asked_is_in_balance():
    units = [unit(n, {"a": 2, "b": 5}) for n in range(4)]
    balance = Balance(units, HALVES)
    for number, one in enumerate(units):
        balance.add(one, ("train", "test")[number % 2])
    assert balance.total() == 0


def test_the_balance_is_the_squared_excess_over_the_share():
    one, other = unit(0, {"a": 3}), unit(1, {"a": 1})
    balance = Balance([one, other], {"train": 3, "test": 1})
    balance.add(one, "test")
    balance.add(other, "train")
    # Class a, and everything: train has 1/4 of 3/4, test 3/4 of 1/4.
    assert balance.total() == pytest.approx(2 * (0.25 / 0.75 + 0.25 / 0.25))


def test_a_heavy_unit_goes_to_the_large_split_and_a_light_one_where_room_is_left():
    heavy, light = unit(0, {"a": 8}), unit(1, {"a": 2})
    balance = Balance([heavy, light], {"train": 80, "test": 20})
    assert balance.find_best(heavy) == "train"
    balance.add(heavy, "train")
    assert balance.find_best(light) == "test"


def test_the_best_is_one_that_is_allowed_and_empty_where_asked():
    units = [unit(0, {"a": 1}), unit(1, {"a": 1}, ("test",)), unit(2, {"b": 1})]
    balance = Balance(units, {"train": 98, "test": 2})
    assert balance.find_best(units[1]) == "test"
    balance.add(units[0], "train")
    assert balance.find_best(units[2]) == "train"
    assert balance.find_best(units[2], only_empty=True) == "test"


def test_of_equals_the_one_with_fewer_units_is_taken():
    units = [unit(n, {}) for n in range(2)]
    balance = Balance(units, HALVES)
    balance.add(units[0], "train")
    assert balance.find_best(units[1]) == "test"


def test_the_rarest_class_is_the_most_urgent_and_the_heavier_unit_of_a_class():
    units = [unit(0, {"a": 1}), unit(1, {"a": 9}), unit(2, {"a": 9, "b": 1})]
    assert [one.hashed for one in sorted(units, key=Balance(units, HALVES).urgency)] == [2, 1, 0]


def test_removed_and_exchanged_units_leave_nothing_behind():
    units = [unit(n, {"a": n + 1}) for n in range(3)]
    balance = Balance(units, HALVES)
    for one, place in zip(units, ("train", "test", "test"), strict=True):
        balance.add(one, place)
    before = balance.total()
    balance.exchange(units[0], units[1])
    assert (units[0].place, units[1].place) == ("test", "train")
    balance.exchange(units[0], units[1])
    assert balance.total() == before
    assert not balance.is_spare(units[0])
    assert balance.is_spare(units[1])
    balance.remove(units[1])
    assert list(balance.held) == [1, 1]


def test_classes_without_weight_are_no_trouble():
    units = [unit(n, {"a": 0}) for n in range(3)]
    balance = Balance(units, HALVES)
    balance.add(units[0], balance.find_best(units[0]))
    assert balance.total() == pytest.approx(2)  # nothing is held of what weighs nothing: 2 columns, 2 places of 1/2
