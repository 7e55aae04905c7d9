"""predictions.csv: what a run says about every sample of a split.

One row a sample: key, label, predicted, and one score column for each class, headed by the class's name. Where a sample
may have several labels, label and predicted hold their names joined by semicolons, and nothing for none; `label_sets`
says how a name with a semicolon is written. Read back by spreadsheets, by the report and by whoever wants to check a
figure.
"""

from __future__ import annotations

import csv
import dataclasses
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from graphcore.atomic import write_text
from graphcore.errors import RunError
from graphcore.evaluation.samples.label_sets import give_labels, join_labels, split_labels
from graphcore.evaluation.samples.one_label import predict
from graphcore.heads.ranking import DEFAULT_THRESHOLD
from graphcore.timelines.marks import Marks

FIXED_COLUMNS = ("key", "label", "predicted")

# By how much a score of 1 may exceed it, in float32 and written with nine digits.
_ROUNDED = 1e-5


@dataclasses.dataclass(frozen=True)
class Predictions:
    """The scores of a split's samples.

    Attributes:
        keys: one for each sample, as in the shards.
        labels: int [n], the true classes; of several labels a sample [n, classes] of 0 and 1.
        scores: float [n, classes] in [0, 1]; rows sum to 1 where each sample has one label.
        class_names: one for each score column.
        given: of several labels a sample bool [n, classes], the labels that its scores are enough for. None where
            samples have one label, or where no thresholds are known, which then are 0.5.
        marks: which video, moment, group and subject the samples are from; None where only the scores are known.
    """

    keys: tuple[str, ...]
    labels: np.ndarray
    scores: np.ndarray
    class_names: tuple[str, ...]
    given: np.ndarray | None = None
    marks: Marks | None = None

    @property
    def multi_label(self) -> bool:
        """Whether a sample may have any number of labels."""
        return self.labels.ndim == 2

    def give(self, thresholds: Sequence[float] | None) -> Predictions:
        """The same with the labels given whose scores reach one threshold a class; 0.5 for all when None."""
        if not self.multi_label or thresholds is None:
            return self
        return dataclasses.replace(self, given=give_labels(self.scores, thresholds))

    def name_labels(self) -> tuple[list[str], list[str]]:
        """Of every sample the true labels and those it was given, as the columns label and predicted have them."""
        names = self.class_names
        if not self.multi_label:
            return [names[n] for n in self.labels.tolist()], [names[n] for n in predict(self.scores).tolist()]
        return self._join(self.labels), self._join(self.find_given())

    def find_given(self) -> np.ndarray:
        """Of several labels a sample bool [n, classes], the labels that are given."""
        default = [DEFAULT_THRESHOLD] * len(self.class_names)
        return give_labels(self.scores, default) if self.given is None else self.given

    def _join(self, chosen: np.ndarray) -> list[str]:
        return [join_labels(self.class_names[n] for n in np.flatnonzero(row)) for row in chosen]


def predictions_name(split: str) -> str:
    """The file of a split's predictions under the run's folder."""
    return "predictions.csv" if split == "test" else f"predictions-{split}.csv"


def write_predictions(path: Path, predictions: Predictions) -> None:
    """Writes predictions.csv, in the order of the samples; scores with 9 digits, which give a float32 back exactly."""
    write_text(path, format_predictions(predictions), can_wait=True)


