import numpy as np
import pytest

from graphcore.evaluation.intervals.groups import Groups
from graphcore.evaluation.metrics import compute_metrics

NAMES = ("a", "b", "c")


def draw(count):
    random = np.random.default_rng(0)
    labels = random.integers(0, 3, count)
    scores = random.dirichlet([1, 1, 1], count) + np.eye(3)[labels] / 4
    return labels, scores / scores.sum(axis=1, keepdims=True)


def test_every_figure_of_one_label_but_calibration_and_chance_has_an_interval():
    metrics = compute_metrics("test", *draw(60), NAMES, top_k=2, resamples=200)

    without = {"majority_accuracy", "expected_calibration_error"}
    assert set(metrics.intervals) == set(metrics.values) - without
    for name, interval in metrics.intervals.items():
        assert interval.low < metrics.values[name] < interval.high
        assert (interval.groups, interval.unit) == (60, "samples")


def test_every_figure_of_several_labels_but_calibration_and_chance_has_an_interval():
    labels, scores = draw(60)
    labels = np.eye(3, dtype=int)[labels] | (np.arange(3) == 1)
    metrics = compute_metrics("test", labels, scores, NAMES, thresholds=[0.4] * 3, resamples=200)

    without = {"random_average_precision", "expected_calibration_error"}
    assert set(metrics.intervals) == set(metrics.values) - without
    for name, interval in metrics.intervals.items():
        assert interval.low <= metrics.values[name] <= interval.high


def test_of_photos_all_right_the_interval_is_not_a_point():
    # 20 of 20: 0.839 to 1, as tables of the Wilson score interval have it.
    labels = np.arange(20) % 3
    metrics = compute_metrics("test", labels, np.eye(3)[labels], NAMES, resamples=100)
    interval = metrics.intervals["accuracy"]

    assert (interval.low, interval.high) == pytest.approx((0.8389, 1), abs=1e-4)


def test_frames_of_few_videos_say_less_than_as_many_photos():
    # In two of four videos everything is right, in the others nothing.
    labels = np.zeros(400, int)
    scores = np.eye(3)[np.repeat([0, 1, 0, 1], 100)]
    videos = Groups(tuple(np.repeat(["v1", "v2", "v3", "v4"], 100).tolist()), "videos", "few")

    of_videos = compute_metrics("test", labels, scores, NAMES, groups=videos, resamples=2000).intervals["accuracy"]
    of_photos = compute_metrics("test", labels, scores, NAMES, resamples=2000).intervals["accuracy"]

    # 0 or 4 right videos of 4 come in 1 of 16 draws each.
    assert (of_videos.low, of_videos.high) == (0, 1)
    assert (of_videos.groups, of_videos.unit, of_videos.caution) == (4, "videos", "few")
    assert (of_photos.low, of_photos.high) == pytest.approx((0.451, 0.549), abs=1e-3)
