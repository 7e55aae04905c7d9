"""Segmental F1 at an overlap, F1@k: how many segments are found, however exact their ends are.

Source: Lea et al., "Temporal Convolutional Networks for Action Segmentation and Detection" (CVPR 2017); conventions as
in the evaluation script of MS-TCN (Abu Farha and Gall, CVPR 2019):

- Each predicted segment is compared with the true segment of its label that it overlaps best (intersection by union of
  their times); of equals with the earliest. It is right where that overlap is at least k and no other predicted
  segment was right for the same one; else it is wrong. It is not tried on its second best.
- A true segment for which none is right is missed. The background is left out of both.
- Right, wrong and missed are summed over all videos, then F1 = 2 right / (2 right + wrong + missed) x 100.

Where neither truth nor predictions have a segment there is no F1. That script has nan, which it prints as 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from graphcore.evaluation.videos.spans import DECIMALS, Overlaps, Spans, find_edges, find_overlaps, find_spans
from graphcore.timelines.timeline import Timeline

OVERLAPS = (0.10, 0.25, 0.50)


@dataclass(frozen=True)
class SegmentCounts:
    """Segments of one video or of several.

    Attributes:
        right: predicted segments that are right (true positives).
        wrong: predicted segments that are not (false positives).
        missed: true segments that none is right for (false negatives).
    """

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def f1(self) -> float | None:
        """In [0, 100]; None where there is no segment at all."""
        whole = 2 * self.right + self.wrong + self.missed
        return 200.0 * self.right / whole if whole else None


def segmental_f1(
    timelines: Sequence[Timeline], answers: Sequence[np.ndarray], outside: int | None = None, overlap: float = 0.5
) -> float | None:
    """F1@k over videos, in [0, 100]; None where there is no segment at all.

    Args:
        timelines: of the videos.
        answers: of each an int [frames], what its frames are called.
        outside: the label that makes no segment.
        overlap: k as a share.
    """
    counts = []
    for timeline, answer in zip(timelines, answers, strict=True):
        edges = find_edges(timeline)
        true, predicted = find_spans(timeline.labels, edges, outside), find_spans(answer, edges, outside)
        counts.append(count_segments(true, predicted, find_overlaps(true, predicted), overlap))
    return add_counts(counts).f1


def count_segments(true: Spans, predicted: Spans, pairs: Overlaps, overlap: float) -> SegmentCounts:
    """Right, wrong and missed segments of one video.

    Args:
        true: the true segments.
        predicted: the predicted ones.
        pairs: of the two.
        overlap: the least that counts, in (0, 1].
    """
    order = np.lexsort((pairs.true, -pairs.iou, pairs.predicted))
    best = order[np.unique(pairs.predicted[order], return_index=True)[1]]
    # Which one a predicted segment is compared with does not depend on the others, so that one is right for each true
    # segment that any is good enough for.
    right = len(np.unique(pairs.true[best[pairs.iou[best] >= round(overlap, DECIMALS)]]))
    return SegmentCounts(right, len(predicted) - right, len(true) - right)


def add_counts(counts: Iterable[SegmentCounts]) -> SegmentCounts:
    """The sum over videos."""
    listed = list(counts)
    return SegmentCounts(
        right=sum(one.right for one in listed),
        wrong=sum(one.wrong for one in listed),
        missed=sum(one.missed for one in listed),
    )
