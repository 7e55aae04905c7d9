"""Edit score: whether the right things happen in the right order, however long each takes.

(1 - Levenshtein distance of the two sequences of segments' labels by the length of the longer one) x 100. Splitting
one segment in two by a single wrong frame costs as much as inventing two.

Source: Lea et al., "Segmental Spatiotemporal CNNs for Fine-grained Action Segmentation" (ECCV 2016); conventions as in
the evaluation script of MS-TCN (Abu Farha and Gall, CVPR 2019): the background is left out after the runs were
found, so that a, background, a is the sequence a, a; insertions, deletions and substitutions cost 1; the score of
several videos is the mean of theirs. Where neither truth nor prediction has a segment that script divides
by 0; the two sequences are equal, and here the score is 100.
"""

from __future__ import annotations

import numpy as np

from graphcore.timelines.timeline import find_starts


def edit_score(true_labels: np.ndarray, predicted_labels: np.ndarray, outside: int | None = None) -> float:
    """The edit score of one video, in [0, 100].

    Args:
        true_labels: int [frames].
        predicted_labels: int [frames]; those below 0 make no segment.
        outside: the label that makes no segment.
    """
    true, predicted = _list_segments(true_labels, outside), _list_segments(predicted_labels, outside)
    longer = max(len(true), len(predicted))
    return 100.0 * (1 - measure_distance(true, predicted) / longer) if longer else 100.0


def measure_distance(one: np.ndarray, other: np.ndarray) -> int:
    """Levenshtein distance: insertions, deletions and substitutions that turn one sequence into the other.

    Row by row of the usual table, each row at once, in time by the product of the lengths and memory by the longer one:
    a video of 3 hours whose frames flicker has thousands of runs.

    Args:
        one: int [n].
        other: int [m].
    """
    short, long = sorted((np.asarray(one), np.asarray(other)), key=len)
    steps = np.arange(len(long) + 1)
    row = steps
    for number, label in enumerate(short.tolist(), start=1):
        below = np.minimum(row[1:] + 1, row[:-1] + (long != label))
        # What remains are steps along the row, at 1 each: the least of all cells to the left plus the way from there.
        row = np.minimum.accumulate(np.append(number, below) - steps) + steps
    return int(row[-1])


def _list_segments(labels: np.ndarray, outside: int | None) -> np.ndarray:
    labels = np.asarray(labels)
    found = labels[find_starts(labels)]
    return found[(found >= 0) & (found != (-1 if outside is None else outside))]
