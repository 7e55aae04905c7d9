"""From the scores of a video's frames to what they are called: hysteresis, short gaps closed, short segments dropped.

Settings that are left alone change nothing: a frame is then called what scores highest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from graphcore.timelines.hysteresis import hold, hold_labels
from graphcore.timelines.mending import mend_labels


@dataclass(frozen=True)
class Segmenting:
    """How frames become segments.

    Attributes:
        enter: score from which a segment may begin. Where one of `enter` and `leave` is None it is the other; where
            both are, a frame is called what scores highest, and of several labels each that reaches its threshold.
        leave: score below which it ends.
        min_secs: segments that are shorter are dropped.
        merge_secs: gaps between two segments of one label that are shorter are closed.
    """

    enter: float | None = None
    leave: float | None = None
    min_secs: float = 0.0
    merge_secs: float = 0.0

    @property
    def bounds(self) -> tuple[float, float] | None:
        """`enter` and `leave`; None where neither is given."""
        enter = self.leave if self.enter is None else self.enter
        leave = self.enter if self.leave is None else self.leave
        return None if enter is None or leave is None else (enter, min(enter, leave))

    @property
    def changes_nothing(self) -> bool:
        """Whether frames of one label each stay what scores highest."""
        return self == Segmenting()

    @property
    def is_causal(self) -> bool:
        """Whether no frame's label hangs on later ones: a length is known when it is over, two scores at once."""
        return not (self.min_secs > 0 or self.merge_secs > 0)

    def override(
        self,
        enter: float | None = None,
        leave: float | None = None,
        min_secs: float | None = None,
        merge_secs: float | None = None,
    ) -> Segmenting:
        """The same with what is not None in its place; a score that is left alone gives way to one that is not."""
        if enter is None and leave is None:
            enter, leave = self.enter, self.leave
        elif enter is None and leave is not None:
            enter = None if self.enter is None else max(self.enter, leave)
        elif leave is None and enter is not None:
            leave = None if self.leave is None else min(self.leave, enter)
        return Segmenting(
            enter,
            leave,
            self.min_secs if min_secs is None else min_secs,
            self.merge_secs if merge_secs is None else merge_secs,
        )

    def to_json(self) -> dict[str, float | None]:
        """Plain values, as `from_json` takes them."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Segmenting:
        """Reads what `to_json` gave; a value that is missing is as if left alone.

        Raises:
            ValueError: a name is not known.
        """
        known = [field.name for field in fields(cls)]
        unknown = [name for name in values if name not in known]
        if unknown:
            raise ValueError(f"segmenting has {unknown[0]!r}; known are {', '.join(known)}")
        return cls().override(**values)


def segment_labels(
    scores: np.ndarray,
    times_secs: Sequence[float] | np.ndarray,
    step_secs: float,
    segmenting: Segmenting,
    outside: int | None,
) -> np.ndarray:
    """What each frame of a video is called.

    Args:
        scores: float [frames, classes] in [0, 1], in the order of time.
        times_secs: ascending, one for each frame.
        step_secs: how long the last frame stands; any other stands until the next.
        segmenting: see there, and `hysteresis` and `mending`.
        outside: the class of times outside every segment; None where there is none.

    Returns:
        int64 [frames].
    """
    labels = name_frames(scores, segmenting, outside)
    lengths_secs = measure_lengths(times_secs, step_secs)
    return mend_labels(labels, scores, lengths_secs, segmenting.min_secs, segmenting.merge_secs, outside)


def name_frames(scores: np.ndarray, segmenting: Segmenting, outside: int | None) -> np.ndarray:
    """What each frame is called before lengths matter; see `segment_labels`."""
    bounds = segmenting.bounds
    return scores.argmax(axis=1) if bounds is None else hold_labels(scores, *bounds, outside)


def segment_several(
    scores: np.ndarray,
    times_secs: Sequence[float] | np.ndarray,
    step_secs: float,
    segmenting: Segmenting,
    thresholds: Sequence[float],
) -> np.ndarray:
    """Which labels each frame of a video is given, where it may have any number: each label on its own.

    Args:
        scores: float [frames, classes] in [0, 1], in the order of time.
        times_secs: ascending, one for each frame.
        step_secs: how long the last frame stands.
        segmenting: see there.
        thresholds: one for each class; what its label enters at where `segmenting.enter` is None, and leaves at where
            `segmenting.leave` is.

    Returns:
        bool [frames, classes].
    """
    given = np.zeros(scores.shape, bool)
    lengths_secs = measure_lengths(times_secs, step_secs)
    for number, threshold in enumerate(thresholds):
        column = scores[:, number]
        enter = threshold if segmenting.enter is None else segmenting.enter
        leave = enter if segmenting.leave is None else segmenting.leave
        held = hold(column, enter, min(enter, leave)).astype(np.int64)
        pair = np.stack([1 - column, column], axis=1)
        given[:, number] = mend_labels(held, pair, lengths_secs, segmenting.min_secs, segmenting.merge_secs, 0) > 0
    return given


def measure_lengths(times_secs: Sequence[float] | np.ndarray, step_secs: float) -> np.ndarray:
    """float64 [frames], the time that each frame stands for: until the next one, the last for `step_secs`."""
    times = np.asarray(times_secs, np.float64)
    return np.append(np.diff(times), step_secs) if len(times) else times
