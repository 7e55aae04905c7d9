"""Frames of a video at regular times: one pass from its beginning to its end, and no file opened twice.

One pass over all frames was chosen over seeking: it is exact for every codec, and where keyframes lie
further apart than the asked times, which is usual, seeking decodes the same frames more than once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.error import EOFError as EndOfVideo
from av.error import FFmpegError

from graphcore.sources.errors import PictureError, VideoError
from graphcore.sources.normalise import check_size, scale_down

SUFFIXES = (".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v", ".mpg", ".mpeg", ".ts")
"""File name endings of videos, in lower case."""

END_TOLERANCE_SECS = 1.0
"""How much earlier than announced the pictures may end before a video counts as cut off."""

_TIME_SLACK_SECS = 1e-6  # a time base of 1/90000 cannot hit most decimal fractions
_DAMAGED_SHARE = 0.1  # of packets; a stray bad one is skipped as any player does

# Only files, and only containers of pictures that move: a playlist could name other files or hosts.
_OPEN_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg",
}
# These do not write down how long they are: FFmpeg measures what is there, cut off or not.
_MEASURED_FORMATS = frozenset({"mpegts", "mpeg", "mpegvideo", "avi"})


@dataclass(frozen=True)
class VideoInfo:
    """What a video's container says, nothing decoded.

    Attributes:
        width: pixels, before any rotation.
        height: pixels.
        duration_secs: how long the pictures last; None when unknown.
        is_measured: whether the duration is that of what is there rather than of what was recorded.
        frame_secs: usual distance of two frames.
    """

    width: int
    height: int
    duration_secs: float | None
    is_measured: bool
    frame_secs: float


@dataclass(frozen=True)
class SampledFrame:
    """One frame, upright.

    Attributes:
        time_secs: its own presentation time, counted from the video's beginning.
        image: uint8 [height, width, 3] in [0, 255], RGB.
    """

    time_secs: float
    image: np.ndarray


def probe_video(path: Path) -> VideoInfo:
    """Reads a video's header.

    Raises:
        VideoError: it cannot be opened, or holds no pictures.
    """
    with _open(path) as container:
        return _describe(container, _find_stream(container))


def sample_frames(
    path: Path,
    every_secs: float,
    size: int | None = None,
    threads: int = 0,
    max_pixels: int = 100_000_000,
    declared_secs: float | None = None,
) -> Iterator[SampledFrame]:
    """Decodes a video once and gives the first frame at or after 0, every_secs, 2 * every_secs, ...

    Where frames lie further apart than `every_secs`, each is given once.

    Args:
        path: the video.
        every_secs: distance of the asked times in seconds.
        size: shorter side of the images in pixels; None or a larger number keeps the video's.
        threads: of the decoder; 0 lets FFmpeg choose.
        max_pixels: frames that are larger are refused.
        declared_secs: how long the video should be, if somebody else knows.

    Raises:
        VideoError: it cannot be opened, is damaged, or ends early. The last is known, and raised, only after
            the frames that are there were given.
    """
    with _open(path) as container:
        stream = _find_stream(container)
        info = _describe(container, stream)
        try:
            check_size(info.width, info.height, max_pixels)
        except PictureError as error:
            raise VideoError(str(error)) from None
        stream.thread_type = "AUTO"
        stream.codec_context.thread_count = threads
        start_secs = (container.start_time or 0) / av.time_base
        next_index, end_secs = 0, 0.0
        for frame, time_secs in _iterate_frames(container, stream, start_secs, info.frame_secs):
            end_secs = max(end_secs, time_secs + info.frame_secs)
            if time_secs + _TIME_SLACK_SECS < next_index * every_secs or frame.is_corrupt:
                continue
            next_index = math.floor((time_secs + _TIME_SLACK_SECS) / every_secs) + 1
            yield SampledFrame(time_secs, _to_image(frame, size))
        _check_end(info, end_secs, declared_secs)


def _open(path: Path) -> Any:
    try:
        # An absolute path cannot be taken for a protocol or an option.
        return av.open(str(path.absolute()), options=dict(_OPEN_OPTIONS))
    except (PermissionError, FileNotFoundError) as error:
        raise VideoError(f"cannot be read: {error.strerror}") from None
    except (FFmpegError, OSError, ValueError) as error:
        raise VideoError(f"unreadable: {_explain(error)}") from None


def _find_stream(container: Any) -> Any:
    stream = container.streams.best("video")
    if stream is None or stream.codec_context is None or not stream.codec_context.width:
        raise VideoError("unreadable: it holds no pictures")
    return stream


def _describe(container: Any, stream: Any) -> VideoInfo:
    rate = stream.average_rate or stream.guessed_rate
    context = stream.codec_context
    return VideoInfo(
        width=context.width,
        height=context.height,
        duration_secs=_find_duration(container, stream),
        is_measured=bool(_MEASURED_FORMATS & set(container.format.name.split(","))),
        frame_secs=float(1 / rate) if rate else 0.0,
    )


def _find_duration(container: Any, stream: Any) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    hours, _, rest = str(stream.metadata.get("DURATION", "")).partition(":")  # Matroska: 00:05:00.040000000
    minutes, _, seconds = rest.partition(":")
    try:
        told = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        told = 0.0
    if told > 0:
        return told
    # The container's is that of its longest stream, which may be the sound.
    alone = len(container.streams) == 1
    return container.duration / av.time_base if container.duration and alone else None


def _iterate_frames(container: Any, stream: Any, start_secs: float, frame_secs: float) -> Iterator[tuple[Any, float]]:
    """Gives every frame with its time; single bad packets are passed over, many are an error."""
    packets = bad = count = 0
    packet_stream = container.demux(stream)
    while True:
        try:
            packet = next(packet_stream)
            packets += 1
            frames = packet.decode()
        except (StopIteration, EndOfVideo):
            break
        except FFmpegError as error:
            bad += 1
            if bad > max(3, _DAMAGED_SHARE * packets):
                raise VideoError(f"damaged: {bad} of {packets} packets cannot be decoded ({_explain(error)})") from None
            continue
        for frame in frames:
            time_secs = count * frame_secs if frame.time is None else frame.time - start_secs
            count += 1
            yield frame, round(time_secs, 6)
    if not count:
        raise VideoError("unreadable: not one frame can be decoded")


def _to_image(frame: Any, size: int | None) -> np.ndarray:
    width, height = scale_down(frame.width, frame.height, size)
    interpolation = "AREA" if (width, height) != (frame.width, frame.height) else "BILINEAR"
    image = frame.to_ndarray(format="rgb24", width=width, height=height, interpolation=interpolation)
    quarter_turns = round(frame.rotation / 90) % 4  # the display matrix that telephones write
    return np.ascontiguousarray(np.rot90(image, quarter_turns))


def _check_end(info: VideoInfo, end_secs: float, declared_secs: float | None) -> None:
    told = [secs for secs in (info.duration_secs, declared_secs) if secs is not None]
    if told and end_secs < max(told) - END_TOLERANCE_SECS:
        raise VideoError(f"truncated: the pictures end at {end_secs:.3f} s of {max(told):.3f} s")


def _explain(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
