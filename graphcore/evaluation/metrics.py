"""From labels and scores of every sample of a split to its figures, in plain NumPy.

On the way of one picture it stands after the head: everything that is printed, written or drawn about a run's quality
is computed from here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphcore.errors import RunError
from graphcore.evaluation.figures import Metrics
from graphcore.evaluation.label_sets import give_labels
from graphcore.evaluation.one_label import (
    DEFAULT_TOP_K,
    class_figures,
    classification_values,
    confusion_matrix,
    predict,
)
from graphcore.evaluation.several_labels import cross_matrix, label_figures, label_values
from graphcore.heads.ranking import DEFAULT_THRESHOLD


def compute_metrics(
    split: str,
    labels: np.ndarray,
    scores: np.ndarray,
    class_names: Sequence[str],
    top_k: int = DEFAULT_TOP_K,
    thresholds: Sequence[float] | None = None,
) -> Metrics:
    """Computes every figure of a split.

    Args:
        split: the split's name.
        labels: int [n], the true classes in [0, classes); of several labels a sample [n, classes] of 0 and 1.
        scores: float [n, classes] in [0, 1]; rows sum to 1 where each sample has one label.
        class_names: one name for each score column.
        top_k: of one label a sample, how many guesses the top-k figure allows; there is none where no guess could miss.
        thresholds: of several labels a sample, the score from which each is given; 0.5 for all when None.

    Raises:
        RunError: labels and scores do not belong together, or a score is not a number.
    """
    labels, scores = np.asarray(labels), np.asarray(scores)
    _check(split, labels, scores, class_names)
    if labels.ndim == 2:
        return _judge_several(split, labels > 0, scores, class_names, thresholds)
    confusion = confusion_matrix(labels, predict(scores), len(class_names))
    return Metrics(
        split=split,
        class_names=tuple(class_names),
        count=len(labels),
        values=dict(classification_values(labels, scores, confusion, top_k)),
        confusion=confusion,
        classes=class_figures(confusion, class_names),
    )


def _judge_several(
    split: str, labels: np.ndarray, scores: np.ndarray, class_names: Sequence[str], thresholds: Sequence[float] | None
) -> Metrics:
    if thresholds is None:
        thresholds = [DEFAULT_THRESHOLD] * len(class_names)
    given = give_labels(scores, thresholds)
    classes = label_figures(labels, scores, given, thresholds, class_names)
    return Metrics(
        split=split,
        class_names=tuple(class_names),
        count=len(labels),
        values=dict(label_values(labels, scores, given, classes)),
        confusion=cross_matrix(labels, given),
        classes=classes,
        multi_label=True,
    )


def _check(split: str, labels: np.ndarray, scores: np.ndarray, class_names: Sequence[str]) -> None:
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
