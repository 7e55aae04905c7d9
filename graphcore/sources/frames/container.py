"""A video file, opened: its container, its stream of pictures, and the clock both are told by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError
from av.stream import Discard

from graphcore import storage
from graphcore.sources.errors import VideoError

# Only files, and only containers of pictures that move: a playlist could name other files or hosts.
_OPEN_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg",
}
_FIELD_FORMATS = frozenset({"mpegts", "mpeg", "mpegvideo"})
_SLOTTED_FORMATS = frozenset({"avi"})
_INDEXED_FORMATS = frozenset({"mov", "mp4", "matroska", "webm"})


@dataclass(frozen=True)
class Video:
    """An opened video.

    Attributes:
        container: of PyAV.
        stream: the pictures in it.
        start_secs: where its clock begins; a transport stream's rarely begins at 0.
        frame_secs: usual distance of two frames; 0 when unknown.
    """

    container: Any
    stream: Any
    start_secs: float
    frame_secs: float

    @property
    def formats(self) -> frozenset[str]:
        """The names FFmpeg has for the container's format."""
        return frozenset(self.container.format.name.split(","))

    @property
    def is_indexed(self) -> bool:
        """Whether the container knows where its keyframes are, so that seeking finds the right one."""
        return bool(_INDEXED_FORMATS & self.formats)

    @property
    def has_field_packets(self) -> bool:
        """Whether a packet may hold half a frame: its odd or its even lines."""
        return bool(_FIELD_FORMATS & self.formats)

    @property
    def has_times(self) -> bool:
        """Whether packets say when they are shown. AVI only counts them; what FFmpeg makes of that is right where
        frames are shown in the order they are stored."""
        return not (_SLOTTED_FORMATS & self.formats and self.stream.codec_context.has_b_frames)

    @cached_property
    def _tick(self) -> tuple[int, int]:
        # A quotient of integers is rounded as a Fraction's is, and asks for none: reading 9 000 packets takes 0.040 s
        # so, and took 0.067 s with Fractions.
        time_base = self.stream.time_base
        return time_base.numerator, time_base.denominator

    def tell_secs(self, ticks: int) -> float:
        """Seconds, from a span in the stream's own unit."""
        numerator, denominator = self._tick
        return ticks * numerator / denominator

    def tell_time(self, ticks: int) -> float:
        """Seconds since the video's beginning, from a time in the stream's own unit."""
        return round(self.tell_secs(ticks) - self.start_secs, 6)

    def tell_ticks(self, time_secs: float) -> int:
        """The last tick of the stream's clock at or before a time."""
        return int((time_secs + self.start_secs) // float(self.stream.time_base))


@contextmanager
def open_video(path: Path) -> Iterator[Video]:
    """Opens a video file; a path of universal_pathlib may lie in an object store.

    Raises:
        VideoError: it cannot be opened, or holds no pictures.
    """
    file = _open_remote(path)
    try:
        with _open_container(path, file) as container:
            yield _find_pictures(container)
    finally:
        if file is not None:
            file.close()


def explain(error: Exception) -> str:
    """FFmpeg's reason without the file's name."""
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _open_remote(path: Any) -> Any:
    if not storage.is_remote(path):
        return None
    try:
        return storage.open_media(path)
    except OSError as error:
        raise VideoError(f"cannot be read: {explain(error)}") from None


def _open_container(path: Path, file: Any) -> Any:
    try:
        # An absolute path cannot be taken for a protocol or an option.
        return av.open(file or str(path.absolute()), options=dict(_OPEN_OPTIONS))
    except (PermissionError, FileNotFoundError) as error:
        raise VideoError(f"cannot be read: {error.strerror}") from None
    except (FFmpegError, OSError, ValueError) as error:
        raise VideoError(f"unreadable: {explain(error)}") from None


def _find_pictures(container: Any) -> Video:
    stream = container.streams.best("video")
    if stream is None or stream.codec_context is None or not stream.codec_context.width:
        raise VideoError("unreadable: it holds no pictures")
    for other in container.streams:
        if other is not stream:
            other.discard = Discard.all  # the sound is not even read where the container allows it
    rate = stream.average_rate or stream.guessed_rate
    start_secs = (container.start_time or 0) / av.time_base
    return Video(container, stream, start_secs, float(1 / rate) if rate else 0.0)
