"""Segments of one video as arrays, and which of two sets of them overlap.

Times are seconds, from the first frame of a run to the first frame of the next one. The evaluation script of MS-TCN
counts frames instead, which is the same where frames are evenly spaced, as every overlap is a ratio of the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcore.timelines.timeline import Timeline, find_starts

# Seconds are sums of floats: an overlap of exactly one half must not miss 0.5 by the last bit.
DECIMALS = 9
# How long a frame stands where no video has a second one to tell. Any time does: overlaps are ratios.
_LONE_FRAME_SECS = 1.0


@dataclass(frozen=True)
class Spans:
    """Segments of one video in the order of time; none overlaps another.

    Attributes:
        labels: int64 [segments].
        firsts: int64 [segments], the first frame of each.
        stops: int64 [segments], the frame after the last.
        starts_secs: float64 [segments].
        ends_secs: float64 [segments].
    """

    labels: np.ndarray
    firsts: np.ndarray
    stops: np.ndarray
    starts_secs: np.ndarray
    ends_secs: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Overlaps:
    """Pairs of a true and a predicted segment of the same label that share time, by predicted, then by true segment.

    Attributes:
        true: int64 [pairs], which true segment.
        predicted: int64 [pairs], which predicted segment.
        iou: float64 [pairs] in (0, 1], shared time by the time of both together, to 9 decimals.
    """

    true: np.ndarray
    predicted: np.ndarray
    iou: np.ndarray


def find_edges(timeline: Timeline) -> np.ndarray:
    """float64 [frames + 1], where each frame begins, and where the last one ends."""
    last = timeline.times_secs[-1:] + (timeline.step_secs if timeline.step_secs > 0 else _LONE_FRAME_SECS)
    return np.append(timeline.times_secs, last)


def find_spans(labels: np.ndarray, edges_secs: np.ndarray, outside: int | None = None) -> Spans:
    """The runs of equal labels that are segments.

    Two runs of a label with something else between them are two segments, whatever is between them.

    Args:
        labels: int [frames].
        edges_secs: float64 [frames + 1], of `find_edges`.
        outside: the label that makes no segment; neither does a label below 0.
    """
    labels = np.asarray(labels, np.int64)
    firsts = find_starts(labels)
    stops = np.append(firsts[1:], len(labels))[: len(firsts)]
    kept = labels[firsts] >= 0 if outside is None else (labels[firsts] >= 0) & (labels[firsts] != outside)
    firsts, stops = firsts[kept], stops[kept]
    return Spans(labels[firsts], firsts, stops, edges_secs[firsts], edges_secs[stops])


def find_overlaps(true: Spans, predicted: Spans) -> Overlaps:
    """Every pair of the same label that shares time."""
    first = np.searchsorted(true.ends_secs, predicted.starts_secs, side="right")
    counts = np.maximum(np.searchsorted(true.starts_secs, predicted.ends_secs, side="left") - first, 0)
    of_predicted = np.repeat(np.arange(len(predicted)), counts)
    # Of each predicted segment the true ones first, first + 1, ... : counts of them.
    of_true = np.arange(counts.sum()) + np.repeat(first - (np.cumsum(counts) - counts), counts)
    same = true.labels[of_true] == predicted.labels[of_predicted]
    of_true, of_predicted = of_true[same], of_predicted[same]

    starts, ends = true.starts_secs[of_true], true.ends_secs[of_true]
    other_starts, other_ends = predicted.starts_secs[of_predicted], predicted.ends_secs[of_predicted]
    shared = np.minimum(ends, other_ends) - np.maximum(starts, other_starts)
    both = (ends - starts) + (other_ends - other_starts) - shared
    iou = np.round(np.divide(shared, both, out=np.zeros_like(shared), where=both > 0), DECIMALS)
    found = iou > 0
    return Overlaps(of_true[found], of_predicted[found], iou[found])
