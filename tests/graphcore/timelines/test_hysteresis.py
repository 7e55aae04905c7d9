import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from graphcore.timelines.hysteresis import hold, hold_labels


def two(knot):
    """Scores of "knot" and the outside class."""
    knot = np.array(knot, np.float64)
    return np.stack([knot, 1 - knot], axis=1)


@pytest.mark.parametrize(
    ("knot", "expected"),
    [
        ([0.1, 0.6, 0.8, 0.6, 0.4, 0.2, 0.6], [1, 1, 0, 0, 0, 1, 1]),
        ([0.9, 0.3, 0.3], [0, 0, 0]),
        ([0.6, 0.6, 0.6], [1, 1, 1]),
        ([0.7, 0.29, 0.7], [0, 1, 0]),
    ],
    ids=["enters late and leaves late", "at leave it stays", "never high enough", "a moment below leave ends it"],
)
def test_a_segment_begins_at_enter_and_ends_below_leave(knot, expected):
    assert hold_labels(two(knot), 0.7, 0.3, outside=1).tolist() == expected


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ([0.40, 0.55, 0.05], 0),  # more than the one that is held, but less than enter
        ([0.20, 0.75, 0.05], 1),  # enough to take over
        ([0.10, 0.10, 0.80], 2),  # below leave, and nothing enters
        ([0.35, 0.00, 0.65], 0),  # outside every segment is nothing that takes over
    ],
)
def test_another_class_takes_over_only_where_it_may_enter(second, expected):
    scores = np.array([[0.9, 0.05, 0.05], second])

    assert hold_labels(scores, 0.7, 0.3, outside=2).tolist() == [0, expected]


def test_without_an_outside_class_the_best_is_taken_where_nothing_is_held():
    scores = np.array([[0.4, 0.6], [0.45, 0.55], [0.55, 0.45], [0.65, 0.35], [0.35, 0.65], [0.2, 0.8]])

    # 1 is held at 0.45 and gives way below 0.4; 0 likewise.
    assert hold_labels(scores, 0.8, 0.4, outside=None).tolist() == [1, 1, 1, 0, 1, 1]


def test_no_frames_have_no_labels():
    assert hold_labels(np.zeros((0, 3)), 0.7, 0.3, outside=2).shape == (0,)


def test_scores_of_float32_reach_the_bound_that_they_were_rounded_from():
    assert hold_labels(two([0.7]).astype(np.float32), 0.7, 0.7, outside=1).tolist() == [0]


def test_a_label_of_several_is_held_on_its_own():
    scores = np.array([0.5, 0.6, 0.4, 0.3, 0.5, 0.6, 0.2])

    assert hold(scores, 0.6, 0.4).tolist() == [False, True, True, False, False, True, False]


def hold_slowly(scores, enter, leave, outside):
    """Frame by frame, as the definition says it."""
    labels, held = [], outside
    for row in scores:
        inside = [number for number in range(len(row)) if number != outside]
        best = max(inside, key=lambda number: row[number])
        overtaken = any(row[n] >= enter and row[n] > row[held] for n in inside) if held is not None else True
        if held is None or held == outside or row[held] < leave or overtaken:
            held = best if outside is None or row[best] >= enter else outside
        labels.append(held)
    return labels


scores_of_videos = hnp.arrays(np.float64, st.tuples(st.integers(1, 30), st.just(3)), elements=st.integers(0, 10)).map(
    lambda counts: counts / 10
)


@given(scores_of_videos, st.integers(0, 10), st.integers(0, 10), st.sampled_from([None, 0, 2]))
def test_it_is_what_the_definition_says_frame_by_frame(scores, first, second, outside):
    enter, leave = max(first, second) / 10, min(first, second) / 10

    assert hold_labels(scores, enter, leave, outside).tolist() == hold_slowly(scores, enter, leave, outside)


@given(scores_of_videos, st.integers(0, 10), st.integers(0, 10))
def test_one_label_of_several_is_held_as_one_beside_outside_is(scores, first, second):
    enter, leave = max(first, second) / 10, min(first, second) / 10
    column = scores[:, 0]

    expected = hold_slowly(np.stack([column, 1 - column], axis=1), enter, leave, outside=1)
    assert hold(column, enter, leave).tolist() == [label == 0 for label in expected]
