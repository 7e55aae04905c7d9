"""The segments of a video, each with how sure it is, of the scores of its frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from graphcore.sources.item import Segment
from graphcore.timelines.segmenting import Segmenting, segment_labels, segment_several
from graphcore.timelines.timeline import find_outside, find_segments


@dataclass(frozen=True)
class ScoredSegment:
    """A segment that was found, and how sure that is.

    Attributes:
        segment: where it is, and what.
        score: the mean score of its label over its frames, in [0, 1].
    """

    segment: Segment
    score: float


def plan_segments(
    video: str,
    times_secs: Sequence[float] | np.ndarray,
    scores: np.ndarray,
    end_secs: float,
    class_names: Sequence[str],
    segmenting: Segmenting,
    thresholds: Sequence[float] | None = None,
) -> list[ScoredSegment]:
    """From scores to segments, by when they start; times outside every segment make none.

    Args:
        video: the video's name.
        times_secs: ascending, one for each row of scores.
        scores: float [frames, classes].
        end_secs: where the last segments end.
        class_names: of the classes.
        segmenting: see there.
        thresholds: of a multi-label classifier, the score from which each label is given; each then has segments of
            its own, which may overlap. None where a frame has one label.
    """
    if not len(times_secs):
        return []
    outside, step_secs = find_outside(class_names), end_secs - float(times_secs[-1])
    if thresholds is None:
        labels = segment_labels(scores, times_secs, step_secs, segmenting, outside)
        segments = find_segments(video, times_secs, labels, end_secs, class_names, outside)
    else:
        given = segment_several(scores, times_secs, step_secs, segmenting, thresholds).astype(np.int64)
        segments = [
            segment
            for number, name in enumerate(class_names)
            if number != outside
            for segment in find_segments(video, times_secs, given[:, number], end_secs, ("", name), outside=0)
        ]
    scored = [ScoredSegment(one, _score(one, times_secs, scores, class_names)) for one in segments]
    return sorted(scored, key=lambda one: one.segment.start_secs)


def rescore(
    segments: Sequence[ScoredSegment],
    times_secs: Sequence[float] | np.ndarray,
    scores: np.ndarray,
    class_names: Sequence[str],
) -> list[ScoredSegment]:
    """The same segments with the mean of other scores; see `plan_segments`."""
    return [replace(one, score=_score(one.segment, times_secs, scores, class_names)) for one in segments]


def _score(
    segment: Segment, times_secs: Sequence[float] | np.ndarray, scores: np.ndarray, class_names: Sequence[str]
) -> float:
    first, stop = np.searchsorted(times_secs, [segment.start_secs, segment.end_secs])
    return float(scores[first:stop, class_names.index(segment.label)].mean())
