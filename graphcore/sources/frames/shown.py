"""Which packets hold the frames that are shown at the asked times, known before anything is decoded.

Packets are stored in the order they are decoded, frames are shown in another. A frame is shown until the next one
in order of presentation; which that is, is certain once packets are to be decoded later than it is shown.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from graphcore.sources.frames.asked import AskedTimes
from graphcore.sources.frames.packets import TimedPacket, UnplannedError

_REORDERED = 64
"""Frames that wait for their successor at most, where packets do not say when they are decoded. H.264 and HEVC
reorder 16 frames, or 32 fields."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A packet whose part in the plan is certain.

    Attributes:
        packet: the packet.
        is_wanted: whether its frame is shown at an asked time.
        begins_run: whether nothing before it is needed by any wanted frame to come.
    """

    packet: TimedPacket
    is_wanted: bool
    begins_run: bool


class ShownMarker:
    """Marks packets as they are read; each comes out a few packets later, in the same order.

    Args:
        asked: passed along as frames are found for them.
    """

    def __init__(self, asked: AskedTimes) -> None:
        self._asked = asked
        self._waiting: deque[TimedPacket] = deque()
        self._undecided: list[tuple[int, float, float]] = []  # a heap of pts, time_secs, end_secs
        self._wanted: set[int] = set()
        self._decided_pts: int | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether a wanted packet has not come out yet."""
        return bool(self._wanted)

    def mark(self, packet: TimedPacket) -> Iterator[Marked]:
        """Takes a packet in and gives those that are certain now.

        Raises:
            UnplannedError: its frame is shown before one whose turn has come.
        """
        if packet.is_shown:
            if self._decided_pts is not None and packet.pts < self._decided_pts:
                raise UnplannedError("a packet comes later than its frame")
            heapq.heappush(self._undecided, (packet.pts, packet.time_secs, packet.end_secs))
        self._waiting.append(packet)
        while self._knows_next(packet.dts):
            self._decide()
        yield from self._release()

    def finish(self) -> Iterator[Marked]:
        """Gives what is left: no more packets come."""
        while self._undecided:
            self._decide()
        self._decided_pts = None
        yield from self._release(is_end=True)

    def forget(self) -> None:
        """Drops packets that have not come out, none of which is wanted: some are skipped now."""
        self._waiting.clear()
        self._undecided.clear()

    def _knows_next(self, dts: int | None) -> bool:
        if len(self._undecided) < 2:
            return False
        next_pts = min(self._undecided[1:3])[0]
        return (dts is not None and next_pts <= dts) or len(self._undecided) > _REORDERED

    def _decide(self) -> None:
        pts, _, end_secs = heapq.heappop(self._undecided)
        if self._undecided:
            self._decided_pts, end_secs, _ = self._undecided[0]
        if self._asked.next_secs < end_secs:
            self._wanted.add(pts)
            self._asked.pass_until(end_secs)

    def _release(self, is_end: bool = False) -> Iterator[Marked]:
        while self._waiting and (is_end or self._is_decided(self._waiting[0])):
            packet = self._waiting.popleft()
            # Pictures that are shown before a keyframe but stored after it may need what is stored before it.
            begins = packet.is_keyframe and not any(pts < packet.pts for pts in self._wanted)
            wanted = packet.is_shown and packet.pts in self._wanted
            if wanted:
                self._wanted.discard(packet.pts)
            yield Marked(packet, wanted, begins)

    def _is_decided(self, packet: TimedPacket) -> bool:
        return not packet.is_shown or (self._decided_pts is not None and packet.pts < self._decided_pts)
