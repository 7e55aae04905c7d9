"""What scores are worth while a network trains, in plain NumPy: the figures by which the best weights are chosen."""

from __future__ import annotations

import numpy as np

from graphcore.errors import ConfigError
from graphcore.heads.ranking import average_precision

# The smallest score the loss looks at: one score of 0 would hide the mean of all the others.
SMALLEST_SCORE = 1e-30
# A float32 score comes no nearer to 1 than this, so one that is 1 may lack as much.
SMALLEST_REST = 2.0**-24


def judge(labels: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """Figures of a split that is not empty, the one to choose by first.

    Args:
        labels: int [n] in [0, classes); of a multi-label head [n, classes] of 0 and 1.
        scores: float32 [n, classes] in [0, 1]; rows sum to 1 where each sample has one label.

    Returns:
        "accuracy" in [0, 1] and "loss", the mean cross-entropy, at least 0. Of a multi-label head
        "mean_average_precision" in [0, 1] over the classes that have positives, 0 where none has, and "loss", the mean
        cross-entropy over samples and classes.
    """
    if np.ndim(labels) > 1:
        return _judge_several(np.asarray(labels) > 0, scores)
    of_label = scores[np.arange(len(labels)), labels].astype(np.float64)
    right = np.argmax(scores, axis=1) == labels
    return {
        "accuracy": float(right.mean()),
        "loss": float(-np.log(np.maximum(of_label, SMALLEST_SCORE)).mean()),
    }


def _judge_several(given: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    precisions = average_precision(given, scores)
    known = precisions[~np.isnan(precisions)]
    scores = np.asarray(scores, np.float64)
    of_truth = np.where(given, np.maximum(scores, SMALLEST_SCORE), np.maximum(1 - scores, SMALLEST_REST))
    return {
        "mean_average_precision": float(known.mean()) if len(known) else 0.0,
        "loss": float(-np.log(of_truth).mean()),
    }


def resolve_objective(asked: str | None, multi_label: bool) -> str:
    """The figure to choose weights by, "validation/<name>"; None asks for the one that suits the head.

    Raises:
        ConfigError: a head of this kind has no such figure.
    """
    own = "validation/mean_average_precision" if multi_label else "validation/accuracy"
    choices = (own, "validation/loss")
    if asked is None:
        return own
    if asked not in choices:
        kind = "several labels a picture" if multi_label else "one label a picture"
        raise ConfigError(f"trainer.objective={asked} is no figure of a head for {kind}.", choices=choices)
    return asked
