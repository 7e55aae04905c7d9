from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.evaluation.videos.overlap_f1 import SegmentCounts, add_counts, count_segments, segmental_f1
from graphcore.evaluation.videos.spans import find_overlaps, find_spans
from graphcore.timelines.timeline import Timeline

FRAMES = st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2), st.integers(1, 4)), max_size=25)


def count(true, predicted, overlap, edges=None):
    edges = np.arange(len(true) + 1.0) if edges is None else np.array(edges, np.float64)
    spans = [find_spans(np.array(labels, np.int64), edges, 0) for labels in (true, predicted)]
    found = count_segments(*spans, find_overlaps(*spans), overlap)
    return found.right, found.wrong, found.missed


def make_timeline(labels, times_secs=None):
    times = np.arange(len(labels)) * 1.0 if times_secs is None else np.array(times_secs)
    zeros = np.zeros(len(labels), np.int64)
    return Timeline("v", times, np.array(labels, np.int64), np.ones((len(labels), 1)), zeros, 1.0)


def test_a_segment_is_right_from_the_overlap_on():
    # 2 shared of 8: exactly 0.25.
    true, predicted = [1] * 8 + [0] * 2, [1] * 2 + [0] * 8
    assert count(true, predicted, 0.10) == (1, 0, 0)
    assert count(true, predicted, 0.25) == (1, 0, 0)
    assert count(true, predicted, 0.50) == (0, 1, 1)


def test_each_true_segment_is_found_once():
    # Both predicted segments overlap the one true segment of 10 by 4: the second one is wrong.
    assert count([1] * 10, [1] * 4 + [0] * 2 + [1] * 4, 0.25) == (1, 1, 0)


def test_of_two_equal_overlaps_the_earlier_segment_is_compared():
    # Predicted 0 to 6 shares 2 of 6 with true 0 to 2, and 3 of 9 with true 3 to 9. It is right for the first, and the
    # second is left to predicted 7 to 9, which shares 2 of 6 with it.
    true, predicted = [1, 1, 0, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 0, 1, 1]
    assert count(true, predicted, 0.25) == (2, 0, 0)


def test_a_segment_is_not_tried_on_its_second_best():
    # Predicted 0 to 5 is right for true 0 to 10. Predicted 6 to 12 overlaps that best too (4 of 12), and is not
    # compared with true 10.5 to 12 (1.5 of 6), which stays missed.
    edges = [0, 5, 6, 10, 10.5, 12]
    assert count([1, 1, 1, 0, 1], [1, 0, 1, 1, 1], 0.10, edges) == (1, 1, 1)


def test_another_label_is_no_overlap():
    assert count([1] * 4, [2] * 4, 0.10) == (0, 1, 1)


def test_background_makes_no_segment():
    assert count([0] * 4, [0] * 4, 0.10) == (0, 0, 0)
    assert count([0] * 4, [0, 1, 1, 0], 0.10) == (0, 1, 0)
    assert count([0, 1, 1, 0], [0] * 4, 0.10) == (0, 0, 1)


def test_one_frame_and_none():
    assert count([1], [1], 0.50) == (1, 0, 0)
    assert count([], [], 0.50) == (0, 0, 0)


def test_time_counts_and_not_frames():
    # Two of three frames, but 2 of 12 seconds.
    assert count([1, 1, 1], [1, 1, 0], 0.25, [0, 1, 2, 12]) == (0, 1, 1)


def test_f1_of_counts():
    assert SegmentCounts(right=3, wrong=2, missed=1).f1 == pytest.approx(100 * 2 * 3 / (2 * 3 + 2 + 1))
    assert SegmentCounts(right=0, wrong=2, missed=0).f1 == 0
    assert SegmentCounts().f1 is None


def test_counts_add_up_over_videos():
    assert add_counts([SegmentCounts(1, 2, 3), SegmentCounts(10, 20, 30)]) == SegmentCounts(11, 22, 33)
    assert add_counts([]) == SegmentCounts()


def test_several_videos_are_pooled_before_f1_is_taken():
    # First video: 1 right. Second: 1 right, 2 wrong. 2 * 2 / (2 * 2 + 2) = 2/3, while the mean of 1 and 1/2 is 3/4.
    timelines = [make_timeline([1, 1]), make_timeline([1, 0, 0, 0])]
    answers = [np.array([1, 1]), np.array([1, 2, 0, 2])]
    assert segmental_f1(timelines, answers, outside=0) == pytest.approx(200 / 3)


def test_no_segments_have_no_f1():
    assert segmental_f1([make_timeline([0, 0])], [np.array([0, 0])], outside=0) is None
    assert segmental_f1([], []) is None


@given(FRAMES, st.sampled_from([10, 25, 50, 75, 100]))
def test_counts_are_those_of_a_greedy_loop_over_sets_of_ticks(frames, percent):
    edges = np.cumsum([0, *(frame[2] for frame in frames)])

    def list_ticks(labels):
        found = []
        for n, label in enumerate(labels):
            if n and label == labels[n - 1]:
                found[-1][1].extend(range(edges[n], edges[n + 1]))
            else:
                found.append((label, list(range(edges[n], edges[n + 1]))))
        return [(label, set(ticks)) for label, ticks in found if label > 0]

    true, predicted = [frame[0] for frame in frames], [frame[1] for frame in frames]
    free, right, segments = {}, 0, list_ticks(true)
    for label, ticks in list_ticks(predicted):
        best, chosen = Fraction(0), None
        for number, (other, others) in enumerate(segments):
            overlap = Fraction(len(ticks & others), len(ticks | others))
            if other == label and overlap > best:
                best, chosen = overlap, number
        if chosen is not None and best >= Fraction(percent, 100) and free.get(chosen, True):
            free[chosen] = False
            right += 1

    expected = right, len(list_ticks(predicted)) - right, len(segments) - right
    assert count(true, predicted, percent / 100, edges) == expected
    # Times that are no round numbers of seconds.
    assert count(true, predicted, percent / 100, 1 / 3 + edges / 10) == expected


@given(FRAMES)
def test_a_perfect_prediction_is_all_right(frames):
    true = [frame[0] for frame in frames]
    _, wrong, missed = count(true, true, 1.0)
    assert (wrong, missed) == (0, 0)
