import numpy as np
import pytest

from graphcore.comparison.swaps import is_enumerated, iterate_swaps


def test_of_every_way_the_half_is_tried_in_which_the_last_group_stays():
    (found,) = iterate_swaps(3, resamples=5)
    assert found.tolist() == [
        [False, False, False],
        [True, False, False],
        [False, True, False],
        [True, True, False],
    ]


def test_a_single_group_can_only_stay():
    (found,) = iterate_swaps(1, resamples=5)
    assert found.tolist() == [[False]]


def test_sixteen_groups_are_enumerated_and_seventeen_are_not():
    assert is_enumerated(16)
    assert not is_enumerated(17)
    every = np.concatenate(list(iterate_swaps(16, resamples=5)))
    assert every.shape == (2**15, 16)
    assert len(np.unique(every, axis=0)) == 2**15


@pytest.mark.parametrize("resamples", [1, 3000])
def test_of_many_groups_as_many_swaps_are_drawn_as_asked_for(resamples):
    found = np.concatenate(list(iterate_swaps(17, resamples)))
    assert found.shape == (resamples, 17)
    assert found.dtype == bool


def test_random_swaps_are_the_same_each_time_and_even():
    first, again = (np.concatenate(list(iterate_swaps(40, 2000, seed=3))) for _ in range(2))
    assert (first == again).all()
    assert first.mean() == pytest.approx(0.5, abs=0.01)  # 80 000 coins: 0.01 are 5.7 standard deviations
    assert len(np.unique(first, axis=0)) == 2000
