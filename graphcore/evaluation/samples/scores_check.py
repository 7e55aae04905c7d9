"""Whether the labels and scores of a split belong together, before anything is computed of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphcore.errors import RunError


def check_scores(split: str, labels: np.ndarray, scores: np.ndarray, class_names: Sequence[str]) -> None:
    """Finds what no figure could be computed of.

    Args:
        split: the split's name.
        labels: int [n], the true classes; of several labels a sample [n, classes] of 0 and 1.
        scores: float [n, classes].
        class_names: one name for each score column.

    Raises:
        RunError: labels and scores do not belong together, or a score is not a number.
    """
    if scores.shape != (len(labels), len(class_names)):
        raise RunError(
            f"The scores of split {split!r} have shape {list(scores.shape)}, but there are {len(labels)} "
            f"labels and {len(class_names)} classes.",
            next_step="Evaluate the run against the records it was trained on.",
        )
    if labels.ndim == 2:
        _check_several(split, labels, scores)
    elif len(labels) and not 0 <= labels.min() <= labels.max() < len(class_names):
        raise RunError(
            f"Split {split!r} holds labels from {labels.min()} to {labels.max()}, but the run knows "
            f"{len(class_names)} classes.",
            next_step="Evaluate the run against the records it was trained on.",
        )
    bad = np.flatnonzero(~np.isfinite(scores).all(axis=1))
    if len(bad):
        raise RunError(
            f"{len(bad)} samples of split {split!r} have scores that are not numbers, the first at position {bad[0]}.",
            next_step="Train again with a smaller optimizer.learning_rate.",
        )


def _check_several(split: str, labels: np.ndarray, scores: np.ndarray) -> None:
    if labels.shape != scores.shape:
        raise RunError(
            f"The labels of split {split!r} have shape {list(labels.shape)}, and its scores {list(scores.shape)}.",
            next_step="Evaluate the run against the records it was trained on.",
        )
