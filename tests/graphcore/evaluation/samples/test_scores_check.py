import numpy as np
import pytest

from graphcore.errors import RunError
from graphcore.evaluation.samples.scores_check import check_scores

NAMES = ("a", "b", "c")
LABELS = np.array([0, 1, 1, 1, 2])
SCORES = np.full((5, 3), 1 / 3)


def test_what_belongs_together_passes():
    check_scores("test", LABELS, SCORES, NAMES)
    check_scores("test", np.eye(3), np.eye(3), NAMES)
    check_scores("test", np.zeros(0, int), np.zeros((0, 3)), NAMES)


def test_scores_of_other_classes_are_an_error():
    with pytest.raises(RunError, match=r"'test' have shape \[5, 3\], but there are 5 labels and 2 classes"):
        check_scores("test", LABELS, SCORES, ("a", "b"))


def test_a_label_beyond_the_classes_is_an_error():
    with pytest.raises(RunError, match=r"labels from 0 to 3, but the run knows 3 classes"):
        check_scores("test", np.array([0, 3]), SCORES[:2], NAMES)


def test_scores_that_are_not_numbers_are_an_error():
    with pytest.raises(RunError, match=r"1 samples .* not numbers, the first at position 1"):
        check_scores("test", LABELS[:2], np.array([[0.5, 0.4, 0.1], [np.nan, 0, 0]]), NAMES)


def test_labels_of_other_classes_are_an_error():
    with pytest.raises(RunError, match=r"labels of split 'test' have shape \[2, 2\], and its scores \[2, 3\]"):
        check_scores("test", np.zeros((2, 2), int), np.zeros((2, 3)), NAMES)
