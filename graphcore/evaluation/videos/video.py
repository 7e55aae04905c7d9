"""All figures of one video, and what the figures of several videos are pooled from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphcore.evaluation.videos.edit import edit_score
from graphcore.evaluation.videos.localization import Detections, score_spans
from graphcore.evaluation.videos.overlap_f1 import OVERLAPS, SegmentCounts, count_segments
from graphcore.evaluation.videos.phases import LabelShares, measure_labels, video_accuracy
from graphcore.evaluation.videos.relaxed import find_right
from graphcore.evaluation.videos.spans import find_edges, find_overlaps, find_spans
from graphcore.timelines.timeline import Timeline

SHARES = ("precision", "recall", "jaccard", "f1")


@dataclass(frozen=True)
class FrameFigures:
    """The frame-wise figures of one video; every share is in [0, 1].

    Attributes:
        accuracy: share of frames that are right.
        precision: mean over the labels that occur in the video's truth; so are those that follow.
        recall: likewise.
        jaccard: likewise.
        f1: likewise.
    """

    accuracy: float
    precision: float
    recall: float
    jaccard: float
    f1: float


@dataclass(frozen=True)
class VideoFigures(FrameFigures):
    """The figures of one video.

    Attributes:
        video: its name.
        group: what must not straddle splits; "" where each video stands alone.
        frames: how many were looked at.
        duration_secs: that they stand for.
        edit: edit score in [0, 100].
        f1_at_10: segmental F1 in [0, 100] at an overlap of 0.10; None where neither truth nor prediction has a segment.
        f1_at_25: at 0.25.
        f1_at_50: at 0.50.
        relaxed: the frame-wise figures with relaxed boundaries; None where that was not asked for.
        counts: of its segments, one for each of `OVERLAPS`; F1@k of several videos is that of their sums.
    """

    video: str
    group: str
    frames: int
    duration_secs: float
    edit: float
    f1_at_10: float | None
    f1_at_25: float | None
    f1_at_50: float | None
    relaxed: FrameFigures | None = None
    counts: tuple[SegmentCounts, ...] = ()


@dataclass(frozen=True)
class JudgedVideo:
    """One video's figures, and what else those of several videos are pooled from.

    Attributes:
        figures: its own.
        labels: of each label that occurs in it.
        relaxed_labels: the same with relaxed boundaries; empty where that was not asked for.
        detections: its segments with their scores.
    """

    figures: VideoFigures
    labels: tuple[LabelShares, ...]
    relaxed_labels: tuple[LabelShares, ...]
    detections: Detections


def judge_video(timeline: Timeline, answer: np.ndarray, outside: int | None, relax_secs: float = 0.0) -> JudgedVideo:
    """Judges what the frames of one video are called.

    Args:
        timeline: of the video, with at least one frame.
        answer: int [frames], what they are called; below 0: nothing.
        outside: the label that makes no segment.
        relax_secs: 0: no relaxed figures.
    """
    edges = find_edges(timeline)
    true, predicted = find_spans(timeline.labels, edges, outside), find_spans(answer, edges, outside)
    pairs = find_overlaps(true, predicted)
    counts = tuple(count_segments(true, predicted, pairs, overlap) for overlap in OVERLAPS)
    frame_wise, labels = _judge_frames(timeline, answer, 0.0)
    relaxed, relaxed_labels = _judge_frames(timeline, answer, relax_secs) if relax_secs > 0 else (None, ())
    f1_at_10, f1_at_25, f1_at_50 = (count.f1 for count in counts)
    figures = VideoFigures(
        **vars(frame_wise),
        video=timeline.video,
        group=timeline.group,
        frames=len(timeline),
        duration_secs=float(edges[-1] - edges[0]),
        edit=edit_score(timeline.labels, answer, outside),
        f1_at_10=f1_at_10,
        f1_at_25=f1_at_25,
        f1_at_50=f1_at_50,
        relaxed=relaxed,
        counts=counts,
    )
    detections = Detections(true, predicted, score_spans(predicted, timeline.scores), pairs)
    return JudgedVideo(figures, labels, relaxed_labels, detections)


def _judge_frames(
    timeline: Timeline, answer: np.ndarray, relax_secs: float
) -> tuple[FrameFigures, tuple[LabelShares, ...]]:
    right = find_right(timeline.times_secs, timeline.labels, answer, relax_secs)
    labels = measure_labels(timeline.labels, answer, right)
    return FrameFigures(video_accuracy(right), *(average_share(labels, share) for share in SHARES)), tuple(labels)


def average_share(labels: Sequence[LabelShares], share: str) -> float:
    """The mean of one of `SHARES`.

    Args:
        labels: at least one.
        share: which.
    """
    return float(np.mean([getattr(label, share) for label in labels]))
