"""What several runs say about the same samples, lined up: each row the same sample, each column the same class."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from graphcore.errors import RunError
from graphcore.evaluation.figures import Metrics
from graphcore.evaluation.predictions import Predictions

_TRAIN_ON_THE_SAME = "Compare runs that were trained on the same records."


@dataclasses.dataclass(frozen=True)
class Gathered:
    """The shared samples of several runs.

    Attributes:
        names: of the runs, short and different.
        predictions: one of each run, of the same keys, labels and classes in the same order; with marks, where any
            run's records are there to ask.
        left_out: how many samples of each run another one lacks.
        metrics: what evaluation says of each run on these samples.
    """

    names: tuple[str, ...]
    predictions: tuple[Predictions, ...]
    left_out: tuple[int, ...]
    metrics: tuple[Metrics, ...] = ()


def line_up(names: Sequence[str], read: Sequence[Predictions], split: str) -> Gathered:
    """Puts what every run says about the samples that all have into the first run's order of samples and classes.

    Raises:
        RunError: see `gather`.
    """
    for name, predictions in zip(names, read, strict=True):
        if not predictions.keys:
            raise RunError(f"The {split} split of {name} has no samples.", next_step="Compare another: split=...")
    ordered = [_match_classes(names, read[0], other, index) for index, other in enumerate(read)]
    shared = set.intersection(*(set(predictions.keys) for predictions in ordered))
    if not shared:
        raise RunError(
            f"{', '.join(names)} share no sample of the {split} split: {names[0]} has samples such as "
            f"{read[0].keys[0]!r}, {names[1]} such as {read[1].keys[0]!r}.",
            next_step=_TRAIN_ON_THE_SAME,
        )
    keys = [key for key in ordered[0].keys if key in shared]
    taken = tuple(_take(predictions, keys) for predictions in ordered)
    _require_same_labels(names, taken)
    return Gathered(tuple(names), taken, tuple(len(predictions.keys) - len(keys) for predictions in ordered))


def _match_classes(names: Sequence[str], first: Predictions, other: Predictions, index: int) -> Predictions:
    """The other run with its classes in the order of the first."""
    if first.multi_label != other.multi_label:
        kinds = [("one label a sample", "several")[one.multi_label] for one in (first, other)]
        raise RunError(
            f"{names[0]} has {kinds[0]} and {names[index]} {kinds[1]}: no figure is common to them.",
            next_step="Compare runs of one kind.",
        )
    if set(first.class_names) != set(other.class_names):
        only = sorted(set(first.class_names) ^ set(other.class_names))
        shown = ", ".join(only[:5]) + (f" and {len(only) - 5} more" if len(only) > 5 else "")
        raise RunError(
            f"{names[index]} has other classes than {names[0]}: one of them lacks {shown}.",
            next_step="Compare runs of the same classes.",
        )
    return order_classes(other, first.class_names)


def order_classes(predictions: Predictions, class_names: Sequence[str]) -> Predictions:
    """The same with its classes in another order; there are no others."""
    columns = np.array([predictions.class_names.index(name) for name in class_names])
    if predictions.multi_label:
        labels, given = predictions.labels[:, columns], predictions.find_given()[:, columns]
    else:
        # `columns` says from where each class comes; of a label it must be told where its class goes.
        labels, given = np.argsort(columns)[predictions.labels], None
    scores = predictions.scores[:, columns]
    return Predictions(predictions.keys, labels, scores, tuple(class_names), given, predictions.marks)


def _take(predictions: Predictions, keys: Sequence[str]) -> Predictions:
    """The samples of some keys, in their order."""
    places = {key: row for row, key in enumerate(predictions.keys)}
    rows = np.array([places[key] for key in keys], np.int64)
    given = None if predictions.given is None else predictions.given[rows]
    return Predictions(tuple(keys), predictions.labels[rows], predictions.scores[rows], predictions.class_names, given)


def _require_same_labels(names: Sequence[str], taken: Sequence[Predictions]) -> None:
    first = taken[0]
    for name, other in zip(names[1:], taken[1:], strict=True):
        differ = np.flatnonzero((first.labels != other.labels).reshape(len(first.keys), -1).any(axis=1))
        if len(differ):
            row = differ[0]
            true = [predictions.name_labels()[0][row] or "nothing" for predictions in (first, other)]
            raise RunError(
                f"{len(differ)} samples have other labels in {name} than in {names[0]}; {first.keys[row]!r} is "
                f"{true[1]} there and {true[0]} here.",
                next_step=_TRAIN_ON_THE_SAME,
            )
