import numpy as np
import pytest

from graphcore.sources.item import Segment
from graphcore.timelines.scored_segments import ScoredSegment, plan_segments, rescore
from graphcore.timelines.segmenting import Segmenting

NAMES = ("knot", "background")


def two(knot):
    knot = np.array(knot, np.float64)
    return np.stack([knot, 1 - knot], axis=1)


def test_segments_are_scored_by_the_mean_of_their_frames():
    found = plan_segments("v", [0, 1, 2, 3], two([0.75, 0.25, 0.5, 1.0]), 3.5, NAMES, Segmenting(leave=0.5))

    assert found == [
        ScoredSegment(Segment("v", 0, 1, "knot"), 0.75),
        ScoredSegment(Segment("v", 2, 3.5, "knot"), 0.75),
    ]


def test_a_last_frame_at_the_very_end_of_a_video_makes_no_segment():
    assert plan_segments("v", [0, 1], two([0.1, 0.9]), 1.0, NAMES, Segmenting()) == []


def test_no_frames_make_no_segments():
    assert plan_segments("v", [], np.zeros((0, 2)), 0, NAMES, Segmenting()) == []


def test_each_label_of_several_has_segments_of_its_own():
    scores = np.array([[0.9, 0.1], [0.9, 0.6], [0.1, 0.6], [0.9, 0.1]], np.float32)

    found = plan_segments("v", [0, 1, 2, 3], scores, 4, ("hand", "needle"), Segmenting(), [0.5, 0.5])

    assert [one.segment for one in found] == [
        Segment("v", 0, 2, "hand"),
        Segment("v", 1, 3, "needle"),
        Segment("v", 3, 4, "hand"),
    ]
    assert found[1].score == pytest.approx(0.6)


def test_thresholds_decide_where_a_label_is_given():
    scores = np.array([[0.6, 0.1], [0.8, 0.1]], np.float32)

    found = plan_segments("v", [0, 1], scores, 2, ("hand", "background"), Segmenting(), [0.7, 0.1])

    assert [one.segment for one in found] == [Segment("v", 1, 2, "hand")]


def test_other_scores_change_nothing_but_the_means():
    found = plan_segments("v", [0, 1, 2], two([0.75, 0.75, 0.25]), 3, NAMES, Segmenting())

    assert rescore(found, [0, 1, 2], two([0.5, 1.0, 0.1]), NAMES) == [ScoredSegment(Segment("v", 0, 2, "knot"), 0.75)]
