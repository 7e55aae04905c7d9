import dataclasses

import numpy as np
import pytest

from graphcore.evaluation.figures import confused_pairs, wilson_interval
from graphcore.evaluation.intervals.interval import Interval
from graphcore.evaluation.metrics import compute_metrics

NAMES = ("a", "b", "c")
# Called: a, b, a, c, c. True: a, b, b, b, c.
LABELS = np.array([0, 1, 1, 1, 2])
SCORES = np.array(
    [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.5, 0.4, 0.1], [0.3, 0.2, 0.5], [0.25, 0.25, 0.5]]
)  # fmt: skip


@pytest.fixture
def metrics():
    return compute_metrics("test", LABELS, SCORES, NAMES, top_k=2)


def test_flat_names_carry_split_and_class(metrics):
    flat = metrics.flat()

    assert flat["test/accuracy"] == pytest.approx(3 / 5)
    assert flat["test/precision/c"] == pytest.approx(1 / 2)
    assert flat["test/recall/c"] == 1
    assert flat["test/f1/c"] == pytest.approx(2 / 3)
    assert flat["test/support/b"] == 3
    assert flat["test/samples"] == 5


def test_confused_pairs_come_commonest_first_without_the_right_ones():
    labels = np.array([0, 0, 0, 1, 1, 2])
    called = np.array([1, 1, 0, 0, 1, 2])
    metrics = compute_metrics("test", labels, np.eye(3)[called], NAMES)

    assert confused_pairs(metrics) == [("a", "b", 2, 3), ("b", "a", 1, 2)]


def test_wilson_interval_of_a_known_case():
    # 8 of 10: 0.490 to 0.943, as tables of the Wilson score interval have it.
    assert wilson_interval(0.8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_wilson_interval_of_nothing_is_everything():
    assert wilson_interval(0.0, 0) == (0.0, 1.0)


def test_flat_figures_of_several_labels_leave_out_what_nothing_can_be_said_of():
    labels = np.array([[1, 0], [0, 0]])
    flat = compute_metrics(
        "test", labels, np.array([[0.9, 0.2], [0.1, 0.6]]), ("a", "b"), thresholds=[0.5, 0.75]
    ).flat()

    assert flat["test/mean_average_precision"] == flat["test/average_precision/a"] == 1
    assert flat["test/threshold/b"] == 0.75
    assert "test/average_precision/b" not in flat
    assert all(isinstance(value, (int, float)) for value in flat.values())


def test_flat_figures_of_one_label_have_no_thresholds(metrics):
    assert not [name for name in metrics.flat() if "threshold" in name]


def test_flat_figures_of_one_label_tell_how_each_class_is_ranked(metrics):
    # By the score for a: a 0.7, b 0.5 0.3 0.1, c 0.25.
    assert metrics.flat()["test/average_precision/a"] == metrics.flat()["test/roc_auc/a"] == 1


def test_a_class_without_samples_has_no_ranking_figures():
    flat = compute_metrics("test", np.array([0, 1]), SCORES[:2], NAMES).flat()

    assert "test/average_precision/c" not in flat
    assert "test/roc_auc/c" not in flat


def test_flat_intervals_are_two_bounds_and_the_number_of_groups(metrics):
    flat = dataclasses.replace(metrics, intervals={"accuracy": Interval(0.25, 0.75, 4, "videos")}).flat()

    assert (flat["test/accuracy_low"], flat["test/accuracy_high"], flat["test/groups"]) == (0.25, 0.75, 4)


def test_the_headline_is_the_figure_to_tell_first(metrics):
    several = compute_metrics("test", np.eye(3, dtype=int), np.eye(3), NAMES)

    assert (metrics.headline, several.headline) == ("accuracy", "mean_average_precision")
    assert several.headline in several.values
