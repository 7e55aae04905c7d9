import numpy as np
import pytest

from graphcore.evaluation.choices.thresholds import fit_thresholds
from graphcore.evaluation.predictions import Predictions
from graphcore.training.run import Run


def make_run(folder, **head):
    return Run(
        folder, ("red", "round", "rare"), "mobilenet_v1", 0.25, 128, folder / "records", "digest", folder / "features",
        head_options={"name": "multi_label", **head}, multi_label=True,
    )  # fmt: skip


NAMES = ("red", "round", "rare")
EMPTY = Predictions((), np.zeros((0, 3), np.uint8), np.zeros((0, 3)), NAMES)


@pytest.fixture
def scored():
    """Validation in which red is told apart anywhere from 0.4 to 0.8, round only by giving it to all."""
    labels = np.array([[1, 1, 0], [1, 0, 0], [0, 1, 0]], np.uint8)
    scores = np.array([[0.8, 0.3, 0.1], [0.9, 0.4, 0.1], [0.4, 0.2, 0.1]], np.float32)
    return Predictions(("a", "b", "c"), labels, scores, NAMES)


def test_each_label_gets_the_threshold_of_its_best_f1_on_validation(scored, tmp_path):
    red, round_, _ = fit_thresholds(make_run(tmp_path), scored).thresholds

    assert 0.4 < red < 0.8
    assert round_ < 0.2


def test_a_label_that_validation_has_not_is_given_from_one_half_and_that_is_said(scored, tmp_path, capsys):
    assert fit_thresholds(make_run(tmp_path), scored).thresholds[2] == 0.5
    assert "No validation sample has rare: given from a score of 0.5 on" in capsys.readouterr().err


def test_labels_with_few_validation_samples_are_named(scored, tmp_path, capsys):
    fit_thresholds(make_run(tmp_path), scored)

    assert "Fewer than 10 validation samples have red, round: rough thresholds" in capsys.readouterr().err


def test_a_threshold_that_was_asked_for_is_that_of_every_label(scored, tmp_path, capsys):
    assert fit_thresholds(make_run(tmp_path, threshold=0.25), scored).thresholds == [0.25] * 3
    assert capsys.readouterr().err == ""


def test_without_validation_one_half_is_taken_and_that_is_said(tmp_path, capsys):
    assert fit_thresholds(make_run(tmp_path), EMPTY).thresholds == [0.5] * 3
    assert "The validation split has no samples" in capsys.readouterr().err


def test_a_run_of_one_label_a_picture_stays_as_it_is(scored, tmp_path):
    run = Run(tmp_path, ("a", "b"), "mobilenet_v1", 0.25, 128, tmp_path, "digest", tmp_path)

    assert fit_thresholds(run, scored) is run
