from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.sources.item import Segment
from graphcore.timelines.timeline import LabelRun, Timeline, find_outside, find_runs, find_segments, find_starts

CLASSES = ("cut", "sew", "background")


def make_timeline(times, step_secs=0.5):
    count = len(times)
    labels = np.zeros(count, np.int64)
    return Timeline("v", np.array(times, float), labels, np.ones((count, 1)), labels, step_secs)


def test_a_frame_lasts_until_the_next_and_the_last_one_for_a_step():
    timeline = make_timeline([0.0, 0.5, 2.0])
    assert timeline.ends_secs.tolist() == [0.5, 2.0, 2.5]
    assert len(timeline) == 3


def test_a_video_of_one_frame_lasts_for_a_step():
    assert make_timeline([3.0], step_secs=4.0).ends_secs.tolist() == [7.0]


def test_a_video_without_frames_has_no_ends():
    assert make_timeline([]).ends_secs.tolist() == []


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([], []),
        ([2], [(2, 0, 1)]),
        ([1, 1, 1], [(1, 0, 3)]),
        ([0, 0, 1, 0], [(0, 0, 2), (1, 2, 3), (0, 3, 4)]),
        (np.array([3, 4]), [(3, 0, 1), (4, 1, 2)]),
    ],
)
def test_runs_by_hand(labels, expected):
    assert find_runs(labels) == [LabelRun(*run) for run in expected]


@given(st.lists(st.integers(0, 3)))
def test_runs_are_the_labels_again_and_neighbours_differ(labels):
    runs = find_runs(labels)
    assert [run.label for run in runs for _ in range(run.first, run.stop)] == labels
    assert all(one.label != other.label and one.stop == other.first for one, other in pairwise(runs))


def test_runs_begin_where_the_label_changes():
    assert find_starts(np.array([4, 4, 2, 2, 2, 4])).tolist() == [0, 2, 5]
    assert find_starts([4]).tolist() == [0]
    assert find_starts([]).tolist() == []


def test_segments_last_until_the_first_frame_of_the_next_run():
    found = find_segments("v", [0.0, 1.0, 2.0, 3.5], [0, 0, 1, 1], 4.5, CLASSES)
    assert found == [Segment("v", 0.0, 2.0, "cut"), Segment("v", 2.0, 4.5, "sew")]


def test_the_label_outside_makes_no_segment_and_ends_those_before():
    found = find_segments("v", [0.0, 1.0, 2.0, 3.0], [0, 2, 1, 2], 4.0, CLASSES, outside=2)
    assert found == [Segment("v", 0.0, 1.0, "cut"), Segment("v", 2.0, 3.0, "sew")]


def test_without_an_outside_label_every_run_is_a_segment():
    found = find_segments("v", [0.0, 1.0], [0, 2], 2.0, CLASSES)
    assert [segment.label for segment in found] == ["cut", "background"]


def test_a_run_that_lasts_no_time_is_none():
    assert find_segments("v", [5.0], [0], 5.0, CLASSES) == []
    assert find_segments("v", [], [], 5.0, CLASSES) == []


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("cut", "background", "sew"), 1),
        (("suturing", "not-suturing"), 1),
        (("not-suturing", "suturing"), 0),
        (("not-x", "x", "background"), 2),
        (("cut", "not-sew"), None),
        (("cut", "sew"), None),
        ((), None),
    ],
)
def test_the_class_of_times_outside_every_segment(names, expected):
    assert find_outside(names) == expected
