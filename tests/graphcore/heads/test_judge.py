import numpy as np
import pytest

from graphcore.errors import ConfigError
from graphcore.heads.judge import judge, resolve_objective


def test_figures_of_one_label_a_sample():
    scores = np.array([[0.5, 0.5], [0.9, 0.1], [0.2, 0.8]], np.float32)
    found = judge(np.array([0, 1, 1]), scores)
    assert list(found) == ["accuracy", "loss"]
    assert found["accuracy"] == pytest.approx(2 / 3)
    assert found["loss"] == pytest.approx(-np.log([0.5, 0.1, 0.8]).mean(), rel=1e-6)


def test_figures_of_several_labels_a_sample():
    labels = np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0]], np.uint8)
    scores = np.array([[0.9, 0.2, 0.5], [0.6, 0.8, 0.5], [0.3, 0.7, 0.5]], np.float32)
    found = judge(labels, scores)
    assert list(found) == ["mean_average_precision", "loss"]
    # The first class finds its second positive third: (1/1 + 2/3) / 2; the second is perfect; the third has none.
    assert found["mean_average_precision"] == pytest.approx(((1 + 2 / 3) / 2 + 1) / 2)
    of_truth = [0.9, 0.8, 0.5, 0.4, 0.8, 0.5, 0.3, 0.7, 0.5]
    assert found["loss"] == pytest.approx(-np.log(of_truth).mean(), rel=1e-6)


def test_no_positives_at_all_are_worth_nothing_and_certain_mistakes_are_finite():
    found = judge(np.zeros((2, 2), np.uint8), np.ones((2, 2), np.float32))
    assert found["mean_average_precision"] == 0
    assert found["loss"] == pytest.approx(24 * np.log(2))


def test_a_certain_mistake_of_one_label_is_finite():
    assert judge(np.array([0]), np.array([[0.0, 1.0]], np.float32))["loss"] == pytest.approx(30 * np.log(10))


@pytest.mark.parametrize(
    ("asked", "multi_label", "expected"),
    [
        (None, False, "validation/accuracy"),
        (None, True, "validation/mean_average_precision"),
        ("validation/loss", True, "validation/loss"),
        ("validation/accuracy", False, "validation/accuracy"),
    ],
)
def test_objective(asked, multi_label, expected):
    assert resolve_objective(asked, multi_label) == expected


def test_objective_of_another_kind_of_head_lists_the_choices():
    with pytest.raises(ConfigError, match=r"(?s)several labels.*validation/mean_average_precision, validation/loss"):
        resolve_objective("validation/accuracy", multi_label=True)
