"""Which stretches of a video are called wrongly, and which of them are worth a picture. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcore.evaluation.report.blocks import Span
from graphcore.evaluation.videos.spans import find_edges
from graphcore.timelines.timeline import Timeline, find_runs

# Closer than this, in per cent of the row, the marks of two pictures would cover each other on a phone.
CLOSEST = 6.0


@dataclass(frozen=True)
class Disagreement:
    """Consecutive frames of one class that are called another.

    Attributes:
        label: the true class.
        called: what they were called.
        middle: the frame that shows it, counted from the video's first.
        start_secs: where it begins.
        duration_secs: how long it lasts.
    """

    label: int
    called: int
    middle: int
    start_secs: float
    duration_secs: float


def find_disagreements(timeline: Timeline) -> list[Disagreement]:
    """All stretches that are called wrongly, in the order of time."""
    num_classes = timeline.scores.shape[1]
    pairs = timeline.labels * num_classes + timeline.predicted
    ends = find_edges(timeline)[1:]
    found = []
    for run in find_runs(pairs):
        label, called = divmod(run.label, num_classes)
        if label != called:
            start = float(timeline.times_secs[run.first])
            duration = float(ends[run.stop - 1]) - start
            found.append(Disagreement(label, called, (run.first + run.stop - 1) // 2, start, duration))
    return found


def choose_disagreements(timeline: Timeline, span: Span, most: int) -> list[Disagreement]:
    """The longest ones, of equals the surest, in the order of time; none so close to a longer one as to hide it.

    Args:
        timeline: of the video.
        span: the time that its row covers.
        most: how many.
    """
    confidences = find_confidences(timeline)
    ranked = sorted(find_disagreements(timeline), key=lambda one: (-one.duration_secs, -confidences[one.middle]))
    chosen: list[Disagreement] = []
    for one in ranked:
        if len(chosen) == most:
            break
        place = _locate(span, one)
        if all(abs(place - _locate(span, other)) >= CLOSEST for other in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda one: one.start_secs)


def find_confidences(timeline: Timeline) -> np.ndarray:
    """float64 [frames], the score of what each frame was called."""
    return timeline.scores[np.arange(len(timeline)), timeline.predicted]


def _locate(span: Span, one: Disagreement) -> float:
    return span.locate(one.start_secs + one.duration_secs / 2)
