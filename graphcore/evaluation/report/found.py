"""Which segments of the test videos were found, in numbers a person can count after. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphcore.evaluation.videos.overlap_f1 import SegmentCounts, add_counts, count_segments
from graphcore.evaluation.videos.spans import find_edges, find_overlaps, find_spans
from graphcore.timelines.timeline import Timeline

OVERLAP = 0.5


def count_found(
    timelines: Sequence[Timeline], answers: Sequence[np.ndarray], outside: int | None = None
) -> dict[int, SegmentCounts]:
    """Right, wrong and missed segments of each class that has any, over all videos.

    Args:
        timelines: of the videos.
        answers: of each int [frames], what its frames are called; below 0: nothing.
        outside: the class that makes no segment.
    """
    pairs = [(one, np.asarray(answer)) for one, answer in zip(timelines, answers, strict=True) if len(one)]
    present = {label for one, answer in pairs for label in np.unique([one.labels, answer]).tolist()}
    return {
        label: add_counts(_count(timeline, answer, label) for timeline, answer in pairs)
        for label in sorted(present)
        if label >= 0 and label != outside
    }


def _count(timeline: Timeline, answer: np.ndarray, label: int) -> SegmentCounts:
    edges = find_edges(timeline)
    true, predicted = (find_spans(np.where(labels == label, label, -1), edges) for labels in (timeline.labels, answer))
    return count_segments(true, predicted, find_overlaps(true, predicted), OVERLAP)
