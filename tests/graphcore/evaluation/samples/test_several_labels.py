import numpy as np
import pytest

from graphcore.evaluation.figures import confused_pairs
from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.samples.several_labels import cross_matrix
from graphcore.heads.judge import judge

NAMES = ("red", "round", "rare", "blue")
LABELS = np.array([[1, 1, 0, 0], [1, 0, 0, 0], [0, 1, 0, 1], [0, 0, 0, 0]], np.uint8)
SCORES = np.array(
    [[0.9, 0.6, 0.1, 0.2], [0.4, 0.7, 0.2, 0.1], [0.5, 0.8, 0.3, 0.6], [0.1, 0.2, 0.9, 0.3]], np.float32
)  # fmt: skip
THRESHOLDS = (0.5, 0.5, 0.5, 0.75)
# Given: red and round; round; red and round; rare.


@pytest.fixture(scope="module")
def metrics():
    return compute_metrics("test", LABELS, SCORES, NAMES, thresholds=THRESHOLDS)


def test_mean_average_precision_leaves_absent_classes_out(metrics):
    # Red stands first and third, round first and third, blue first; no sample is rare.
    assert metrics.values["mean_average_precision"] == pytest.approx(((1 + 2 / 3) / 2 + (1 + 2 / 3) / 2 + 1) / 3)
    assert metrics.classes[2].average_precision is None


def test_loss_is_the_mean_cross_entropy_over_samples_and_classes(metrics):
    of_truth = np.where(LABELS, SCORES, 1 - SCORES)

    assert metrics.values["loss"] == pytest.approx(-np.log(of_truth).mean(), rel=1e-6)


def test_loss_and_precision_are_those_that_training_chooses_by(metrics):
    chosen_by = judge(LABELS, SCORES)

    assert {name: metrics.values[name] for name in chosen_by} == pytest.approx(chosen_by, rel=1e-12)


def test_roc_auc_is_a_mean_over_the_labels_that_some_have_and_some_not(metrics):
    # Red: 0.9 and 0.4 against 0.5 and 0.1; round: 0.6 and 0.8 against 0.7 and 0.2; blue: 0.6 above all.
    assert metrics.values["roc_auc"] == pytest.approx((3 / 4 + 3 / 4 + 1) / 3)
    assert metrics.classes[2].roc_auc is None


def test_brier_is_a_mean_over_samples_and_labels(metrics):
    assert metrics.values["brier"] == pytest.approx(((SCORES - LABELS) ** 2).mean(), rel=1e-6)


def test_exact_match_is_the_share_of_samples_without_a_wrong_label(metrics):
    assert metrics.values["exact_match"] == 1 / 4


def test_label_accuracy_counts_every_label_given_or_not(metrics):
    # Wrong: red and round of the second, red and blue of the third, rare of the fourth.
    assert metrics.values["label_accuracy"] == 11 / 16


def test_micro_figures_sum_over_all_labels_also_those_that_no_sample_has(metrics):
    # 3 of the 6 labels given are right, of 5 there are.
    found = [metrics.values[f"{kind}_micro"] for kind in ("precision", "recall", "f1")]

    assert found == pytest.approx([3 / 6, 3 / 5, 6 / 11])


def test_macro_figures_are_means_of_the_classes_that_samples_have(metrics):
    # Red 1 of 2 given and 1 of 2 there; round 2 of 3 and 2 of 2; blue none given.
    found = [metrics.values[f"{kind}_macro"] for kind in ("precision", "recall", "f1")]

    assert found == pytest.approx([(1 / 2 + 2 / 3) / 3, (1 / 2 + 1) / 3, (1 / 2 + 4 / 5) / 3])


def test_random_scores_would_come_to_the_mean_share_of_the_labels(metrics):
    assert metrics.values["random_average_precision"] == pytest.approx((2 / 4 + 2 / 4 + 1 / 4) / 3)


def test_a_class_has_its_counts_and_its_threshold(metrics):
    rounded, rare = metrics.classes[1], metrics.classes[2]

    assert (rounded.support, rounded.predicted, rounded.correct, rounded.threshold) == (2, 3, 2, 0.5)
    assert (rare.support, rare.predicted, rare.precision, rare.recall, rare.f1) == (0, 1, 0, 0, 0)


def test_scores_that_just_reach_their_threshold_are_enough():
    score = np.float32(0.7)
    metrics = compute_metrics("test", np.array([[1]]), np.array([[score]]), ("a",), thresholds=[0.7])

    assert metrics.classes[0].correct == 1


def test_pairs_are_labels_missed_where_another_was_wrongly_given(metrics):
    # The second sample misses red and is called round; the third misses blue and is called red.
    assert confused_pairs(metrics) == [("red", "round", 1, 2), ("blue", "red", 1, 1)]


def test_cross_matrix_counts_like_a_loop():
    random = np.random.default_rng(0)
    labels, given = random.random((50, 4)) < 0.4, random.random((50, 4)) < 0.4
    expected = np.zeros((4, 4), int)
    for true, called in zip(labels, given, strict=True):
        for row in range(4):
            for column in range(4):
                right = true[row] and called[row]
                instead = true[row] and not called[row] and called[column] and not true[column]
                expected[row, column] += right if row == column else instead

    np.testing.assert_array_equal(cross_matrix(labels, given), expected)


def test_a_split_without_a_single_label_has_figures_too():
    values = compute_metrics("test", np.zeros((2, 2), int), np.array([[0.1, 0.2], [0.3, 0.1]]), ("a", "b")).values

    assert (values["exact_match"], values["mean_average_precision"], values["f1_macro"]) == (1, 0, 0)