def format_predictions(predictions: Predictions) -> str:
    """The text of predictions.csv."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow([*FIXED_COLUMNS, *predictions.class_names])
    # Of 1 000 classes a row at a time takes 60 % of what a number at a time does; no number needs quotes.
    cells = ",%.9g" * len(predictions.class_names) + "\n"
    for key, label, predicted, scores in zip(
        predictions.keys, *predictions.name_labels(), predictions.scores.tolist(), strict=True
    ):
        writer.writerow([key, label, predicted])
        buffer.seek(buffer.tell() - 1)  # before the end of the line
        buffer.write(cells % tuple(scores))
    return buffer.getvalue()


def read_predictions(path: Path, multi_label: bool = False) -> Predictions:
    """Reads predictions.csv back.

    Args:
        path: the file.
        multi_label: whether samples may have any number of labels.

    Raises:
        RunError: the file is missing or is not a predictions.csv of that kind.
    """
    rows = _read_rows(path)
    names = tuple(rows[0][len(FIXED_COLUMNS) :])
    read = _read_label_sets if multi_label else _read_labels
    return Predictions(
        keys=_read_keys(path, [row[0] for row in rows[1:]]),
        labels=read(path, [row[1] for row in rows[1:]], names),
        scores=_read_scores(path, rows),
        class_names=names,
        # The scores were rounded, and may no longer reach a threshold that they just reached.
        given=_read_label_sets(path, [row[2] for row in rows[1:]], names) > 0 if multi_label else None,
    )


def _read_rows(path: Path) -> list[list[str]]:
    """The head and as many cells in every row."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file, strict=True))
    except OSError as error:
        raise RunError(
            f"{path} cannot be read: {error.strerror}.",
            next_step="Run python -m graphcore.evaluate run=RUN first.",
        ) from error
    except (ValueError, csv.Error) as error:
        raise _damaged(path, str(error)) from error
    if not rows or tuple(rows[0][: len(FIXED_COLUMNS)]) != FIXED_COLUMNS:
        raise _damaged(path, f"its first columns are not {', '.join(FIXED_COLUMNS)}")
    for number, row in enumerate(rows[1:], 2):
        if len(row) != len(rows[0]):
            raise _damaged(path, f"row {number} has {len(row)} cells, and the first {len(rows[0])}")
    return rows


def _read_keys(path: Path, keys: Sequence[str]) -> tuple[str, ...]:
    if len(set(keys)) < len(keys):
        twice = next(key for key, count in Counter(keys).items() if count > 1)
        raise _damaged(path, f"sample {twice!r} is there twice")
    return tuple(keys)


def _read_scores(path: Path, rows: Sequence[Sequence[str]]) -> np.ndarray:
    cells = [row[len(FIXED_COLUMNS) :] for row in rows]
    try:
        scores = np.array(cells[1:], np.float64).reshape(-1, len(cells[0]))
    except ValueError as error:
        raise _damaged(path, str(error)) from error
    outside = np.argwhere(~((scores >= -_ROUNDED) & (scores <= 1 + _ROUNDED)))  # which finds NaN too
    if len(outside):
        row, column = outside[0].tolist()
        raise _damaged(path, f"row {row + 2} has a score of {scores[row, column]:g}, which is not in 0 to 1")
    return scores


def _damaged(path: Path, reason: str) -> RunError:
    return RunError(
        f"{path} is not a predictions.csv: {reason}.",
        next_step="Run python -m graphcore.evaluate run=RUN again.",
    )


def _read_labels(path: Path, cells: Sequence[str], names: Sequence[str]) -> np.ndarray:
    numbers = {name: number for number, name in enumerate(names)}
    try:
        return np.array([numbers[cell] for cell in cells], np.int64)
    except KeyError as error:
        raise _unknown_label(path, error.args[0], names) from error


def _read_label_sets(path: Path, cells: Sequence[str], names: Sequence[str]) -> np.ndarray:
    numbers = {name: number for number, name in enumerate(names)}
    chosen = np.zeros((len(cells), len(names)), np.uint8)
    for row, cell in enumerate(cells):
        for name in split_labels(cell):
            if name not in numbers:
                raise _unknown_label(path, name, names)
            chosen[row, numbers[name]] = 1
    return chosen


def _unknown_label(path: Path, name: str, names: Sequence[str]) -> RunError:
    return RunError(
        f"{path} labels a sample {name!r}, which has no score column.",
        choices=names,
        next_step="Run python -m graphcore.evaluate run=RUN again.",
    )
