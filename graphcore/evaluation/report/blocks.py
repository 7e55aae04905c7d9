"""What a row of a timeline shows: stretches of one class, few enough to draw and wide enough to see. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcore.timelines.timeline import find_runs

# A wide screen shows a row in about 850 pixels and a phone in 350: narrower boxes could not be told apart.
MOST_BLOCKS = 250


@dataclass(frozen=True)
class Span:
    """The time that a row covers, in seconds."""

    start_secs: float
    end_secs: float

    def locate(self, secs: float) -> float:
        """Where a moment lies, in per cent of the row."""
        length = self.end_secs - self.start_secs
        return 100 * (secs - self.start_secs) / length if length > 0 else 0.0


@dataclass(frozen=True)
class Block:
    """A stretch of one class, in per cent of the row."""

    label: int
    left: float
    width: float


def plan_blocks(
    labels: np.ndarray, times_secs: np.ndarray, ends_secs: np.ndarray, span: Span, most: int = MOST_BLOCKS
) -> list[Block]:
    """Joins frames of one class to blocks.

    Where there were more than `most`, the row is cut into as many equal cells, each showing its commonest class: what
    flickers faster than the eye could follow is drawn as what it mostly is.

    Args:
        labels: int [frames]; below 0 nothing is drawn.
        times_secs: float [frames], ascending.
        ends_secs: float [frames], where the time ends that each frame stands for.
        span: the time that the row covers.
        most: how many blocks at most.
    """
    labels = np.asarray(labels)
    if len(find_runs(labels)) > most:
        edges = np.linspace(span.start_secs, span.end_secs, most + 1)
        labels = _find_commonest(labels, times_secs, edges)
        times_secs, ends_secs = edges[:-1], edges[1:]
    blocks = []
    for run in find_runs(labels):
        left = span.locate(float(times_secs[run.first]))
        # To the next run's beginning, so that rounding leaves no gap.
        right = span.locate(float(times_secs[run.stop] if run.stop < len(times_secs) else ends_secs[-1]))
        if run.label >= 0:
            blocks.append(Block(run.label, left, right - left))
    return blocks


def _find_commonest(labels: np.ndarray, times_secs: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """int64 [cells], the commonest class of the frames in each cell; of an empty one the class before it."""
    cells = np.clip(np.searchsorted(edges, times_secs, side="right") - 1, 0, len(edges) - 2)
    # Counted from -1, which is nothing.
    counts = np.zeros((len(edges) - 1, int(labels.max()) + 2), np.int64)
    np.add.at(counts, (cells, np.maximum(labels, -1) + 1), 1)
    commonest = counts.argmax(axis=1) - 1
    filled = np.maximum.accumulate(np.where(counts.any(axis=1), np.arange(len(commonest)), 0))
    return commonest[filled]


def plan_ticks(span: Span, most: int = 6) -> list[float]:
    """Round moments of a time axis, in seconds from the video's beginning: at most `most` + 1."""
    length = span.end_secs - span.start_secs
    if length <= 0:
        return [span.start_secs]
    steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)
    step = next((step for step in steps if length / step <= most), length / most)
    first = np.ceil(span.start_secs / step - 1e-9) * step
    return [float(tick) for tick in np.arange(first, span.end_secs + step * 1e-6, step)]
