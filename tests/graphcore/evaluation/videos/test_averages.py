import pytest

from graphcore.evaluation.videos.averages import average


def test_the_standard_deviation_is_that_of_a_sample():
    # Mean 4; squared distances 4, 0, 4: 8 / (3 - 1) = 4.
    assert dict(average("accuracy", [2.0, 4.0, 6.0])) == pytest.approx({"accuracy": 4.0, "accuracy_std": 2.0})


def test_one_figure_has_no_standard_deviation():
    assert dict(average("accuracy", [0.5])) == {"accuracy": 0.5}


def test_no_figures_have_no_mean():
    assert dict(average("accuracy", [])) == {}
