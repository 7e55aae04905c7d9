from functools import cache
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.evaluation.videos.edit import edit_score, measure_distance

SEQUENCES = st.lists(st.integers(0, 3), max_size=12)
FRAMES = st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 3)), max_size=30)


def score(true, predicted, outside=0):
    return edit_score(np.array(true, np.int64), np.array(predicted, np.int64), outside)


def recurse(one, other):
    """Levenshtein distance from its definition."""

    @cache
    def distance(n, m):
        if not n or not m:
            return n + m
        return min(
            distance(n - 1, m) + 1, distance(n, m - 1) + 1, distance(n - 1, m - 1) + (one[n - 1] != other[m - 1])
        )  # fmt: skip

    return distance(len(one), len(other))


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [("kitten", "sitting", 3), ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("ab", "ba", 2), ("abcd", "bcd", 1)],
)
def test_distance(one, other, distance):
    assert measure_distance(*(np.array([ord(letter) for letter in word]) for word in (one, other))) == distance


def test_a_segment_split_in_two_costs_two_insertions():
    # True 1; predicted 1, 2, 1: distance 2, longer 3.
    assert score([1, 1, 1, 1, 1], [1, 1, 2, 1, 1]) == pytest.approx((1 - 2 / 3) * 100)


def test_how_long_a_segment_takes_does_not_count():
    assert score([1, 1, 1, 1, 2], [1, 2, 2, 2, 2]) == 100


def test_background_is_left_out_after_runs_were_found():
    # True 1, 2; predicted 1, 1 (background between), 2: one insertion of three.
    assert score([1, 1, 1, 2], [1, 0, 1, 2]) == pytest.approx((1 - 1 / 3) * 100)


def test_without_a_background_every_label_is_a_segment():
    assert score([0, 0, 1], [1, 1, 1], outside=None) == pytest.approx(50)


def test_frames_called_nothing_are_no_segment():
    assert score([1, 2, 2], [1, -1, 2]) == 100
    assert score([1, 2, 2], [1, -1, 2], outside=None) == 100


def test_nothing_but_background_in_both_is_perfect():
    assert score([0, 0], [0, 0]) == 100


def test_segments_where_there_are_none_score_0():
    assert score([0, 0], [0, 1]) == 0
    assert score([0, 1], [0, 0]) == 0


def test_one_frame():
    assert score([1], [1]) == 100
    assert score([1], [2]) == 0


def test_no_frames():
    assert score([], []) == 100


@given(SEQUENCES, SEQUENCES)
def test_distance_is_that_of_the_recursion(one, other):
    assert measure_distance(np.array(one, np.int64), np.array(other, np.int64)) == recurse(tuple(one), tuple(other))


@given(FRAMES)
def test_score_is_that_of_the_definition(frames):
    true, predicted = (
        tuple(label for label, _ in groupby(frame[place] for frame in frames) if label > 0) for place in (0, 1)
    )
    expected = 100 * (1 - recurse(true, predicted) / max(len(true), len(predicted))) if true or predicted else 100
    assert score([frame[0] for frame in frames], [frame[1] for frame in frames]) == pytest.approx(expected)


@given(FRAMES, st.permutations([1, 2, 3]))
def test_score_does_not_know_names_nor_who_is_right(frames, names):
    true, predicted = [frame[0] for frame in frames], [frame[1] for frame in frames]
    names = {-1: -1, 0: 0, **dict(zip([1, 2, 3], names, strict=True))}
    assert score([names[label] for label in true], [names[label] for label in predicted]) == score(true, predicted)
    assert score(predicted, true) == score(true, predicted)
