"""The surest mistakes of a split: where to look first for wrong labels."""

from __future__ import annotations

import dataclasses

import numpy as np

from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.samples.one_label import predict


@dataclasses.dataclass(frozen=True)
class Mistake:
    """One wrong answer.

    Attributes:
        key: of the sample.
        true: its class, or its classes as predictions.csv has them.
        called: the class that it was called; of several labels a sample, a label that was wrongly given, or one that
            was wrongly withheld, as "not round".
        score: of that class, in [0, 1].
        row: the sample's place in the split, from 0.
    """

    key: str
    true: str
    called: str
    score: float
    row: int


def find_mistakes(predictions: Predictions, most: int) -> list[Mistake]:
    """The mistakes with the highest scores, or, of labels wrongly withheld, with the lowest; surest first.

    Where a sample may have several labels, each label is a question of its own, and a sample may come more than once.
    """
    return (_find_wrong_labels if predictions.multi_label else _find_wrong_calls)(predictions, most)


def _find_wrong_calls(predictions: Predictions, most: int) -> list[Mistake]:
    scores, names = predictions.scores, predictions.class_names
    called = predict(scores)
    wrong = np.flatnonzero(called != predictions.labels)
    surest = wrong[np.argsort(-scores[wrong, called[wrong]], kind="stable")][:most]
    return [
        Mistake(
            predictions.keys[n],
            names[int(predictions.labels[n])],
            names[int(called[n])],
            float(scores[n, called[n]]),
            int(n),
        )
        for n in surest
    ]


def _find_wrong_labels(predictions: Predictions, most: int) -> list[Mistake]:
    given, scores, names = predictions.find_given(), predictions.scores, predictions.class_names
    rows, columns = np.nonzero(given != (predictions.labels > 0))
    sureness = np.where(given, scores, 1 - scores)[rows, columns]
    true, _ = predictions.name_labels()
    return [
        Mistake(
            predictions.keys[row],
            true[row],
            names[column] if given[row, column] else f"not {names[column]}",
            float(scores[row, column]),
            row,
        )
        for row, column in ((int(rows[i]), int(columns[i])) for i in np.argsort(-sureness, kind="stable")[:most])
    ]
