"""How well a class's samples stand above the others when all are sorted by its score: average precision and ROC AUC.

Nothing here hangs on a threshold. Both follow `heads.ranking.average_precision`: samples of equal scores come in at
once, and nothing is interpolated.

Source: Fawcett, "An introduction to ROC analysis", Pattern Recognition Letters 27 (2006), for the area as the share of
pairs in order; Manning, Raghavan and Schuetze, "Introduction to Information Retrieval" (2008), section 8.4.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

# Columns are copied out a few at a time: to read one down a wide array costs nearly as much as to read eight.
_COLUMNS = 8


def rank_classes(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Average precision and area under the ROC curve of each class, one against the rest.

    Args:
        labels: int [n], the true classes; of several labels a sample [n, classes] of 0 and 1.
        scores: float [n, classes].

    Returns:
        Two float64 [classes] in [0, 1]. Average precisions are NaN for classes without positives, areas also for those
        without negatives.
    """
    precisions, areas = np.full((2, scores.shape[1]), np.nan)
    for index, column, positives in iterate_classes(labels, scores):
        if len(positives):
            precisions[index], areas[index] = _rank(np.sort(column), np.sort(column[positives]))
    return precisions, areas


def _rank(scores: np.ndarray, of_class: np.ndarray) -> tuple[float, float]:
    """Of all scores and those of the class's samples, both ascending."""
    count, positives = len(scores), len(of_class)
    lower, of_class_lower = np.searchsorted(scores, of_class), np.searchsorted(of_class, of_class)
    precision = float(((positives - of_class_lower) / (count - lower)).mean())
    if positives == count:
        return precision, float("nan")
    not_higher = np.searchsorted(scores, of_class, side="right")
    of_class_not_higher = np.searchsorted(of_class, of_class, side="right")
    # Of each positive twice the negatives below it, as those of equal scores count a half.
    pairs = (lower - of_class_lower) + (not_higher - of_class_not_higher)
    return precision, float(pairs.sum() / 2 / (positives * (count - positives)))


def iterate_classes(labels: np.ndarray, scores: np.ndarray) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Of each class: its number, the samples' scores for it [n], and which samples are of it, int64 [positives]."""
    of_one = _split_by_class(labels, scores.shape[1]) if labels.ndim == 1 else None
    for start in range(0, scores.shape[1], _COLUMNS):
        columns = np.ascontiguousarray(scores[:, start : start + _COLUMNS].T)
        for index, column in enumerate(columns, start):
            yield index, column, np.flatnonzero(labels[:, index]) if of_one is None else of_one[index]


def _split_by_class(labels: np.ndarray, num_classes: int) -> list[np.ndarray]:
    counts = np.bincount(labels, minlength=num_classes)
    return np.split(np.argsort(labels, kind="stable"), np.cumsum(counts)[:-1])


def mean_known(values: np.ndarray) -> float:
    """The mean of those that are numbers; NaN where none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
