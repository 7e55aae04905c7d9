from itertools import product

import numpy as np
import pytest

from graphcore.evaluation.intervals.draws import plan_draws
from graphcore.evaluation.intervals.groups import Groups
from graphcore.evaluation.intervals.interval import (
    divide,
    find_intervals,
    get_ratio,
    interval_of_means,
    interval_of_ratio,
    interval_of_share,
)

TWENTY = Groups(tuple(f"v{number}" for number in range(20)), "videos")


def test_four_groups_have_the_bounds_of_their_draws():
    # Of three 0 and one 1: no 1 in 32 % of the draws, and three or four of them in 5.1 %.
    interval = interval_of_means([0, 0, 0, 1], Groups(("a", "b", "c", "d"), "videos", "few"), 100_000)
    assert interval is not None

    assert (interval.low, interval.high) == (0, 0.75)
    assert (interval.groups, interval.unit, interval.caution) == (4, "videos", "few")


def test_four_groups_of_different_sizes_have_the_bounds_of_all_their_draws():
    parts, wholes = np.array([1.0, 4, 2, 6]), np.array([4.0, 5, 8, 9])
    figures = [parts[list(drawn)].sum() / wholes[list(drawn)].sum() for drawn in product(range(4), repeat=4)]
    interval = interval_of_ratio(parts, wholes, Groups(("a", "b", "c", "d"), "videos"), 100_000)
    assert interval is not None

    # Of all 256 draws 6.3 % come to 1 / 4, and 95.7 to 98.0 % of them to 5 / 7 or less.
    assert np.quantile(figures, [0.025, 0.975]) == pytest.approx([1 / 4, 5 / 7])
    assert (interval.low, interval.high) == pytest.approx((1 / 4, 5 / 7))


def test_draws_of_things_take_their_whole_group():
    # Subject a has three videos with 1, subjects b, c and d one with 0 each: a is never drawn in 32 % of the draws,
    # and three times or more in 5.1 %, which come to 9 of 10 or more.
    groups = Groups(("a", "a", "a", "b", "c", "d"), "subjects")
    interval = interval_of_means([1, 1, 1, 0, 0, 0], groups, 100_000)
    assert interval is not None

    assert (interval.low, interval.high, interval.groups) == (0, 0.9, 4)


def test_many_groups_have_the_interval_of_the_normal_distribution():
    random = np.random.default_rng(0)
    values = random.standard_normal(400)
    interval = interval_of_means(values, Groups(tuple(map(str, range(400))), "samples"), 4000)
    assert interval is not None
    half = 1.96 * values.std() / 20

    assert (interval.low, interval.high) == pytest.approx((values.mean() - half, values.mean() + half), abs=0.01)


def test_it_is_the_same_each_time():
    values = np.linspace(0, 1, 20)

    assert interval_of_means(values, TWENTY, 200) == interval_of_means(values, TWENTY, 200)


def test_things_without_a_value_are_left_out():
    interval = interval_of_means([0, np.nan, 0, 0, 1], Groups(tuple("abcde"), "videos"), 100_000)
    assert interval is not None

    assert (interval.groups, interval.low, interval.high) == (4, 0, 0.75)


def test_fewer_than_four_groups_or_no_draws_have_no_interval():
    assert interval_of_means([0.2, 0.8], Groups(("a", "a"), "videos"), 1000) is None
    assert interval_of_means([0.2, 0.5, 0.8], Groups(tuple("abc"), "videos"), 1000) is None
    assert interval_of_means([0.2, 0.5, 0.8, np.nan], Groups(tuple("abcd"), "videos"), 1000) is None
    assert interval_of_means([0.2, 0.5, 0.8, 1], Groups(tuple("abcd"), "videos"), 0) is None
    assert interval_of_means([], Groups((), "videos"), 1000) is None


def test_groups_that_are_all_alike_are_told():
    interval = interval_of_means([1.0] * 4, Groups(tuple("abcd"), "videos", "4 videos are few."), 100)
    assert interval is not None

    assert (interval.low, interval.high) == (1, 1)
    assert interval.caution == "4 videos are few. All videos are alike in it, which says little of others."


def test_a_figure_that_most_draws_lack_has_no_interval():
    draws = plan_draws(TWENTY, 100)
    assert draws is not None
    rare = np.zeros(20)
    rare[0] = 1

    def measure(weights):
        return {"rare": np.where(np.arange(len(weights)) % 4, np.nan, 0.5)}

    assert list(find_intervals(draws, [measure, get_ratio("known", rare, np.ones(20))])) == ["known"]


def test_a_share_of_samples_that_stand_alone_has_wilsons_interval():
    # 8 of 10: 0.490 to 0.943, as tables of the Wilson score interval have it.
    groups = Groups(tuple(map(str, range(10))), "samples")
    interval = interval_of_share(np.arange(10) < 8, groups)

    assert (interval.low, interval.high) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert (interval.groups, interval.unit) == (10, "samples")


def test_nothing_divided_is_not_a_number():
    np.testing.assert_array_equal(divide(np.array([1, 0]), np.array([2, 0])), [0.5, np.nan])
    assert divide(np.array([0]), np.array([0]), 0.0).tolist() == [0]
