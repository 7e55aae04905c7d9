"""Which keyframe is nearest to each asked time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphcore.sources.frames.asked import TIME_SLACK_SECS, AskedTimes
from graphcore.sources.frames.packets import TimedPacket


@dataclass
class Keyframe:
    """A keyframe that may be chosen.

    Attributes:
        time_secs: when it is shown.
        packets: it, and what a decoder needs besides.
        is_chosen: whether it is nearest to an asked time.
    """

    time_secs: float
    packets: list[TimedPacket]
    is_chosen: bool = False


class NearestKeyframes:
    """Chooses among keyframes as they are read; each at most once, the earlier of two that are equally near.

    Args:
        asked: passed along.
        tolerance_secs: keyframes further away than this are not chosen.

    Attributes:
        missed: asked times without a keyframe near enough.
    """

    def __init__(self, asked: AskedTimes, tolerance_secs: float) -> None:
        self.missed = 0
        self._asked = asked
        self._tolerance_secs = tolerance_secs + TIME_SLACK_SECS
        self._last: Keyframe | None = None

    @property
    def last(self) -> Keyframe | None:
        """The keyframe added last."""
        return self._last

    def add(self, keyframe: Keyframe) -> Iterator[Keyframe]:
        """Takes the next keyframe and gives the one before if that is chosen."""
        while self._asked.next_secs < keyframe.time_secs:
            asked_secs = self._asked.take()
            self._choose(asked_secs, keyframe if self._is_nearer(keyframe, asked_secs) else self._last)
        yield from self.finish(0.0)
        self._last = keyframe

    def settle(self, time_secs: float) -> None:
        """Passes asked times for which no keyframe matters that is shown at `time_secs` or later."""
        while self._last is not None:
            to_last = self._asked.next_secs - self._last.time_secs
            if self._asked.next_secs + min(to_last, self._tolerance_secs) >= time_secs:
                break
            self._choose(self._asked.take(), self._last)

    def finish(self, end_secs: float) -> Iterator[Keyframe]:
        """Gives the last keyframe if that is chosen; no other comes before `end_secs`."""
        while self._asked.next_secs < end_secs:
            self._choose(self._asked.take(), self._last)
        if self._last is not None and self._last.is_chosen:
            yield self._last
        self._last = None

    def _is_nearer(self, keyframe: Keyframe, asked_secs: float) -> bool:
        return self._last is None or keyframe.time_secs - asked_secs < abs(asked_secs - self._last.time_secs)

    def _choose(self, asked_secs: float, keyframe: Keyframe | None) -> None:
        if keyframe is not None and abs(keyframe.time_secs - asked_secs) <= self._tolerance_secs:
            keyframe.is_chosen = True
        else:
            self.missed += 1
