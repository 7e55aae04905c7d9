import numpy as np
import pytest

from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.samples.one_label import confusion_matrix, top_k_hits

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


def test_macro_f1_is_the_mean_over_the_classes_that_samples_are_of(metrics):
    # a is 1 of 2 called and 1 of 1 there, b 1 of 1 and 1 of 3, c 1 of 2 and 1 of 1.
    assert metrics.values["macro_f1"] == pytest.approx((2 / 3 + 2 / 4 + 2 / 3) / 3)
    only = compute_metrics("test", LABELS[:2], SCORES[:2], NAMES)
    assert only.values["macro_f1"] == 1


def test_average_precision_and_roc_auc_of_a_class_against_the_rest(metrics):
    # By the score for b: b 0.8, b 0.4, c 0.25, then a and b with 0.2: precisions 1, 1 and 3 of 5.
    b = metrics.classes[1]

    assert b.average_precision == pytest.approx((1 + 1 + 3 / 5) / 3)
    # Of the 3 x 2 pairs the first two of b win all four, the last loses to c and draws with a.
    assert b.roc_auc == pytest.approx((4 + 0 + 1 / 2) / 6)


def test_ranking_figures_are_means_over_classes(metrics):
    # By the score for c: b and c with 0.5, then the others, so that c comes with one of two.
    c = (1 / 2, (3 + 1 / 2) / 4)
    b = metrics.classes[1]

    assert metrics.values["mean_average_precision"] == pytest.approx((1 + b.average_precision + c[0]) / 3)
    assert metrics.values["roc_auc"] == pytest.approx((1 + b.roc_auc + c[1]) / 3)


def test_ranking_figures_leave_out_what_nothing_can_be_said_of():
    values = compute_metrics("test", np.array([1, 1]), SCORES[:2], NAMES).values

    assert values["mean_average_precision"] == 1
    assert "roc_auc" not in values


def test_brier_is_summed_over_the_classes(metrics):
    of_samples = [0.09 + 0.04 + 0.01, 0.01 + 0.04 + 0.01, 0.25 + 0.36 + 0.01, 0.09 + 0.64 + 0.25, 0.0625 * 2 + 0.25]

    assert metrics.values["brier"] == pytest.approx(np.mean(of_samples))


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

    assert top_k_hits(np.array([0, 1, 2]), scores, 2).tolist() == [True, True, False]
