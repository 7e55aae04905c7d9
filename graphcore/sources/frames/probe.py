"""What a video's container says about it, nothing decoded; and whether the pictures kept that promise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av

from graphcore.sources.errors import PictureError, VideoError
from graphcore.sources.frames.container import Video, open_video
from graphcore.sources.normalise import check_size

SUFFIXES = (".mp4", ".mov", ".mkv", ".avi", ".webm", ".m4v", ".mpg", ".mpeg", ".ts")
"""File name endings of videos, in lower case."""

END_TOLERANCE_SECS = 1.0
"""How much earlier than announced the pictures may end before a video counts as cut off."""

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


def probe_video(path: Path) -> VideoInfo:
    """Reads a video's header.

    Raises:
        VideoError: it cannot be opened, or holds no pictures.
    """
    with open_video(path) as video:
        return describe_video(video)


def describe_video(video: Video) -> VideoInfo:
    """What the header of an opened video says."""
    context = video.stream.codec_context
    return VideoInfo(
        width=context.width,
        height=context.height,
        duration_secs=_find_duration(video),
        is_measured=bool(_MEASURED_FORMATS & video.formats),
        frame_secs=video.frame_secs,
    )


def check_frame_size(info: VideoInfo, max_pixels: int) -> None:
    """Refuses frames that are too large to decode.

    Raises:
        VideoError: they are.
    """
    try:
        check_size(info.width, info.height, max_pixels)
    except PictureError as error:
        raise VideoError(str(error)) from None


def check_end(info: VideoInfo, end_secs: float, declared_secs: float | None) -> None:
    """Compares where the pictures end with where they should.

    Args:
        info: what the header said.
        end_secs: end of the last frame.
        declared_secs: how long the video should be, if somebody else knows.

    Raises:
        VideoError: they end more than `END_TOLERANCE_SECS` too early.
    """
    told = [secs for secs in (info.duration_secs, declared_secs) if secs is not None]
    if told and end_secs < max(told) - END_TOLERANCE_SECS:
        raise VideoError(f"truncated: the pictures end at {end_secs:.3f} s of {max(told):.3f} s")


def _find_duration(video: Video) -> float | None:
    stream = video.stream
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
    alone = len(video.container.streams) == 1
    return video.container.duration / av.time_base if video.container.duration and alone else None
