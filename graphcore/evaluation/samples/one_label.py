"""Figures of a split whose samples have exactly one label each, in plain NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from graphcore.evaluation.chunks import iterate_chunks
from graphcore.evaluation.figures import ClassFigures, make_class_figures
from graphcore.evaluation.samples.penalties import brier_scores
from graphcore.evaluation.samples.ranked import rank_classes
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
    labels: np.ndarray, scores: np.ndarray, classes: Sequence[ClassFigures], top_k: int = DEFAULT_TOP_K
) -> Iterator[tuple[str, float]]:
    """Yields the figures that describe the whole split as (name, value); nothing for an empty split.

    Balanced accuracy (the mean recall), macro F1 and mean average precision are means over the classes that samples of
    the split are of; "roc_auc" over those that have samples of other classes too, and is left out where there is none.
    "brier" lies in [0, 2]: see `penalties.brier_scores`. A top-k that no guess could miss, because there are no more
    than k classes, says nothing and is left out.

    Args:
        labels: int [n], the true classes.
        scores: float [n, classes] in [0, 1].
        classes: the figures of every class.
        top_k: see `top_k_hits`.
    """
    if len(labels) == 0:
        return
    yield from judge(labels, scores).items()
    if (k := resolve_top_k(top_k, scores.shape[1])) is not None:
        yield name_top_k(k), float(top_k_hits(labels, scores, k).mean())
    present = [figures for figures in classes if figures.support]
    yield "balanced_accuracy", float(np.mean([figures.recall for figures in present]))
    yield "macro_f1", float(np.mean([figures.f1 for figures in present]))
    yield "mean_average_precision", float(np.mean([figures.average_precision or 0.0 for figures in present]))
    areas = [figures.roc_auc for figures in classes if figures.roc_auc is not None]
    if areas:
        yield "roc_auc", float(np.mean(areas))
    yield "brier", float(brier_scores(labels, scores).mean())
    yield "majority_accuracy", max(figures.support for figures in classes) / len(labels)


def resolve_top_k(top_k: int, num_classes: int) -> int | None:
    """How many guesses a top-k accuracy allows; None where it would say nothing."""
    return top_k if 1 < top_k < num_classes else None


def name_top_k(k: int) -> str:
    """The figure's name."""
    return f"top_{k}_accuracy"


def top_k_hits(labels: np.ndarray, scores: np.ndarray, k: int) -> np.ndarray:
    """Whether each sample's true class is among the k highest scores, bool [n]; of equals the first classes win."""
    hits = np.zeros(len(labels), bool)
    for rows in iterate_chunks(*scores.shape):
        found, true = scores[rows], np.asarray(labels)[rows, None]
        of_truth = np.take_along_axis(found, true, axis=1)
        before = (found > of_truth) | ((found == of_truth) & (np.arange(scores.shape[1]) < true))
        hits[rows] = before.sum(axis=1) < k
    return hits


def class_figures(
    labels: np.ndarray, scores: np.ndarray, confusion: np.ndarray, class_names: Sequence[str]
) -> tuple[ClassFigures, ...]:
    """Precision, recall and F1 of every class, from the confusion matrix, and how well its scores rank the samples."""
    precisions, areas = rank_classes(labels, scores)
    return tuple(
        make_class_figures(
            name,
            support=int(confusion[index].sum()),
            predicted=int(confusion[:, index].sum()),
            correct=int(confusion[index, index]),
            average_precision=precisions[index],
            roc_auc=areas[index],
        )
        for index, name in enumerate(class_names)
    )
