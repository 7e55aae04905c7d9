"""What each sample's scores cost, however they are ranked: log-loss and Brier score, both proper scoring rules.

Both are least on average when scores are the true frequencies, so they tell of calibration and of ranking at once.

Source: Gneiting and Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation", JASA 102 (2007); Brier,
"Verification of forecasts expressed in terms of probability", Monthly Weather Review 78 (1950).
"""

from __future__ import annotations

import numpy as np

from graphcore.evaluation.chunks import iterate_chunks
from graphcore.heads.judge import SMALLEST_REST, SMALLEST_SCORE


def log_losses(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The cross-entropy of each sample, at least 0; of several labels the mean over them. Its mean is "loss".

    Args:
        labels: int [n], the true classes; of several labels a sample [n, classes] of 0 and 1.
        scores: float [n, classes] in [0, 1].

    Returns:
        float64 [n].
    """
    if labels.ndim == 1:
        return -np.log(np.maximum(scores[np.arange(len(labels)), labels].astype(np.float64), SMALLEST_SCORE))
    losses = np.zeros(len(labels))
    for rows in iterate_chunks(*scores.shape):
        given, chances = labels[rows] > 0, scores[rows].astype(np.float64)
        of_truth = np.where(given, np.maximum(chances, SMALLEST_SCORE), np.maximum(1 - chances, SMALLEST_REST))
        losses[rows] = -np.log(of_truth).mean(axis=1)
    return losses


def brier_scores(labels: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """The Brier score of each sample; its mean is "brier".

    Of one label it is Brier's own: the squared differences between the scores and the truth (1 for the true class, 0
    for others), summed over the classes. It lies in [0, 2], and of two classes is twice what is often quoted. Of
    several labels it is the mean over the labels, in [0, 1].

    Args:
        labels: see `log_losses`.
        scores: see `log_losses`.

    Returns:
        float64 [n].
    """
    found = np.zeros(len(labels))
    for rows in iterate_chunks(*scores.shape):
        away = scores[rows].astype(np.float64)
        if labels.ndim == 1:
            away[np.arange(len(away)), labels[rows]] -= 1
        else:
            away -= labels[rows] > 0
        found[rows] = np.einsum("nc,nc->n", away, away)
    return found if labels.ndim == 1 else found / max(1, scores.shape[1])
