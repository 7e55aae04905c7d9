import numpy as np
import pytest

from graphcore.errors import RunError
from graphcore.evaluation.metrics import compute_metrics

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


def test_scores_of_other_classes_are_an_error():
    with pytest.raises(RunError, match=r"'test' have shape \[5, 3\], but there are 5 labels and 2 classes"):
        compute_metrics("test", LABELS, SCORES, ("a", "b"))


def test_a_label_beyond_the_classes_is_an_error():
    with pytest.raises(RunError, match=r"labels from 0 to 3, but the run knows 3 classes"):
        compute_metrics("test", np.array([0, 3]), SCORES[:2], NAMES)


def test_scores_that_are_not_numbers_are_an_error():
    with pytest.raises(RunError, match=r"1 samples .* not numbers, the first at position 1"):
        compute_metrics("test", LABELS[:2], np.array([[0.5, 0.4, 0.1], [np.nan, 0, 0]]), NAMES)


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


def test_labels_of_other_classes_are_an_error():
    with pytest.raises(RunError, match=r"labels of split 'test' have shape \[2, 2\], and its scores \[2, 3\]"):
        compute_metrics("test", np.zeros((2, 2), int), np.zeros((2, 3)), NAMES)
