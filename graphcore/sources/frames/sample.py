"""The way in: frames of a video at regular times, exactly those shown or the keyframes nearest to them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from graphcore.sources.frames.asked import AskedTimes
from graphcore.sources.frames.container import open_video
from graphcore.sources.frames.exact import sample_exactly
from graphcore.sources.frames.keyframe import sample_keyframes
from graphcore.sources.frames.picture import SampledFrame
from graphcore.sources.frames.probe import VideoInfo, check_end, check_frame_size, describe_video
from graphcore.sources.normalise import scale_down


@dataclass(frozen=True)
class SamplingOptions:
    """Which frames are taken of a video.

    Attributes:
        every_secs: distance of the asked times: its multiples on the recording's clock.
        sampling: "exact" takes the frame shown at each of them, "keyframe" the nearest keyframe.
        keyframe_tolerance_secs: how far off a keyframe may be; None is half of `every_secs`.
        size: shorter side of the images in pixels; None or a larger number keeps the video's.
        max_pixels: larger frames are refused.
    """

    every_secs: float
    sampling: str = "exact"
    keyframe_tolerance_secs: float | None = None
    size: int | None = None
    max_pixels: int = 100_000_000


@dataclass
class SamplingStats:
    """What is known after the last frame.

    Attributes:
        missed: asked times that got no frame because no keyframe was near enough.
    """

    missed: int = 0


def sample_frames(
    path: Path,
    options: SamplingOptions,
    threads: int = 0,
    declared_secs: float | None = None,
    offset_secs: float = 0.0,
    stats: SamplingStats | None = None,
) -> Iterator[SampledFrame]:
    """Gives frames of a video in the order of their times, each once.

    Args:
        path: the video.
        options: which frames.
        threads: decoders side by side; 0 chooses. They change nothing but the time.
        declared_secs: how long the video should be, if somebody else knows.
        offset_secs: where this file begins on its recording's clock. Frames' times stay the file's own.
        stats: filled after the last frame.

    Raises:
        VideoError: it cannot be opened, is damaged, or ends early. The last is known, and raised, only after
            the frames that are there were given.
    """
    with open_video(path) as video:
        info = describe_video(video)
        check_frame_size(info, options.max_pixels)
        ask = partial(AskedTimes, options.every_secs, offset_secs)
        if options.sampling == "keyframe":
            tolerance_secs = options.keyframe_tolerance_secs
            tolerance_secs = options.every_secs / 2 if tolerance_secs is None else tolerance_secs
            found = yield from sample_keyframes(video, path, ask(), tolerance_secs, options.size, threads)
            end_secs, missed = found.end_secs, found.missed
        else:
            image_bytes = _count_bytes(info, options.size)
            end_secs = yield from sample_exactly(video, path, ask, options.size, image_bytes, threads)
            missed = 0
    if stats is not None:
        stats.missed = missed
    check_end(info, end_secs, declared_secs)


def _count_bytes(info: VideoInfo, size: int | None) -> int:
    width, height = scale_down(info.width, info.height, size)
    return width * height * 3
