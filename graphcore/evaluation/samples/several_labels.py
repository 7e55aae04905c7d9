"""Figures of a split whose samples may have any number of labels, in plain NumPy.

Two kinds: mean average precision, ROC AUC, loss, Brier score and calibration judge the scores alone; all others judge
the labels that are given, those whose score is at least the threshold of their class. A class that no sample of the
split has is left out of every mean over classes ("macro"), as nothing can be said of its recall; wrongly given, it
counts in the sums over all labels ("micro"). Of 0 out of 0 the share is 0.

Source: Tsoumakas, Katakis and Vlahavas, "Mining Multi-label Data", in the Data Mining and Knowledge Discovery Handbook
(2010): Hamming loss (label accuracy is 1 minus it), subset accuracy (exact match), micro and macro averages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from graphcore.evaluation.figures import ClassFigures, make_class_figures, share
from graphcore.evaluation.samples.penalties import brier_scores, log_losses
from graphcore.evaluation.samples.ranked import rank_classes


def cross_matrix(labels: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Which labels are given instead of which.

    Args:
        labels: bool [n, classes], the true ones.
        given: bool [n, classes].

    Returns:
        int64 [classes, classes]: on the diagonal the samples that rightly have a label, elsewhere those that miss the
        row's label and wrongly have the column's.
    """
    missed, wrong = labels & ~given, given & ~labels
    # Counts below 2^24 are exact in float32, whose product is fast; float64 keeps any number of samples exact.
    exact = np.float32 if len(labels) < 1 << 24 else np.float64
    crossed = missed.T.astype(exact) @ wrong.astype(exact)
    return crossed.astype(np.int64) + np.diag((labels & given).sum(axis=0).astype(np.int64))


def label_figures(
    labels: np.ndarray, scores: np.ndarray, given: np.ndarray, thresholds: Sequence[float], class_names: Sequence[str]
) -> tuple[ClassFigures, ...]:
    """Counts, shares and ranking figures of every class; arguments as in `label_values`."""
    precisions, areas = rank_classes(labels, scores)
    return tuple(
        make_class_figures(
            name,
            support=int(labels[:, index].sum()),
            predicted=int(given[:, index].sum()),
            correct=int((labels[:, index] & given[:, index]).sum()),
            average_precision=precisions[index],
            roc_auc=areas[index],
            threshold=float(thresholds[index]),
        )
        for index, name in enumerate(class_names)
    )


def label_values(
    labels: np.ndarray, scores: np.ndarray, given: np.ndarray, classes: Sequence[ClassFigures]
) -> Iterator[tuple[str, float]]:
    """Yields the figures that describe the whole split as (name, value); nothing for an empty split.

    "roc_auc" is a mean over the labels that some samples have and some have not, and left out where there is none;
    "brier" is a mean over samples and labels, in [0, 1]. "random_average_precision" is what scores drawn at random
    would come to on average, in a large split.

    Args:
        labels: bool [n, classes], the true ones.
        scores: float [n, classes] in [0, 1].
        given: bool [n, classes].
        classes: the figures of every class.
    """
    if len(labels) == 0:
        return
    present = [figures for figures in classes if figures.support]
    yield "mean_average_precision", _mean([figures.average_precision or 0.0 for figures in present])
    yield "loss", float(log_losses(labels, scores).mean())
    yield "exact_match", float((labels == given).all(axis=1).mean())
    yield "label_accuracy", float((labels == given).mean())
    support, predicted, correct = (
        sum(getattr(figures, kind) for figures in classes) for kind in ("support", "predicted", "correct")
    )
    micro = {
        "precision": share(correct, predicted),
        "recall": share(correct, support),
        "f1": share(2 * correct, support + predicted),
    }
    for kind in ("f1", "precision", "recall"):
        yield f"{kind}_macro", _mean([getattr(figures, kind) for figures in present])
        yield f"{kind}_micro", micro[kind]
    areas = [figures.roc_auc for figures in classes if figures.roc_auc is not None]
    if areas:
        yield "roc_auc", _mean(areas)
    yield "brier", float(brier_scores(labels, scores).mean())
    yield "random_average_precision", _mean([figures.support / len(labels) for figures in present])


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
