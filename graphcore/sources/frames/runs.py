"""Which packets a decoder is given: from a keyframe to the last wanted frame that needs it, and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from graphcore.sources.frames.packets import TimedPacket
from graphcore.sources.frames.shown import Marked

_PART_BYTES = 16 << 20
"""Packets that are held in memory at most. Ten seconds of 4K video are about 50 MB, of 1080p 10 MB."""


@dataclass(frozen=True)
class Part:
    """A run of packets that one decoder takes in order, or a part of a run that is too long to hold.

    Attributes:
        packets: in the order of decoding.
        wanted: pts of the frames that are given on.
        is_first: whether it begins with a keyframe, and the decoder afresh.
        is_last: whether the decoder gives out all it has afterwards.
    """

    packets: tuple[TimedPacket, ...]
    wanted: frozenset[int]
    is_first: bool = True
    is_last: bool = True


class RunPlanner:
    """Gathers marked packets into runs.

    Args:
        most_wanted: wanted frames of a part.
        most_bytes: of the packets of a part.
        trailing: packets to add to each run, where a packet may be half a frame.
    """

    def __init__(self, most_wanted: int, most_bytes: int = _PART_BYTES, trailing: int = 0) -> None:
        self._most_wanted = most_wanted
        self._most_bytes = most_bytes
        self._trailing = trailing
        self._begin()

    def add(self, marked: Marked) -> Iterator[Part]:
        """Takes the next packet and gives the parts that it completes."""
        if marked.begins_run:
            yield from self.finish()
        if marked.is_wanted and len(self._wanted) == self._most_wanted:
            yield self._cut(is_last=False)
        self._held.append(marked.packet)
        self._bytes += marked.packet.size_bytes
        if marked.is_wanted:
            self._wanted.add(marked.packet.pts)
            self._taken += self._held
            self._held = []
        elif self._bytes > self._most_bytes:
            # Perhaps in vain, if a keyframe comes before the next wanted frame; but memory has an end.
            self._taken += self._held
            self._held = []
            yield self._cut(is_last=False)

    def finish(self) -> Iterator[Part]:
        """Gives the rest of the run, if any frame of it is wanted."""
        if self._taken or not self._is_first:
            self._taken += self._held[: self._trailing]
            yield self._cut(is_last=True)
        self._begin()

    def _begin(self) -> None:
        self._is_first = True
        self._taken: list[TimedPacket] = []  # up to the last wanted frame
        self._held: list[TimedPacket] = []  # after it: perhaps nobody needs them
        self._wanted: set[int] = set()
        self._bytes = 0

    def _cut(self, is_last: bool) -> Part:
        part = Part(tuple(self._taken), frozenset(self._wanted), self._is_first, is_last)
        self._is_first, self._taken, self._wanted = False, [], set()
        self._bytes = sum(packet.size_bytes for packet in self._held)
        return part
