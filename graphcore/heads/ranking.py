"""A class's samples from the best score down: how precise that order is, and where best to part it."""

from __future__ import annotations

import numpy as np

# From which score a label is given where nothing is known of its class.
DEFAULT_THRESHOLD = 0.5


def average_precision(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The average precision of each class: the mean of the precision at every true sample, best scores first.

    Samples of equal scores come in at once, so that their order in the file decides nothing. Nothing is interpolated.

    Args:
        labels: [n, classes], 0 or 1.
        scores: float [n, classes].

    Returns:
        float64 [classes] in [0, 1]; NaN for a class without positives, of which nothing can be said.

    Source: Manning, Raghavan and Schuetze, "Introduction to Information Retrieval" (2008), section 8.4.
    """
    pairs = zip(np.asarray(labels).T > 0, np.asarray(scores).T, strict=True)
    return np.array([_average_precision_of_class(given, found) for given, found in pairs], np.float64)


def _average_precision_of_class(given: np.ndarray, scores: np.ndarray) -> float:
    if not given.any():
        return float("nan")
    _, hits, taken = _sweep(given, scores)
    recalls = hits / given.sum()
    return float(np.sum(np.diff(recalls, prepend=0.0) * (hits / taken)))


def _sweep(given: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """From the best score down: each different score, and how many samples have it or more: the true ones, and all."""
    order = np.argsort(-scores, kind="stable")
    ordered = scores[order]
    last = np.flatnonzero(np.append(ordered[1:] != ordered[:-1], True)) if len(ordered) else np.zeros(0, np.int64)
    return ordered[last], np.cumsum(given[order])[last], last + 1


def choose_thresholds(labels: np.ndarray, scores: np.ndarray) -> list[float]:
    """For each class the score from which its label is given (score >= threshold) that has the best F1.

    Between two neighbouring scores any threshold does the same, so the middle is taken; below the lowest, half of it.
    Of equals the one nearest to 0.5 wins.

    Args:
        labels: [n, classes], 0 or 1; of samples that were not trained on.
        scores: float32 [n, classes] in [0, 1].

    Returns:
        One float a class, in [0, 1], each of them a float32's value; 0.5 for a class without positives.

    Source: Lipton, Elkan and Naryanaswamy, "Thresholding Classifiers to Maximize F1 Score", arXiv:1402.1892.
    """
    pairs = zip(np.asarray(labels).T > 0, np.asarray(scores, np.float32).T, strict=True)
    return [_choose_threshold(given, found) for given, found in pairs]


def _choose_threshold(given: np.ndarray, scores: np.ndarray) -> float:
    if not given.any():
        return DEFAULT_THRESHOLD
    levels, hits, taken = _sweep(given, scores)
    f1 = 2 * hits / (taken + given.sum())
    lower = np.append(levels[1:], np.float32(0))
    middles = lower + (levels - lower) / 2
    # Between two neighbours among the float32 there is no middle.
    thresholds = np.where(middles > lower, middles, levels)
    best = thresholds[f1 == f1.max()]
    return float(best[np.argmin(np.abs(best - DEFAULT_THRESHOLD))])


def choose_steady_thresholds(labels: np.ndarray, scores: np.ndarray, resamples: int = 50, seed: int = 0) -> list[float]:
    """What `choose_thresholds` gives on average over as many samples drawn from these with replacement.

    The single best threshold of a few positives hangs on one of them. Measured on 400 photos of clothing with 14
    labels, 15 divisions, 4 or 10 positives a label: the mean's macro F1 on test was never below the single one's (0.638
    for 0.614, 0.646 for 0.637, 0.532 for 0.526, 0.564 for 0.557).

    Args:
        labels: see `choose_thresholds`.
        scores: see `choose_thresholds`.
        resamples: how many; draws without a positive of a class say nothing of it.
        seed: of the draws.

    Source: Breiman, "Bagging Predictors", Machine Learning 24 (1996).
    """
    labels, scores = np.asarray(labels) > 0, np.asarray(scores, np.float32)
    random = np.random.default_rng(seed)
    sums, counts = np.zeros(labels.shape[1]), np.zeros(labels.shape[1])
    for _ in range(resamples if len(labels) else 0):
        drawn = random.integers(0, len(labels), len(labels))
        told = labels[drawn].any(axis=0)
        sums += np.where(told, choose_thresholds(labels[drawn], scores[drawn]), 0.0)
        counts += told
    means = np.where(counts > 0, sums / np.maximum(counts, 1), DEFAULT_THRESHOLD)
    return [float(np.float32(mean)) for mean in means]
