"""mAP@tIoU: segments as detections with a score, ranked over all videos.

Source: the detection task of ActivityNet (Caba Heilbron et al., CVPR 2015) and its `eval_detection.py`:

- For each label, its predicted segments of all videos are taken from the highest score down. Each takes the free true
  segment of its label in its video that it overlaps most, if that overlap (tIoU) is at least the threshold; a
  true segment is free until one has taken it. Those that take none are wrong.
- Average precision with interpolated precision: at each recall the best precision at that recall or a higher one, over
  all recalls, as in Pascal VOC 2011.
- The mean over the labels that have a true segment. A label never predicted has 0; one that is predicted and never
  true does not count. The background is left out.
- Thresholds 0.50, 0.55 ... 0.95, and the mean over them.

That script leaves the order of equal scores to its sort; here it is that of the videos, and of time. It is given
scores with the segments; here a segment's score is the mean score of its label over its frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphcore.evaluation.videos.spans import DECIMALS, Overlaps, Spans

THRESHOLDS = tuple(round(0.5 + 0.05 * step, 2) for step in range(10))


@dataclass(frozen=True)
class Detections:
    """What is true and what was predicted of one video.

    Attributes:
        true: the true segments.
        predicted: the predicted ones.
        scores: float64 [predicted segments].
        pairs: of the two.
    """

    true: Spans
    predicted: Spans
    scores: np.ndarray
    pairs: Overlaps


def score_spans(spans: Spans, scores: np.ndarray) -> np.ndarray:
    """The mean score of each segment's label over its frames: float64 [segments].

    Args:
        spans: of one video.
        scores: float64 [frames, classes].
    """
    sums = np.concatenate([np.zeros((1, scores.shape[1])), np.cumsum(scores, axis=0)])
    totals = sums[spans.stops, spans.labels] - sums[spans.firsts, spans.labels]
    # A mean of equal scores must not win over another by the last bit.
    return np.round(totals / (spans.stops - spans.firsts), DECIMALS)


def mean_average_precisions(
    videos: Sequence[Detections], thresholds: Sequence[float] = THRESHOLDS
) -> list[float] | None:
    """mAP at each threshold, in [0, 1]; None where no video has a true segment.

    Args:
        videos: all of them.
        thresholds: the least overlaps that count.
    """
    true_labels = _join([video.true.labels for video in videos], np.int64)
    labels = _join([video.predicted.labels for video in videos], np.int64)
    order = np.argsort(-_join([video.scores for video in videos], np.float64), kind="stable")
    pairs = _join_pairs(videos)
    if not len(true_labels):
        return None
    ranked = labels[order]
    means = []
    for threshold in thresholds:
        right = _take(pairs, order, threshold)[order]
        found = [
            average_precision(right[ranked == label], positives)
            for label, positives in zip(*np.unique(true_labels, return_counts=True), strict=True)
        ]
        means.append(float(np.mean(found)))
    return means


def average_precision(right: np.ndarray, positives: int) -> float:
    """The interpolated average precision of one label, in [0, 1].

    Args:
        right: bool [predicted], which are right, from the highest score down.
        positives: how many true segments there are, at least 1.
    """
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    best_from_here = np.maximum.accumulate(precision[::-1])[::-1]
    return float(best_from_here[right].sum() / positives)


def _take(pairs: Overlaps, order: np.ndarray, threshold: float) -> np.ndarray:
    """Which predicted segments take a true one: bool [predicted]."""
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.arange(len(order))
    enough = np.flatnonzero(pairs.iou >= round(threshold, DECIMALS))
    enough = enough[np.lexsort((pairs.true[enough], -pairs.iou[enough], ranks[pairs.predicted[enough]]))]
    right, taken = np.zeros(len(order), bool), set()
    for true, predicted in zip(pairs.true[enough].tolist(), pairs.predicted[enough].tolist(), strict=True):
        if true not in taken and not right[predicted]:
            taken.add(true)
            right[predicted] = True
    return right


def _join(arrays: list[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate([np.zeros(0, dtype), *arrays])


def _join_pairs(videos: Sequence[Detections]) -> Overlaps:
    """The pairs of all videos, their segments numbered on."""
    before_true = np.cumsum([0, *(len(video.true) for video in videos)])
    before_predicted = np.cumsum([0, *(len(video.predicted) for video in videos)])
    return Overlaps(
        _join([video.pairs.true + before_true[n] for n, video in enumerate(videos)], np.int64),
        _join([video.pairs.predicted + before_predicted[n] for n, video in enumerate(videos)], np.int64),
        _join([video.pairs.iou for video in videos], np.float64),
    )
