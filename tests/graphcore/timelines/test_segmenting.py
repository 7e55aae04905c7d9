import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from graphcore.timelines.segmenting import (
    Segmenting,
    measure_lengths,
    segment_labels,
    segment_several,
)


def two(knot):
    knot = np.array(knot, np.float64)
    return np.stack([knot, 1 - knot], axis=1)


def test_settings_come_back_from_json():
    settings = Segmenting(0.75, 0.25, 2.5, 1.5)

    assert settings.to_json() == {"enter": 0.75, "leave": 0.25, "min_secs": 2.5, "merge_secs": 1.5}
    assert Segmenting.from_json(settings.to_json()) == settings


@pytest.mark.parametrize(
    ("settings", "is_causal"),
    [
        (Segmenting(), True),
        (Segmenting(enter=0.7, leave=0.3), True),
        (Segmenting(min_secs=0.5), False),
        (Segmenting(merge_secs=0.5), False),
    ],
)
def test_lengths_look_ahead_and_scores_do_not(settings, is_causal):
    # Two frames of a knot, and what follows changed: only where lengths decide may the first two change.
    before, after = ([0.6, 0.9, 0.1, *later] for later in ([0.1, 0.1, 0.1], [0.9, 0.9, 0.9]))
    settings_secs = Segmenting(settings.enter, settings.leave, 4 * settings.min_secs, 4 * settings.merge_secs)
    first, second = (segment_labels(two(knot), range(6), 1.0, settings_secs, 1)[:3] for knot in (before, after))
    assert settings.is_causal is is_causal
    assert (first.tolist() == second.tolist()) or not is_causal


def test_what_json_leaves_out_is_left_alone():
    assert Segmenting.from_json({}) == Segmenting(None, None, 0.0, 0.0)
    assert Segmenting.from_json({"min_secs": None, "enter": None, "leave": 0.5}) == Segmenting(leave=0.5)


def test_unknown_settings_are_named():
    with pytest.raises(ValueError, match="'minimum'; known are enter, leave, min_secs, merge_secs"):
        Segmenting.from_json({"minimum": 3})


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Segmenting(), None),
        (Segmenting(enter=0.7), (0.7, 0.7)),
        (Segmenting(leave=0.3), (0.3, 0.3)),
        (Segmenting(enter=0.7, leave=0.3), (0.7, 0.3)),
    ],
)
def test_one_bound_stands_for_both(settings, expected):
    assert settings.bounds == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, Segmenting(0.6, 0.4, 2, 1)),
        ({"enter": 0.9, "min_secs": 0.0}, Segmenting(0.9, 0.4, 0, 1)),
        ({"enter": 0.3}, Segmenting(0.3, 0.3, 2, 1)),
        ({"leave": 0.8}, Segmenting(0.8, 0.8, 2, 1)),
        ({"enter": 0.9, "leave": 0.8}, Segmenting(0.9, 0.8, 2, 1)),
    ],
    ids=["nothing", "enter and a zero", "enter below leave", "leave above enter", "both"],
)
def test_what_is_given_wins_and_the_other_bound_gives_way(given, expected):
    assert Segmenting(0.6, 0.4, 2, 1).override(**given) == expected


def test_a_bound_given_to_settings_without_bounds_stands_alone():
    assert Segmenting().override(enter=0.7) == Segmenting(enter=0.7)
    assert Segmenting().override(leave=0.7) == Segmenting(leave=0.7)


def test_a_frame_lasts_until_the_next_and_the_last_for_a_step():
    assert measure_lengths([0, 1, 4], 0.5).tolist() == [1, 3, 0.5]
    assert measure_lengths([], 0.5).tolist() == []


def test_hysteresis_then_gaps_then_short_segments():
    #         one wave, a dip for one frame, the wave again, and a peak that is too short
    scores = two([0.2, 0.9, 0.5, 0.1, 0.8, 0.5, 0.1, 0.1, 0.1, 0.9, 0.1])
    settings = Segmenting(enter=0.7, leave=0.4, min_secs=2, merge_secs=2)

    labels = segment_labels(scores, np.arange(11.0), 1.0, settings, outside=1)

    assert labels.tolist() == [1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]


def test_lengths_are_seconds_and_not_frames():
    times = [0, 1, 2, 12]

    labels = segment_labels(two([0.1, 0.9, 0.1, 0.9]), times, 2.5, Segmenting(min_secs=2), outside=1)

    assert labels.tolist() == [1, 1, 1, 0]  # of one frame each, the first lasts 1 s and the second 2.5 s


scores_of_videos = hnp.arrays(np.float64, st.tuples(st.integers(1, 30), st.just(3)), elements=st.integers(0, 10)).map(
    lambda counts: counts / 10
)


@given(scores_of_videos, st.sampled_from([None, 0, 2]))
def test_settings_that_are_left_alone_name_what_scores_highest(scores, outside):
    labels = segment_labels(scores, np.arange(len(scores)), 1.0, Segmenting(), outside)

    assert (labels == scores.argmax(axis=1)).all()
    assert labels.dtype == np.int64


@given(scores_of_videos, st.lists(st.integers(1, 9), min_size=3, max_size=3))
def test_settings_that_are_left_alone_give_each_label_that_reaches_its_threshold(scores, tenths):
    thresholds = [tenth / 10 for tenth in tenths]

    given = segment_several(scores, np.arange(len(scores)), 1.0, Segmenting(), thresholds)

    assert (given == (scores >= thresholds)).all()


def test_each_label_of_several_is_held_merged_and_dropped_alone():
    scores = np.array([[0.9, 0.1], [0.4, 0.1], [0.9, 0.9], [0.4, 0.1], [0.9, 0.1]])

    given = segment_several(scores, np.arange(5), 1.0, Segmenting(leave=0.3, min_secs=2), [0.5, 0.5])

    assert given.T.tolist() == [[True] * 5, [False] * 5]


def test_enter_and_leave_stand_for_the_thresholds_of_several_labels():
    scores = np.array([[0.3], [0.6], [0.3]])

    assert segment_several(scores, [0, 1, 2], 1.0, Segmenting(enter=0.6), [0.2]).T.tolist() == [[False, True, False]]
    # A leave above the threshold asks for nothing: a label leaves no earlier than it enters.
    assert segment_several(scores, [0, 1, 2], 1.0, Segmenting(leave=0.9), [0.2]).T.tolist() == [[True, True, True]]
