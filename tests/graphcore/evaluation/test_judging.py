from dataclasses import replace

import numpy as np
import pytest

from graphcore.config import SegmentsConfig
from graphcore.evaluation.judging import JudgeOptions, is_causal, judge_predictions, judge_split
from graphcore.evaluation.predictions import Predictions
from graphcore.timelines.marks import Marks

VIDEOS = ("a",) * 6 + ("b",) * 4


@pytest.fixture
def predictions():
    """Ten frames of two videos, a second apart; the third of a and the last of b are called wrongly."""
    labels = np.array([0, 0, 0, 0, 1, 1, 1, 1, 0, 0])
    called = np.array([0, 0, 1, 0, 1, 1, 1, 1, 0, 1])
    scores = np.where(np.eye(2)[called] > 0, 0.8, 0.2)
    times = np.array([0, 1, 2, 3, 4, 5, 0, 1, 2, 3], np.float64)
    keys = tuple(f"{video}@{time}" for video, time in zip(VIDEOS, times, strict=True))
    marks = Marks(keys, VIDEOS, VIDEOS, times, VIDEOS, ("",) * 10)
    return Predictions(keys, labels, scores, ("cutting", "not-cutting"), marks=marks)


def test_frames_are_judged_as_frames_and_as_videos(video_run, predictions):
    judged = judge_predictions(video_run, "test", predictions, JudgeOptions(resamples=20))
    values = judged.metrics.values
    assert values["accuracy"] == pytest.approx(8 / 10)
    assert values["video_accuracy"] == pytest.approx((5 / 6 + 3 / 4) / 2)
    assert [video.video for video in judged.timelines] == ["a", "b"]
    assert "2 videos" in judged.metrics.no_intervals
    assert judged.segmented is None  # the run never chose how


def test_what_frames_become_as_segments_is_judged_too(video_run, predictions):
    run = replace(video_run, segmenting={"enter": None, "leave": None, "min_secs": 0.0, "merge_secs": 1.5})
    judged = judge_predictions(run, "test", predictions, JudgeOptions(resamples=0))
    # The gap of a second in a's cutting is closed; at the end of b there is no gap to close.
    assert [labels.tolist() for labels in judged.segmented] == [[0, 0, 0, 0, 1, 1], [1, 1, 0, 1]]
    assert judged.metrics.values["segmented_video_accuracy"] == pytest.approx((1 + 3 / 4) / 2)
    assert (judged.metrics.values["causal"], judged.metrics.values["segmented_causal"]) == (1, 0)
    assert judged.metrics.values["video_accuracy"] == pytest.approx((5 / 6 + 3 / 4) / 2)


def test_segments_that_are_asked_for_stand_over_the_runs_own(video_run, predictions):
    run = replace(video_run, segmenting={"enter": None, "leave": None, "min_secs": 0.0, "merge_secs": 1.5})
    asked = JudgeOptions(resamples=0, segments=SegmentsConfig(merge_secs=0.0, min_secs=1.5))
    judged = judge_predictions(run, "test", predictions, asked)
    # What lasts a second goes: in each video the second stretch of cutting.
    assert [labels.tolist() for labels in judged.segmented] == [[0, 0, 1, 1, 1, 1], [1, 1, 1, 1]]
    none = JudgeOptions(resamples=0, segments=SegmentsConfig(merge_secs=0.0))
    assert judge_predictions(run, "test", predictions, none).segmented is None


def test_relaxed_figures_come_where_they_are_asked_for(video_run, predictions):
    judged = judge_predictions(video_run, "test", predictions, JudgeOptions(relax_secs=2.0, resamples=0))
    assert "video_accuracy_relaxed" in judged.metrics.values
    assert judged.metrics.intervals == {}


def test_photos_have_no_timelines(photo_run):
    judged = judge_split(photo_run, "test", JudgeOptions(resamples=20))
    assert judged.timelines == ()
    assert judged.metrics.videos is None
    assert judged.metrics.intervals["accuracy"].unit == "samples"


@pytest.mark.parametrize(
    ("options", "causal"),
    [
        ({"name": "linear"}, True),
        ({"name": "ms_tcn"}, False),
        ({"name": "tecno"}, True),
        ({"name": "gru", "causal": True}, True),
    ],
)
def test_a_head_that_judges_each_frame_alone_is_causal(video_run, options, causal):
    assert is_causal(replace(video_run, head_options=options)) is causal
