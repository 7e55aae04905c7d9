"""Figures of a split whose samples may have any number of labels, in plain NumPy.

Two kinds: mean average precision and loss judge the scores alone; all others judge the labels that are given, those
whose score is at least the threshold of their class. A class that no sample of the split has is left out of every mean
over classes ("macro"), as nothing can be said of its recall; wrongly given, it counts in the sums over all labels
("micro"). Of 0 out of 0 the share is 0.

Source: Tsoumakas, Katakis and Vlahavas, "Mining Multi-label Data", in the Data Mining and Knowledge Discovery Handbook
(2010): Hamming loss (label accuracy is 1 minus it), subset accuracy (exact match), micro and macro averages.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from graphcore.evaluation.figures import ClassFigures, make_class_figures, share
from graphcore.heads.judge import judge
from graphcore.heads.ranking import average_precision


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
    crossed = missed.T.astype(np.float64) @ wrong.astype(np.float64)
    return crossed.astype(np.int64) + np.diag((labels & given).sum(axis=0).astype(np.int64))


def label_figures(
    labels: np.ndarray, scores: np.ndarray, given: np.ndarray, thresholds: Sequence[float], class_names: Sequence[str]
) -> tuple[ClassFigures, ...]:
    """Counts, shares and average precision of every class; arguments as in `label_values`."""
    precisions = average_precision(labels, scores)
    return tuple(
        make_class_figures(
            name,
            support=int(labels[:, index].sum()),
            predicted=int(given[:, index].sum()),
            correct=int((labels[:, index] & given[:, index]).sum()),
            average_precision=None if np.isnan(precisions[index]) else float(precisions[index]),
            threshold=float(thresholds[index]),
        )
        for index, name in enumerate(class_names)
    )


def label_values(
    labels: np.ndarray, scores: np.ndarray, given: np.ndarray, classes: Sequence[ClassFigures]
) -> Iterator[tuple[str, float]]:
    """Yields the figures that describe the whole split as (name, value); nothing for an empty split.

    "random_average_precision" is what scores drawn at random would come to on average, in a large split.

    Args:
        labels: bool [n, classes], the true ones.
        scores: float [n, classes] in [0, 1].
        given: bool [n, classes].
        classes: the figures of every class.
    """
    if len(labels) == 0:
        return
    yield from judge(labels, scores).items()
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
    present = [figures for figures in classes if figures.support]
    for kind in ("f1", "precision", "recall"):
        yield f"{kind}_macro", _mean([getattr(figures, kind) for figures in present])
        yield f"{kind}_micro", micro[kind]
    yield "random_average_precision", _mean([figures.support / len(labels) for figures in present])


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if len(values) else 0.0
