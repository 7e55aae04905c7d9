import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.evaluation.videos.spans import find_edges, find_overlaps, find_spans
from graphcore.timelines.timeline import Timeline

LABELS = st.lists(st.integers(-1, 2), max_size=25)


def make_timeline(times_secs, step_secs):
    frames = len(times_secs)
    zeros = np.zeros(frames, np.int64)
    return Timeline("v", np.array(times_secs, np.float64), zeros, np.ones((frames, 1)), zeros, step_secs)


def list_spans(labels, edges, outside=None):
    spans = find_spans(np.array(labels, np.int64), np.array(edges, np.float64), outside)
    return list(
        zip(spans.labels.tolist(), spans.starts_secs.tolist(), spans.ends_secs.tolist(), strict=True)
    )  # fmt: skip


def test_a_frame_stands_until_the_next_and_the_last_for_the_usual_step():
    assert find_edges(make_timeline([1.0, 3.0, 3.5], 2.0)).tolist() == [1.0, 3.0, 3.5, 5.5]


def test_a_lone_frame_of_which_no_step_is_known_stands_for_a_second():
    assert find_edges(make_timeline([7.0], 0.0)).tolist() == [7.0, 8.0]


def test_no_frames_have_no_edges():
    assert find_edges(make_timeline([], 0.0)).tolist() == []


def test_segments_last_until_the_next_run_and_leave_the_background_out():
    found = list_spans([1, 1, 0, 1, 2], [0, 1, 2, 4, 8, 9], outside=0)
    assert found == [(1, 0, 2), (1, 4, 8), (2, 8, 9)]


def test_without_a_background_every_run_is_a_segment():
    assert list_spans([0, 0, 1], [0, 1, 2, 3]) == [(0, 0, 2), (1, 2, 3)]


def test_frames_that_were_called_nothing_make_no_segment():
    assert list_spans([-1, 1, -1], [0, 1, 2, 3], outside=0) == [(1, 1, 2)]


def test_no_frames_make_no_segments():
    assert list_spans([], [0]) == []


def test_overlap_is_shared_time_by_the_time_of_both():
    edges = np.arange(11.0)
    # True 1 from 0 to 4, predicted 1 from 1 to 6: 3 shared of 6. True 2 from 4 to 10, predicted 2 from 6 to 10: 4 of 6.
    true = find_spans(np.array([1] * 4 + [2] * 6), edges)
    predicted = find_spans(np.array([0] + [1] * 5 + [2] * 4), edges)
    pairs = find_overlaps(true, predicted)

    assert (pairs.true.tolist(), pairs.predicted.tolist()) == ([0, 1], [1, 2])
    assert pairs.iou.tolist() == pytest.approx([3 / 6, 4 / 6])


def test_segments_that_only_touch_do_not_overlap():
    edges = np.arange(5.0)
    pairs = find_overlaps(
        find_spans(np.array([1, 1, 0, 0]), edges, 0), find_spans(np.array([0, 0, 1, 1]), edges, 0)
    )  # fmt: skip
    assert len(pairs.iou) == 0


def test_an_overlap_of_a_tenth_is_a_tenth_in_seconds_too():
    # 0.1 of 1.0 s, from times that are sums of tenths: 0.30000000000000004 and the like.
    edges = np.cumsum([0.0] + [0.1] * 10)
    true, predicted = find_spans(np.array([1] * 10), edges), find_spans(np.array([0, 0, 1] + [0] * 7), edges, 0)
    assert find_overlaps(true, predicted).iou.tolist() == [0.1]


def test_segments_without_duration_overlap_nothing():
    edges = np.array([0.0, 1.0, 1.0, 2.0])
    both = find_spans(np.array([0, 1, 0]), edges, 0)
    assert len(find_overlaps(both, both).iou) == 0


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2), st.integers(1, 4)), max_size=25))
def test_overlaps_are_those_of_sets_of_ticks(frames):
    edges = np.cumsum([0, *(ticks for _, _, ticks in frames)])

    def list_ticks(labels):
        """Segments as (label, the ticks in it), a tick at a time."""
        found, last = [], 0
        for number, label in enumerate(labels):
            ticks = set(range(edges[number], edges[number + 1]))
            if label > 0 and label == last:
                found[-1][1].update(ticks)
            elif label > 0:
                found.append((label, ticks))
            last = label
        return found

    true, predicted = [true for true, _, _ in frames], [predicted for _, predicted, _ in frames]
    expected = [
        (row, column, len(one & other) / len(one | other))
        for column, (called, other) in enumerate(list_ticks(predicted))
        for row, (label, one) in enumerate(list_ticks(true))
        if label == called and one & other
    ]
    pairs = find_overlaps(*(find_spans(np.array(labels, np.int64), edges * 1.0, 0) for labels in (true, predicted)))

    assert list(zip(pairs.true.tolist(), pairs.predicted.tolist(), strict=True)) == [pair[:2] for pair in expected]
    assert pairs.iou.tolist() == pytest.approx([pair[2] for pair in expected])
