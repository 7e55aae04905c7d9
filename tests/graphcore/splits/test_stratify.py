import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcore.splits.balance import Balance
from graphcore.splits.stratify import stratify
from graphcore.splits.unit import Unit

SHARES = {"train": 60.0, "validation": 20.0, "test": 20.0}
ALL = tuple(SHARES)


def unit(number, labels, allowed=ALL, place=""):
    return Unit(number, allowed, place, labels, sum(labels.values()), 1)


def share(units, label, place):
    whole = sum(one.labels.get(label, 0) for one in units)
    return sum(one.labels.get(label, 0) for one in units if one.place == place) / whole


def test_single_samples_come_out_exact():
    units = [unit(n, {"ab"[n % 2]: 1}) for n in range(100)]
    stratify(units, SHARES)
    assert {(label, place): share(units, label, place) for label in "ab" for place in ALL} == {
        (label, place): SHARES[place] / 100 for label in "ab" for place in ALL
    }


def test_heavy_and_light_units_are_made_to_match():
    units = [unit(n, {"a": weight}) for n, weight in enumerate([6, 3, 3, 2, 2, 2, 1, 1])]
    stratify(units, SHARES)
    assert [share(units, "a", place) for place in ALL] == [0.6, 0.2, 0.2]


def test_units_that_are_fixed_stay_and_are_counted():
    units = [unit(n, {"a": 1}, ("test",), "test") for n in range(4)] + [unit(n, {"a": 1}) for n in range(4, 20)]
    stratify(units, SHARES)
    assert [one.place for one in units[:4]] == ["test"] * 4
    assert Counter(one.place for one in units) == {"train": 12, "validation": 4, "test": 4}


def test_where_one_split_is_closed_the_others_keep_their_proportion():
    fixed = [unit(n, {"a": 1}, ("test",), "test") for n in range(40)]
    free = [unit(n, {"a": 1}, ("train", "validation")) for n in range(40, 80)]
    stratify(fixed + free, SHARES)
    assert Counter(one.place for one in free) == {"train": 30, "validation": 10}


@pytest.mark.parametrize("weights", [[5, 5, 5], [9, 1, 1], [1, 1, 1, 1]])
def test_no_place_stays_empty_while_a_unit_can_be_spared(weights):
    units = [unit(n, {"a": weight}) for n, weight in enumerate(weights)]
    stratify(units, SHARES)
    assert {one.place for one in units} == set(ALL)


def test_a_single_unit_trains():
    units = [unit(0, {"a": 5})]
    stratify(units, SHARES)
    assert units[0].place == "train"


def test_several_classes_of_a_sample_are_all_evened_out():
    pairs = list(itertools.combinations("abcde", 2))
    units = [unit(n, dict.fromkeys(pairs[n % len(pairs)], 1)) for n in range(500)]
    stratify(units, SHARES)
    for label, place in itertools.product("abcde", ALL):
        assert share(units, label, place) == pytest.approx(SHARES[place] / 100, abs=0.02)


def search_best(units):
    """The least imbalance of all divisions that leave no place empty."""
    found = []
    for places in itertools.product(ALL, repeat=len(units)):
        if set(places) == set(ALL):
            balance = Balance(units, SHARES)
            for one, place in zip(units, places, strict=True):
                balance.add(one, place)
            found.append(balance.total())
    return min(found)


WEIGHTS = st.lists(st.fixed_dictionaries({"a": st.integers(1, 9), "b": st.integers(1, 9)}), min_size=3, max_size=5)


@settings(deadline=None, max_examples=25)
@given(WEIGHTS)
def test_few_groups_come_near_the_best_of_all_divisions(weights):
    units = [unit(n, labels) for n, labels in enumerate(weights)]
    best = search_best(units)
    stratify(units, SHARES)
    balance = Balance(units, SHARES)
    for one in units:
        balance.add(one, one.place)
    # One unit after the other is no search: of 4 000 random draws the worst was 1.5 times the best and 0.16.
    assert balance.total() <= 2 * best + 0.3


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 10)), min_size=1, max_size=120))
def test_the_shares_of_every_class_are_within_one_unit_of_those_asked(drawn):
    units = [unit(n, {label: weight}) for n, (label, weight) in enumerate(drawn)]
    stratify(units, SHARES)
    for label in {label for label, _ in drawn}:
        weights = [weight for one, weight in drawn if one == label]
        for place, asked in SHARES.items():
            assert abs(share(units, label, place) * sum(weights) - asked / 100 * sum(weights)) <= 2 * max(weights)
