import numpy as np
import pytest

from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.one_label import confusion_matrix, top_k_accuracy

NAMES = ("a", "b", "c")
# Called: a, b, a, c, c. True: a, b, b, b, c.
LABELS = np.array([0, 1, 1, 1, 2])
SCORES = np.array(
    [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.5, 0.4, 0.1], [0.3, 0.2, 0.5], [0.25, 0.25, 0.5]]
)  # fmt: skip


@pytest.fixture
def metrics():
    return compute_metrics("test", LABELS, SCORES, NAMES, top_k=2)


def test_accuracy_is_the_share_named_correctly(metrics):
    assert metrics.values["accuracy"] == pytest.approx(3 / 5)


def test_loss_is_the_mean_negative_log_of_the_true_class_score(metrics):
    assert metrics.values["loss"] == pytest.approx(-np.log([0.7, 0.8, 0.4, 0.2, 0.5]).mean())


def test_top_k_names_its_k(metrics):
    # Of the two misses, the third sample has b second and the fourth has it last.
    assert metrics.values["top_2_accuracy"] == pytest.approx(4 / 5)


@pytest.mark.parametrize("top_k", [3, 5])
def test_a_top_k_that_no_guess_could_miss_is_left_out(top_k):
    values = compute_metrics("test", LABELS, SCORES, NAMES, top_k=top_k).values

    assert not [name for name in values if name.startswith("top_")]


def test_balanced_accuracy_is_the_mean_recall(metrics):
    assert metrics.values["balanced_accuracy"] == pytest.approx((1 + 1 / 3 + 1) / 3)


def test_balanced_accuracy_leaves_absent_classes_out():
    metrics = compute_metrics("test", LABELS[:2], SCORES[:2], NAMES)

    assert metrics.values["balanced_accuracy"] == 1


def test_majority_accuracy_is_the_share_of_the_commonest_class(metrics):
    assert metrics.values["majority_accuracy"] == pytest.approx(3 / 5)


def test_confusion_has_true_classes_by_row(metrics):
    np.testing.assert_array_equal(metrics.confusion, [[1, 0, 0], [1, 1, 1], [0, 0, 1]])


def test_precision_recall_and_f1_of_a_class(metrics):
    b = metrics.classes[1]

    assert (b.support, b.predicted, b.correct) == (3, 1, 1)
    assert (b.precision, b.recall, b.f1) == pytest.approx((1, 1 / 3, 1 / 2))


def test_a_class_never_seen_and_never_called_has_zeros():
    d = compute_metrics("test", np.array([0]), np.array([[0.9, 0.1]]), ("a", "d")).classes[1]

    assert (d.support, d.precision, d.recall, d.f1) == (0, 0, 0, 0)


def test_a_score_of_zero_keeps_the_loss_finite():
    values = compute_metrics("test", np.array([0]), np.array([[0.0, 1.0]]), ("a", "b")).values

    assert np.isfinite(values["loss"])


def test_confusion_matrix_counts_like_a_loop():
    random = np.random.default_rng(0)
    labels, predicted = random.integers(0, 7, 200), random.integers(0, 7, 200)
    expected = np.zeros((7, 7), int)
    for true, called in zip(labels, predicted, strict=True):
        expected[true, called] += 1

    np.testing.assert_array_equal(confusion_matrix(labels, predicted, 7), expected)


def test_equal_scores_count_for_the_first_classes():
    scores = np.full((3, 3), 1 / 3)

    assert top_k_accuracy(np.array([0, 1, 2]), scores, 2) == pytest.approx(2 / 3)
