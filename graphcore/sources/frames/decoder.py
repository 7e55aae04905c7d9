"""A decoder that is given runs of packets, and gives back the frames that are wanted of them.

It trusts the packets' times no further than its own frames bear them out: a frame that does not come out, or comes
out at a time or in an order that no packet announced, ends the plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from av.error import FFmpegError

from graphcore.sources.frames.container import explain, open_video
from graphcore.sources.frames.packets import TimedPacket, UnplannedError
from graphcore.sources.frames.picture import PictureMaker, SampledFrame
from graphcore.sources.frames.runs import Part

_SKIPPING_CODECS = frozenset({"h264", "mpeg1video", "mpeg2video", "mpeg4"})
"""Frames that say nobody refers to them leave no trace in these. In VP8 they may, by its segment map; VP9 and AV1
have no such frames."""


class Decoder:
    """One decoder, with its own opening of the file so that no seek of the reader's empties it.

    Args:
        path: the video.
        size: shorter side of the images; None keeps the video's.
        threads: inside the decoder.
    """

    def __init__(self, path: Path, size: int | None, threads: int) -> None:
        self._stack = ExitStack()
        self._video = self._stack.enter_context(open_video(path))
        self._context = self._video.stream.codec_context
        self._context.thread_count = threads
        self._context.thread_type = "AUTO" if threads > 1 else "SLICE"
        self._maker = PictureMaker(size)
        self._can_skip = _can_skip(self._context)
        # Where a packet may be half a frame, skipping waits until a frame has shown that it is not.
        self._is_skipping = self._can_skip and not self._video.has_field_packets
        self._begin()

    def close(self) -> None:
        """Frees the decoder and closes the file."""
        self._stack.close()

    def decode(self, part: Part) -> list[SampledFrame]:
        """Gives the wanted frames that come out; what is still inside comes with the run's next part.

        Raises:
            UnplannedError: the decoder shows other frames than the packets promised.
        """
        try:
            if part.is_first:
                self._begin()
            self._wanted = sorted({*self._wanted, *part.wanted})
            frames = [frame for packet in part.packets for frame in self._send(packet, part.wanted)]
            if part.is_last:
                frames += self._end()
        except FFmpegError as error:
            self._context.flush_buffers()
            raise UnplannedError(explain(error)) from None
        except UnplannedError:
            self._context.flush_buffers()
            raise
        return frames

    def _begin(self) -> None:
        self._wanted: list[int] = []
        self._times: dict[int, float] = {}
        self._shown_pts: int | None = None

    def _send(self, packet: TimedPacket, wanted: frozenset[int]) -> Iterator[SampledFrame]:
        needs_all = packet.pts in wanted or not self._is_skipping
        self._context.skip_frame = "DEFAULT" if needs_all else "NONREF"
        self._times[packet.pts] = packet.time_secs
        for frame in self._context.decode(packet.packet):
            yield from self._take(frame)

    def _end(self) -> list[SampledFrame]:
        frames = [taken for frame in self._context.decode(None) for taken in self._take(frame)]
        self._context.flush_buffers()
        if self._wanted:
            raise UnplannedError("a frame did not come out")
        return frames

    def _take(self, frame: Any) -> Iterator[SampledFrame]:
        if self._video.has_field_packets:
            self._can_skip = self._can_skip and not frame.interlaced_frame
            self._is_skipping = self._can_skip
        if frame.pts not in self._times or (self._shown_pts is not None and frame.pts <= self._shown_pts):
            raise UnplannedError("a frame came out that no packet has, or in another order than its time says")
        self._shown_pts = frame.pts
        if self._wanted and frame.pts >= self._wanted[0]:
            if frame.pts > self._wanted.pop(0) or frame.is_corrupt:
                raise UnplannedError("a frame did not come out whole")
            yield SampledFrame(self._times[frame.pts], self._maker.make(frame))


def _can_skip(context: Any) -> bool:
    """Whether leaving out frames that nobody refers to cannot change any other."""
    if context.name != "hevc":
        return context.name in _SKIPPING_CODECS
    # A frame that its own temporal layer does not refer to may serve a higher layer, so there must be only one.
    # Source: ISO/IEC 14496-15, HEVCDecoderConfigurationRecord, numTemporalLayers.
    extradata = context.extradata or b""
    return len(extradata) > 22 and extradata[0] == 1 and (extradata[21] >> 3) & 7 == 1
