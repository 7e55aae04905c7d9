import dataclasses

import numpy as np
import pytest

from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.report.reliability import make_reliability_section
from graphcore.evaluation.samples.calibration import Calibration


@pytest.fixture
def metrics():
    """Four answers of a score of 0.9, three of them right; two of 0.6, one right."""
    scores = np.array([[0.9, 0.1]] * 4 + [[0.6, 0.4]] * 2)
    return compute_metrics("test", np.array([0, 0, 0, 1, 0, 1]), scores, ("a", "b"))


def test_it_says_in_words_what_a_score_is_worth(metrics, parse):
    page = parse(make_reliability_section(metrics).to_html())

    said = next(text for text in page.texts if text.startswith("Of answers given"))
    assert "between 87\u202f% and 93\u202f%, 75\u202f% are right (4 of them)" in said
    # (4 x 0.15 + 2 x 0.1) / 6
    assert "13.3\u202f% apart" in said
    assert "Scores as they come" in page.texts


def test_temperature_is_drawn_beside_it(metrics, parse):
    edges = np.array([0, 0.5, 1])
    calibrated = Calibration(edges, np.array([0, 6]), np.array([np.nan, 0.7]), np.array([np.nan, 0.66]))
    metrics = dataclasses.replace(metrics, calibrated=calibrated, temperature=1.5)

    page = parse(make_reliability_section(metrics).to_html())

    assert "At temperature 1.50" in page.texts
    assert "4.0\u202f% apart" in page.texts


def test_the_numbers_are_there_bin_by_bin(metrics, parse):
    texts = parse(make_reliability_section(metrics).to_html()).after("The numbers behind the diagram")

    row = texts.index("87\u202f% to 93\u202f%")
    assert texts[row : row + 4] == ["87\u202f% to 93\u202f%", "4", "90.0\u202f%", "75.0\u202f%"]
    assert texts[4:8] == ["0\u202f% to 7\u202f%", "0", "–", "–"]


def test_without_samples_there_is_no_section():
    empty = compute_metrics("test", np.zeros(0, int), np.zeros((0, 2)), ("a", "b"))

    assert make_reliability_section(empty) is None
