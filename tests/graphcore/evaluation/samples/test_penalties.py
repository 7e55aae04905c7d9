import numpy as np
import pytest

from graphcore.evaluation.samples.penalties import brier_scores, log_losses


def test_the_loss_of_a_sample_is_the_negative_log_of_its_class():
    found = log_losses(np.array([0, 1]), np.array([[0.25, 0.75], [0.5, 0.5]]))

    assert found == pytest.approx([np.log(4), np.log(2)])


def test_the_loss_of_several_labels_is_their_mean():
    found = log_losses(np.array([[1, 0]]), np.array([[0.25, 0.5]]))

    assert found == pytest.approx([(np.log(4) + np.log(2)) / 2])


@pytest.mark.parametrize("labels", [np.array([0]), np.array([[1, 0]])])
def test_impossible_truth_has_a_finite_loss(labels):
    assert np.isfinite(log_losses(labels, np.array([[0.0, 1.0]], np.float32))).all()


def test_brier_goes_from_0_to_2_for_one_label():
    found = brier_scores(np.array([0, 1, 0]), np.array([[1, 0], [1, 0], [0.8, 0.2]], np.float64))

    # Sure and right; sure and wrong; a fifth away in both classes.
    assert found == pytest.approx([0, 2, 2 * 0.04])


def test_brier_of_several_labels_is_their_mean_in_0_to_1():
    found = brier_scores(np.array([[1, 0], [1, 0]]), np.array([[0.0, 1.0], [0.7, 0.1]]))

    assert found == pytest.approx([1, (0.09 + 0.01) / 2])


def test_scores_are_left_as_they_were():
    scores = np.array([[0.5, 0.5]])
    brier_scores(np.array([0]), scores)

    assert scores.tolist() == [[0.5, 0.5]]


def test_no_samples_have_no_penalties():
    for labels in (np.zeros(0, int), np.zeros((0, 3))):
        assert log_losses(labels, np.zeros((0, 3))).shape == brier_scores(labels, np.zeros((0, 3))).shape == (0,)
