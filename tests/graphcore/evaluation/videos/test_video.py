import numpy as np
import pytest

from graphcore.evaluation.videos.overlap_f1 import SegmentCounts
from graphcore.evaluation.videos.video import FrameFigures, judge_video


def test_figures_of_one_video(make_timeline):
    # Background 0 for 2 s, 1 for 6 s, 2 for 2 s; label 1 is found 1 s late, and 2 as two frames of background and 1.
    timeline = make_timeline([0, 0, 1, 1, 1, 1, 1, 1, 2, 2], [0, 0, 0, 1, 1, 1, 1, 1, 0, 1])
    figures = judge_video(timeline, timeline.predicted, outside=0).figures

    assert (figures.video, figures.group, figures.frames, figures.duration_secs) == ("v", "group of v", 10, 10)
    assert figures.accuracy == 7 / 10
    # Of labels 0, 1, 2. Called 0: 2 right of 4. Called 1: 5 right of 6. Label 2 was never called.
    assert figures.precision == pytest.approx((2 / 4 + 5 / 6 + 0) / 3)
    assert figures.recall == pytest.approx((2 / 2 + 5 / 6 + 0) / 3)
    assert figures.jaccard == pytest.approx((2 / 4 + 5 / 7 + 0) / 3)
    assert figures.f1 == pytest.approx((2 / 3 + 5 / 6 + 0) / 3)
    # Segments 1, 2; called 1, 1: one substitution of two.
    assert figures.edit == 50
    # The first is right (5 of 6), the second overlaps nothing of its label, and 2 is missed: 2 * 1 / (2 * 1 + 1 + 1).
    assert (figures.f1_at_10, figures.f1_at_25, figures.f1_at_50) == (50, 50, 50)
    assert figures.counts == (SegmentCounts(right=1, wrong=1, missed=1),) * 3
    assert figures.relaxed is None


def test_relaxed_figures(make_timeline):
    timeline = make_timeline([1, 1, 1, 2, 2, 2], [1, 1, 1, 1, 1, 2])
    judged = judge_video(timeline, timeline.predicted, outside=0, relax_secs=1.0)

    # The frame at 3 s is forgiven, that at 4 s is not. Right of those called 1: 4 of 5, of label 2: 2 of 3.
    assert judged.figures.relaxed == FrameFigures(
        accuracy=5 / 6,
        precision=pytest.approx((4 / 5 + 1) / 2),
        recall=pytest.approx((1 + 2 / 3) / 2),
        jaccard=pytest.approx((4 / 5 + 2 / 3) / 2),
        f1=pytest.approx((2 / (5 / 4 + 1) + 2 / (1 + 3 / 2)) / 2),
    )
    assert judged.figures.accuracy == 4 / 6
    assert [label.label for label in judged.relaxed_labels] == [1, 2]


def test_the_answer_is_judged_and_not_what_the_timeline_was_called(make_timeline):
    timeline = make_timeline([1, 1, 2], [0, 0, 0])
    judged = judge_video(timeline, np.array([1, 1, 2]), outside=0)

    assert (judged.figures.accuracy, judged.figures.edit) == (1, 100)
    assert judged.figures.counts == (SegmentCounts(2, 0, 0),) * 3


def test_a_segment_keeps_the_mean_score_of_its_label(make_timeline):
    scores = [[0.2, 0.8, 0.0], [0.4, 0.6, 0.0], [0.1, 0.1, 0.8]]
    timeline = make_timeline([1, 1, 1], [1, 1, 2], scores)
    assert judge_video(timeline, timeline.predicted, 0).detections.scores.tolist() == pytest.approx([0.7, 0.8])


def test_one_frame_without_a_known_step(make_timeline):
    timeline = make_timeline([1], [1], step_secs=0.0)
    figures = judge_video(timeline, timeline.predicted, 0, relax_secs=10.0).figures

    assert (figures.accuracy, figures.edit, figures.f1_at_50, figures.duration_secs) == (1, 100, 100, 1)
    assert figures.relaxed == FrameFigures(1, 1, 1, 1, 1)


def test_nothing_but_background_has_no_segmental_f1(make_timeline):
    timeline = make_timeline([0, 0], [0, 0])
    figures = judge_video(timeline, timeline.predicted, 0).figures

    assert (figures.f1_at_10, figures.f1_at_25, figures.f1_at_50) == (None, None, None)
    assert (figures.accuracy, figures.edit) == (1, 100)
