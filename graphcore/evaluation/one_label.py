"""Figures of a split whose samples have exactly one label each, in plain NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from graphcore.evaluation.figures import ClassFigures, make_class_figures
from graphcore.heads.judge import judge

DEFAULT_TOP_K = 5


def predict(scores: np.ndarray) -> np.ndarray:
    """The class of the highest score, int64 [n]; the first of equals."""
    return np.argmax(scores, axis=1) if len(scores) else np.zeros(0, np.int64)


def confusion_matrix(labels: np.ndarray, predicted: np.ndarray, num_classes: int) -> np.ndarray:
    """Counts samples by true class (row) and predicted class (column): int64 [num_classes, num_classes]."""
    cells = np.asarray(labels, np.int64) * num_classes + np.asarray(predicted, np.int64)
    return np.bincount(cells, minlength=num_classes * num_classes).reshape(num_classes, num_classes)


def classification_values(
    labels: np.ndarray, scores: np.ndarray, confusion: np.ndarray, top_k: int = DEFAULT_TOP_K
) -> Iterator[tuple[str, float]]:
    """Yields the figures that describe the whole split as (name, value); nothing for an empty split.

    A top-k that no guess could miss, because there are no more than k classes, says nothing and is left out.
    """
    if len(labels) == 0:
        return
    yield from judge(labels, scores).items()
    if 1 < top_k < scores.shape[1]:
        yield f"top_{top_k}_accuracy", top_k_accuracy(labels, scores, top_k)
    support = confusion.sum(axis=1)
    present = support > 0
    yield "balanced_accuracy", float((np.diag(confusion)[present] / support[present]).mean())
    yield "majority_accuracy", float(support.max() / len(labels))


def top_k_accuracy(labels: np.ndarray, scores: np.ndarray, k: int) -> float:
    """Share of samples whose true class is among the k highest scores; of equals the first classes win."""
    best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return float((best == np.asarray(labels)[:, None]).any(axis=1).mean())


def class_figures(confusion: np.ndarray, class_names: Sequence[str]) -> tuple[ClassFigures, ...]:
    """Precision, recall and F1 of every class, from the confusion matrix."""
    return tuple(
        make_class_figures(
            name,
            support=int(confusion[index].sum()),
            predicted=int(confusion[:, index].sum()),
            correct=int(confusion[index, index]),
        )
        for index, name in enumerate(class_names)
    )
