"""The times at which frames are asked for."""

from __future__ import annotations

import math

TIME_SLACK_SECS = 1e-6
"""How much later than asked a frame may begin: a time base of 1/90000 cannot hit most decimal fractions."""


class AskedTimes:
    """The multiples of `every_secs` on a recording's clock, told as times in one of its files, in order.

    Args:
        every_secs: distance of the times.
        offset_secs: where the file begins on the recording's clock.
    """

    def __init__(self, every_secs: float, offset_secs: float = 0.0) -> None:
        self._every_secs = every_secs
        self._offset_secs = offset_secs
        self._index = 0
        self.pass_until(0.0)

    @property
    def next_secs(self) -> float:
        """The first time not yet passed, with its slack: what is shown then begins at or before it."""
        return self._tell(self._index)

    def take(self) -> float:
        """Passes one time and gives it, without slack."""
        time_secs = self.next_secs - TIME_SLACK_SECS
        self._index += 1
        return time_secs

    def pass_until(self, end_secs: float) -> int:
        """Passes the times before `end_secs`, which has no slack, and says how many those were."""
        index = math.floor((end_secs + self._offset_secs) / self._every_secs)
        while self._tell(index) >= end_secs:
            index -= 1
        while self._tell(index) < end_secs:
            index += 1
        passed = max(0, index - self._index)
        self._index += passed
        return passed

    def _tell(self, index: int) -> float:
        return index * self._every_secs - self._offset_secs + TIME_SLACK_SECS
