import numpy as np

from graphcore.evaluation.mistakes import Mistake, find_mistakes
from graphcore.evaluation.predictions import Predictions


def test_surest_mistakes_come_first():
    scores = np.array([[0.6, 0.4], [0.9, 0.1], [0.2, 0.8]])
    predictions = Predictions(("x", "y", "z"), np.array([1, 1, 1]), scores, ("a", "b"))

    assert find_mistakes(predictions, 5) == [Mistake("y", "b", "a", 0.9, 1), Mistake("x", "b", "a", 0.6, 0)]
    assert len(find_mistakes(predictions, 1)) == 1


def test_of_several_labels_those_wrongly_given_and_withheld_are_told_apart():
    labels = np.array([[1, 1], [0, 1], [0, 0]])
    scores = np.array([[0.9, 0.05], [0.7, 0.8], [0.2, 0.3]])
    predictions = Predictions(("x", "y", "z"), labels, scores, ("red", "round"))

    assert find_mistakes(predictions, 5) == [
        Mistake("x", "red;round", "not round", 0.05, 0),
        Mistake("y", "round", "red", 0.7, 1),
    ]


def test_thresholds_decide_what_is_a_mistake():
    predictions = Predictions(("x",), np.array([[0, 1]]), np.array([[0.6, 0.3]]), ("red", "round"))

    assert find_mistakes(predictions.give([0.7, 0.2]), 5) == []
    assert find_mistakes(predictions.give([0.5, 0.2]), 5) == [Mistake("x", "round", "red", 0.6, 0)]
