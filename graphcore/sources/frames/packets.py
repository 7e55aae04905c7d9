"""Packets of a video in the order they are stored, with the times of the frames in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from av.error import FFmpegError

from graphcore.sources.frames.container import Video, explain

_LEAST_SKIP_SECS = 1.0
"""Reading on is as fast as seeking where the place is nearer than this."""


class UnplannedError(Exception):
    """A video's packets do not say what its decoder will show; nothing that was given so far is wrong."""


@dataclass(frozen=True, slots=True)
class TimedPacket:
    """A packet and what its container says of it.

    Attributes:
        pts: presentation time of its frame, in the stream's unit.
        dts: when it is to be decoded, which is never after a presentation time still to come; None when unknown.
        time_secs: `pts` in seconds since the video's beginning.
        end_secs: when its frame should be gone.
        is_keyframe: whether decoding can begin here.
        is_shown: whether its frame is shown at all.
        size_bytes: of the packet.
        packet: of PyAV.
    """

    pts: int
    dts: int | None
    time_secs: float
    end_secs: float
    is_keyframe: bool
    is_shown: bool = True
    size_bytes: int = 0
    packet: Any = None


class PacketReader:
    """Reads a video's packets, from the first keyframe on.

    Args:
        video: opened, and read by nobody else.

    Attributes:
        end_secs: when the frame is gone that is shown last of those read so far.
    """

    def __init__(self, video: Video) -> None:
        self.end_secs = 0.0
        self._last_secs = 0.0
        self._video = video
        self._packets = video.container.demux(video.stream)
        self._is_vp8 = video.stream.codec_context.name == "vp8"
        self._keyframe: TimedPacket | None = None
        self._start_secs: float | None = None if not video.has_times else 0.0
        self._least_skip_secs = _LEAST_SKIP_SECS if video.is_indexed else float("inf")
        self._pushed_back: TimedPacket | None = None

    @property
    def has_begun(self) -> bool:
        """Whether there was a keyframe."""
        return self._keyframe is not None

    def __iter__(self) -> Iterator[TimedPacket]:
        """Gives packets to the end.

        Raises:
            UnplannedError: one cannot be read, or does not say when its frame is shown.
        """
        while True:
            packet, self._pushed_back = self._pushed_back or self._read(), None
            if packet is None:
                return
            self._keyframe = packet if packet.is_keyframe else self._keyframe
            if self._keyframe is not None:
                yield packet

    def skip_to(self, time_secs: float, after: TimedPacket) -> bool:
        """Leaves packets unread that the frame shown at a time does not need, where that is likely worth a seek.

        Args:
            time_secs: what comes next is the last keyframe at or before it, or earlier.
            after: the last packet that was read.

        Returns:
            Whether any were left; if not, the next packet is the one that would have been anyway.

        Raises:
            UnplannedError: the container lost its place.
        """
        ahead_secs = time_secs - after.time_secs
        if ahead_secs <= self._least_skip_secs or self._keyframe is None:
            return False
        # Some containers seek by the time of decoding, which is that much earlier.
        last = self._keyframe
        early = 0 if last.dts is None else last.pts - last.dts
        landed = self._seek(self._video.tell_ticks(time_secs) - early)
        if landed and landed.pts > last.pts:
            if landed.is_keyframe and landed.time_secs <= time_secs:
                self._pushed_back = landed
                return True
            landed = None
        self._least_skip_secs = time_secs - last.time_secs  # keyframes lie further apart than that
        self._pushed_back = self._find_next(landed or self._seek(last.pts - early), after)
        return False

    def _seek(self, ticks: int) -> TimedPacket | None:
        video = self._video
        try:
            video.container.seek(ticks, stream=video.stream)
        except (FFmpegError, OSError):
            return None
        self._packets = video.container.demux(video.stream)
        return self._read()

    def _find_next(self, packet: TimedPacket | None, after: TimedPacket) -> TimedPacket | None:
        while packet is not None and packet.pts != after.pts:
            packet = self._read()
        if packet is None:
            raise UnplannedError("seeking back led elsewhere")
        return self._read()

    def _read(self) -> TimedPacket | None:
        try:
            packet = next(self._packets, None)
        except (FFmpegError, OSError) as error:
            raise UnplannedError(explain(error)) from None
        if packet is None or (packet.size == 0 and packet.dts is None):  # PyAV's last packet is empty
            return None
        if packet.pts is None:
            raise UnplannedError("a packet has no presentation time")
        return self._tell(packet)

    def _tell(self, packet: Any) -> TimedPacket:
        video = self._video
        time_secs = video.tell_time(packet.pts)
        if self._start_secs is None:
            self._start_secs = time_secs  # FFmpeg made its times up from the first on, and that is shown first
        time_secs = round(time_secs - self._start_secs, 6)
        lasts_secs = video.tell_secs(packet.duration) if packet.duration else video.frame_secs
        end_secs = round(time_secs + lasts_secs, 6)
        shown = not packet.is_discard and packet.size > 0 and (not self._is_vp8 or _is_shown_vp8(packet))
        if shown and time_secs >= self._last_secs:
            self._last_secs, self.end_secs = time_secs, end_secs
        return TimedPacket(
            packet.pts, packet.dts, time_secs, end_secs, packet.is_keyframe, shown, packet.size, packet
        )  # fmt: skip


def _is_shown_vp8(packet: Any) -> bool:
    """Whether a VP8 frame is shown, rather than only referred to. Source: RFC 6386, section 9.1."""
    return bool(memoryview(packet)[0] & 0x10)
