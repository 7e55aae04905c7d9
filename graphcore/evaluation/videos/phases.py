"""Frame by frame: the accuracy of a video, and precision, recall, Jaccard and F1 of each label that occurs in it.

Definitions: Twinanda et al., "EndoNet" (IEEE TMI 2017), and the evaluation scripts of the M2CAI 2016 workflow challenge
(`Evaluate.m`, `Main.m`), which Cholec80 is evaluated with. Funke et al., "Metrics Matter in Surgical Phase Recognition"
(arXiv:2305.13961), tell in what published figures differ. What is chosen here:

- A label that is absent from the truth of a video has no figures there, whether it was called or not, as in the
  challenge's script. The frames that were called so by mistake cost recall and Jaccard of the labels that they are of.
- A label that occurs and was never called has precision, recall, Jaccard and F1 0. The challenge's script has no
  precision then and leaves it out of the mean, where missing a label altogether raises the mean precision.
- The F1 of a label is the harmonic mean of its own precision and recall in that video, not that of mean precision and
  mean recall. It is 0 where both are.
- The frames count, not the seconds they stand for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class LabelShares:
    """How one label fared in one video; every share is in [0, 1].

    Attributes:
        label: which.
        precision: of the frames called so, the share that is right; 0 where none was called so.
        recall: of the frames of this label, the share that is right.
        jaccard: of the frames that are of this label or were called so, the share that is right.
        f1: harmonic mean of precision and recall.
    """

    label: int
    precision: float
    recall: float
    jaccard: float
    f1: float


def video_accuracy(right: np.ndarray) -> float:
    """Share of frames that are right.

    Args:
        right: bool [frames], at least one.
    """
    return float(np.mean(right))


def measure_labels(labels: np.ndarray, predicted: np.ndarray, right: np.ndarray | None = None) -> list[LabelShares]:
    """The figures of every label that occurs in the truth of a video, in order; none of no frames.

    Args:
        labels: int [frames], at least 0.
        predicted: int [frames]; below 0 where a frame was called nothing.
        right: bool [frames], which predictions count as right; those that equal the label when None. Where more do
            (relaxed boundaries), a frame counts as right for its own label as well as for the one that it was called.
    """
    labels, predicted = np.asarray(labels, np.int64), np.asarray(predicted, np.int64)
    same = labels == predicted
    right = same if right is None else right
    size = int(max(labels.max(initial=-1), predicted.max(initial=-1))) + 1
    # Frames in all, then those that are right: of the label, called so, and both.
    of_label, called, both = _count(labels, size), _count(predicted, size), _count(labels[same], size)
    right_of_label, right_called = _count(labels[right], size), _count(predicted[right], size)
    precision = _divide(right_called, called)
    recall = _divide(right_of_label, of_label)
    jaccard = _divide(right_of_label + right_called - both, of_label + called - both)
    f1 = _divide(2 * precision * recall, precision + recall)
    return [
        LabelShares(label, float(precision[label]), float(recall[label]), float(jaccard[label]), float(f1[label]))
        for label in np.flatnonzero(of_label).tolist()
    ]


def _count(labels: np.ndarray, size: int) -> np.ndarray:
    return np.bincount(labels[labels >= 0], minlength=size)


def _divide(parts: np.ndarray, wholes: np.ndarray) -> np.ndarray:
    return np.divide(parts, wholes, out=np.zeros(len(parts)), where=wholes > 0)
