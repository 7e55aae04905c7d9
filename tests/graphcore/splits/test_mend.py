from collections import Counter

import pytest

from graphcore.splits.mend import mend
from graphcore.splits.unit import Unit

ALL = ("train", "validation", "test")


def unit(number, labels, place, allowed=ALL, size=1):
    return Unit(number, allowed, place, dict.fromkeys(labels, 1), size, size)


def places(units):
    return "".join(one.place[0] for one in units)


def test_a_gap_is_closed_by_the_smallest_unit():
    units = [unit(0, "a", "train", size=5), unit(1, "a", "train", size=2), unit(2, "a", "train", size=9)]
    mend(units, ("train", "validation"))
    assert places(units) == "tvt"


def test_nothing_moves_without_a_gap():
    units = [unit(0, "a", "train"), unit(1, "a", "validation"), unit(2, "a", "test"), unit(3, "a", "test")]
    mend(units, ALL)
    assert [one.place for one in units] == ["train", "validation", "test", "test"]


def test_two_moves_at_once_are_found_where_one_is_not_enough():
    # Three splits, five units: only one of each class alone and the one of both can make three of each.
    units = [unit(n, labels, "train") for n, labels in enumerate(["a", "b", "a", "b", "ab"])]
    mend(units, ALL)
    present = Counter((label, one.place) for one in units for label in one.labels)
    assert all(present[label, split] for label in "ab" for split in ALL)


def test_training_comes_first_where_not_all_gaps_can_be_closed():
    units = [unit(0, "a", "test")]
    mend(units, ALL)
    assert units[0].place == "train"


@pytest.mark.parametrize("allowed", [("train",), ("train", "validation")])
def test_units_go_only_where_they_may(allowed):
    units = [unit(n, "a", "train", allowed) for n in range(4)]
    mend(units, ALL)
    assert {one.place for one in units} == set(allowed)


def test_fixed_units_count_for_the_classes_they_have():
    units = [unit(0, "a", "test", ("test",)), unit(1, "a", "train"), unit(2, "a", "train")]
    mend(units, ALL)
    assert Counter(one.place for one in units) == Counter(ALL)
