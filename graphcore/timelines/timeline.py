"""One video as it was sampled: what its frames are and what they were called, in the order of time.

A frame stands for the time from its own to the next one's; the last one stands for the usual step. What happens between
two frames nobody has looked at: a change of label is known to within a step.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from graphcore.sources.item import Segment


@dataclass(frozen=True)
class Timeline:
    """The frames of one video.

    Attributes:
        video: its name.
        times_secs: float64 [frames], ascending.
        labels: int64 [frames], the true classes.
        scores: float64 [frames, classes] in [0, 1], whose rows sum to 1.
        predicted: int64 [frames], the classes that the frames were called: those of the highest score, or what was
            made of them.
        step_secs: how long the last frame stands.
        group: what must not straddle splits; "" where each video stands alone.
    """

    video: str
    times_secs: np.ndarray
    labels: np.ndarray
    scores: np.ndarray
    predicted: np.ndarray
    step_secs: float
    group: str = ""

    def __len__(self) -> int:
        return len(self.times_secs)

    @property
    def ends_secs(self) -> np.ndarray:
        """float64 [frames], where the time ends that each frame stands for."""
        return np.append(self.times_secs[1:], self.times_secs[-1:] + self.step_secs)


@dataclass(frozen=True)
class LabelRun:
    """Consecutive frames of one label: those from `first` up to, not including, `stop`."""

    label: int
    first: int
    stop: int


def find_runs(labels: Sequence[int] | np.ndarray) -> list[LabelRun]:
    """The runs of equal labels, in order; none of no frames.

    Args:
        labels: int [frames].
    """
    labels = np.asarray(labels)
    bounds = [*find_starts(labels).tolist(), len(labels)]
    return [LabelRun(int(labels[first]), first, stop) for first, stop in pairwise(bounds)]


def find_starts(labels: Sequence[int] | np.ndarray) -> np.ndarray:
    """int64 [runs], the frames at which a run of equal labels begins; none of no frames.

    Args:
        labels: int [frames].
    """
    labels = np.asarray(labels)
    return np.flatnonzero(np.append(np.ones(min(1, len(labels)), bool), labels[1:] != labels[:-1]))


def find_segments(
    video: str,
    times_secs: Sequence[float] | np.ndarray,
    labels: Sequence[int] | np.ndarray,
    end_secs: float,
    class_names: Sequence[str],
    outside: int | None = None,
) -> list[Segment]:
    """Joins runs of the same label to segments; each lasts until the first frame of the next run.

    Args:
        video: the video's name.
        times_secs: ascending, one for each label.
        labels: int [frames], of the frames.
        end_secs: where the last run ends.
        class_names: of the labels.
        outside: a label that makes no segment.
    """
    segments = []
    for run in find_runs(labels):
        start = float(times_secs[run.first])
        end = float(times_secs[run.stop]) if run.stop < len(times_secs) else end_secs
        if run.label != outside and end > start:
            segments.append(Segment(video, start, end, class_names[run.label]))
    return segments


def find_outside(class_names: Sequence[str]) -> int | None:
    """The class of times outside every segment, as conversion names it, if there is one: "background", or "not-x"."""
    if "background" in class_names:
        return class_names.index("background")
    return next((n for n, name in enumerate(class_names) if name[:4] == "not-" and name[4:] in class_names), None)
