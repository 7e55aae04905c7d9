"""predictions.csv: what a run says about every sample of a split.

One row a sample: key, label, predicted, and one score column for each class, headed by the class's name. Read
back by spreadsheets, by the report and by whoever wants to check a figure.
"""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from graphcore.atomic import write_text
from graphcore.errors import RunError
from graphcore.evaluation.metrics import predict

FIXED_COLUMNS = ("key", "label", "predicted")


@dataclasses.dataclass(frozen=True)
class Predictions:
    """The scores of a split's samples.

    Attributes:
        keys: one for each sample, as in the shards.
        labels: int [n], the true classes.
        scores: float [n, classes] in [0, 1], each row summing to 1.
        class_names: one for each score column.
    """

    keys: tuple[str, ...]
    labels: np.ndarray
    scores: np.ndarray
    class_names: tuple[str, ...]

    def mistakes(self, most: int) -> list[tuple[str, str, str, float]]:
        """The surest mistakes as (key, true class, called, score of what it was called), surest first."""
        predicted = predict(self.scores)
        wrong = np.flatnonzero(predicted != self.labels)
        surest = wrong[np.argsort(-self.scores[wrong, predicted[wrong]], kind="stable")][:most]
        return [
            (
                self.keys[sample],
                self.class_names[int(self.labels[sample])],
                self.class_names[int(predicted[sample])],
                float(self.scores[sample, predicted[sample]]),
            )
            for sample in surest
        ]


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Writes predictions.csv, in the order of the samples; scores with 8 decimals."""
    write_text(path, format_predictions(predictions))


def format_predictions(predictions: Predictions) -> str:
    """The text of predictions.csv."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    names = predictions.class_names
    writer.writerow([*FIXED_COLUMNS, *names])
    predicted = predict(predictions.scores)
    for sample, key in enumerate(predictions.keys):
        scores = [f"{score:.8f}" for score in predictions.scores[sample].tolist()]
        writer.writerow([key, names[int(predictions.labels[sample])], names[int(predicted[sample])], *scores])
    return buffer.getvalue()


def read_predictions(path: Path) -> Predictions:
    """Reads predictions.csv back.

    Raises:
        RunError: the file is missing or is not a predictions.csv.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
    except OSError as error:
        raise RunError(
            f"{path} cannot be read: {error.strerror}.",
            next_step="Run python -m graphcore.evaluate run=RUN first.",
        ) from error
    if not rows or tuple(rows[0][: len(FIXED_COLUMNS)]) != FIXED_COLUMNS:
        raise RunError(
            f"{path} is not a predictions.csv: its first columns are not {', '.join(FIXED_COLUMNS)}.",
            next_step="Run python -m graphcore.evaluate run=RUN again.",
        )
    names = tuple(rows[0][len(FIXED_COLUMNS) :])
    return Predictions(
        keys=tuple(row[0] for row in rows[1:]),
        labels=_label_numbers(path, rows[1:], names),
        scores=np.array([row[len(FIXED_COLUMNS) :] for row in rows[1:]], np.float64).reshape(-1, len(names)),
        class_names=names,
    )


def _label_numbers(path: Path, rows: Sequence[Sequence[str]], names: Sequence[str]) -> np.ndarray:
    numbers = {name: number for number, name in enumerate(names)}
    try:
        return np.array([numbers[row[1]] for row in rows], np.int64)
    except KeyError as error:
        raise RunError(
            f"{path} labels a sample {error.args[0]!r}, which has no score column.",
            choices=names,
            next_step="Run python -m graphcore.evaluate run=RUN again.",
        ) from error
