import subprocess
import sys

import numpy as np
import pytest

from graphcore.evaluation.choices.temperature import apply_temperature
from graphcore.evaluation.intervals.groups import Groups
from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.videos.figures import compute_video_metrics
from graphcore.timelines.timeline import Timeline

NAMES = ("a", "b", "c")
# Called: a, b, a, c, c. True: a, b, b, b, c.
LABELS = np.array([0, 1, 1, 1, 2])
SCORES = np.array(
    [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.5, 0.4, 0.1], [0.3, 0.2, 0.5], [0.25, 0.25, 0.5]]
)  # fmt: skip


def test_an_empty_split_has_no_figures_and_no_error():
    metrics = compute_metrics("test", np.zeros(0, int), np.zeros((0, 3)), NAMES)

    assert metrics.flat() == {"test/samples": 0}
    assert metrics.confusion.tolist() == [[0] * 3] * 3


def test_several_labels_a_sample_are_known_by_their_shape():
    several = compute_metrics("test", np.eye(3, dtype=np.uint8), np.eye(3), NAMES)

    assert several.multi_label
    assert not compute_metrics("test", LABELS, SCORES, NAMES).multi_label


def test_without_thresholds_one_half_is_enough_for_a_label():
    figures = compute_metrics("test", np.array([[1], [1]]), np.array([[0.5], [0.49]]), ("a",)).classes[0]

    assert (figures.correct, figures.threshold) == (1, 0.5)


def test_an_empty_split_of_several_labels_has_no_figures_and_no_error():
    metrics = compute_metrics("test", np.zeros((0, 3), np.uint8), np.zeros((0, 3)), NAMES)

    assert metrics.flat() == {"test/samples": 0}


def test_nothing_is_drawn_unless_asked():
    metrics = compute_metrics("test", LABELS, SCORES, NAMES)

    assert (metrics.intervals, metrics.no_intervals) == ({}, "")


def test_samples_of_one_group_have_no_intervals_and_the_reason_is_said():
    caution = "There is only one video: how figures vary from one to another cannot be told."
    metrics = compute_metrics("test", LABELS, SCORES, NAMES, groups=Groups(("v",) * 5, "videos", caution), resamples=10)

    assert metrics.intervals == {}
    assert metrics.no_intervals == caution


def test_two_videos_have_no_intervals_and_the_reason_is_said():
    groups = Groups(("v", "v", "v", "w", "w"), "videos", "2 videos are too few for an interval.")
    metrics = compute_metrics("test", LABELS, SCORES, NAMES, groups=groups, resamples=10)

    assert (metrics.intervals, metrics.no_intervals) == ({}, "2 videos are too few for an interval.")


def test_one_sample_has_no_intervals_and_the_reason_is_said():
    metrics = compute_metrics("test", LABELS[:1], SCORES[:1], NAMES, resamples=10)

    assert metrics.no_intervals.startswith("There is only one sample")


def test_an_empty_split_has_no_intervals():
    metrics = compute_metrics("test", np.zeros(0, int), np.zeros((0, 3)), NAMES, resamples=10, temperature=2.0)

    assert metrics.flat() == {"test/samples": 0}
    assert metrics.calibration is None


def test_calibration_is_told_as_it_is():
    metrics = compute_metrics("test", LABELS, SCORES, NAMES)

    # Called by 0.7, 0.8, 0.5 (wrong), 0.5 (wrong) and 0.5 (right): the three of 0.5 share a bin.
    assert metrics.values["expected_calibration_error"] == pytest.approx((0.3 + 0.2 + 3 * (0.5 - 1 / 3)) / 5)
    assert metrics.calibration is not None
    assert metrics.calibration.counts.sum() == 5
    assert metrics.calibrated is None
    assert not [name for name in metrics.values if name.endswith("_calibrated")]


@pytest.mark.parametrize("several", [False, True])
def test_at_a_temperature_the_same_figures_are_told_again(several):
    labels = np.eye(3, dtype=int)[LABELS] if several else LABELS
    as_it_is = compute_metrics("test", labels, SCORES, NAMES)
    metrics = compute_metrics("test", labels, SCORES, NAMES, temperature=2.0)
    cooled = compute_metrics("test", labels, apply_temperature(SCORES, 2.0, several), NAMES)

    assert metrics.temperature == 2
    assert metrics.calibrated is not None
    for name in ("loss", "brier", "expected_calibration_error"):
        assert metrics.values[name] == as_it_is.values[name]
        assert metrics.values[f"{name}_calibrated"] == pytest.approx(cooled.values[name])


def test_figures_of_videos_join_those_of_frames():
    times, wrong = np.arange(2.0), LABELS[2:4] + 1
    timelines = [
        Timeline(f"v{video}", times, LABELS[rows], SCORES[rows], LABELS[rows] if video % 2 else wrong, 1.0)
        for video, rows in enumerate([slice(0, 2), slice(2, 4)] * 2)
    ]
    names = tuple(each.video for each in timelines for _ in times)
    groups = Groups(names, "videos", "", {name: name for name in names})
    videos = compute_video_metrics(timelines, NAMES, causal=True)
    labels, scores = np.tile(LABELS[:4], 2), np.tile(SCORES[:4], (2, 1))
    metrics = compute_metrics("test", labels, scores, NAMES, groups=groups, resamples=100, videos=videos)

    assert metrics.videos is videos
    assert metrics.flat()["test/video_accuracy"] == 1 / 2
    assert metrics.flat()["test/video_accuracy_low"] == 0
    assert metrics.flat()["test/groups"] == 4


def test_figures_are_computed_without_tensorflow():
    program = "import sys, graphcore.evaluation.metrics; print('tensorflow' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert shown.stdout.strip() == "False"
