"""What scores are worth while a network trains, in plain NumPy: the figures by which the best weights are chosen."""

from __future__ import annotations

import numpy as np

from graphcore.errors import ConfigError

# The smallest score the loss looks at: one score of 0 would hide the mean of all the others.
SMALLEST_SCORE = 1e-30


def judge(labels: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """Figures of a split that is not empty, the one to choose by first.

    Args:
        labels: int [n] in [0, classes).
        scores: float32 [n, classes] in [0, 1], rows sum to 1.

    Returns:
        "accuracy" in [0, 1] and "loss", the mean cross-entropy, at least 0.
    """
    of_label = scores[np.arange(len(labels)), labels].astype(np.float64)
    right = np.argmax(scores, axis=1) == labels
    return {
        "accuracy": float(right.mean()),
        "loss": float(-np.log(np.maximum(of_label, SMALLEST_SCORE)).mean()),
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
