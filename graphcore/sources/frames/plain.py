"""Every frame decoded from end to end, the shown ones given: slow, and right for whatever a decoder can show.

For containers whose packets have no times, and for videos that turned out not to be what their packets say.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator
from typing import Any

from av.error import EOFError as EndOfVideo
from av.error import FFmpegError

from graphcore.sources.errors import VideoError
from graphcore.sources.frames.asked import AskedTimes
from graphcore.sources.frames.container import Video, explain
from graphcore.sources.frames.picture import PictureMaker, SampledFrame

_DAMAGED_SHARE = 0.1  # of packets; a stray bad one is skipped as any player does


def is_damaged(bad: int, total: int) -> bool:
    """Whether so many undecodable packets are more than stray ones."""
    return bad > max(3, _DAMAGED_SHARE * total)


def decode_plainly(
    video: Video, asked: AskedTimes, size: int | None, threads: int, after_secs: float | None = None
) -> Generator[SampledFrame, None, float]:
    """Gives the last whole frame that begins at or before each asked time; the first for times before it.

    Args:
        video: opened, nothing read yet.
        asked: passed along.
        size: shorter side of the images; None keeps the video's.
        threads: of the decoder; 0 lets FFmpeg choose.
        after_secs: frames up to here were given before.

    Returns:
        When the pictures end, in seconds.

    Raises:
        VideoError: more than a few packets cannot be decoded, or none can.
    """
    video.stream.codec_context.thread_count = threads
    video.stream.codec_context.thread_type = "AUTO"
    maker = PictureMaker(size)
    shown: tuple[Any, float] | None = None
    end_secs = 0.0
    for frame, time_secs in _iterate_frames(video):
        lasts_secs = float(frame.duration * frame.time_base) if frame.duration else video.frame_secs
        end_secs = max(end_secs, time_secs + lasts_secs)
        if frame.is_corrupt or (shown is not None and time_secs < shown[1]):
            continue
        if shown is not None:
            yield from _give(*shown, time_secs, asked, maker, after_secs)
        shown = frame, time_secs
    if shown is not None:
        yield from _give(*shown, end_secs, asked, maker, after_secs)
    return end_secs


def _give(
    frame: Any, time_secs: float, end_secs: float, asked: AskedTimes, maker: PictureMaker, after_secs: float | None
) -> Iterator[SampledFrame]:
    if asked.pass_until(end_secs) and (after_secs is None or time_secs > after_secs):
        yield SampledFrame(time_secs, maker.make(frame))


def _iterate_frames(video: Video) -> Iterator[tuple[Any, float]]:
    """Gives every frame with its time; single bad packets are passed over, many are an error."""
    packets = bad = count = 0
    slots: deque[int] = deque()  # of a container that has no other times: the first frame out is in the first
    packet_stream = video.container.demux(video.stream)
    while True:
        try:
            packet = next(packet_stream)
            packets += 1
            if packet.size and packet.dts is not None and not video.has_times:
                slots.append(packet.dts)
            frames = packet.decode()
        except (StopIteration, EndOfVideo):
            break
        except FFmpegError as error:
            bad += 1
            if slots:
                slots.pop()
            if is_damaged(bad, packets):
                reason = f"{bad} of {packets} packets cannot be decoded ({explain(error)})"
                raise VideoError(f"damaged: {reason}") from None
            continue
        for frame in frames:
            ticks = slots.popleft() if slots else frame.pts
            yield frame, round(count * video.frame_secs, 6) if ticks is None else video.tell_time(ticks)
            count += 1
    if not count:
        raise VideoError("unreadable: not one frame can be decoded")
