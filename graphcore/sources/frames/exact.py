"""The frame that is shown at each asked time, decoding only what that takes."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from pathlib import Path

from graphcore.sources.frames.asked import AskedTimes
from graphcore.sources.frames.container import Video, open_video
from graphcore.sources.frames.packets import PacketReader, UnplannedError
from graphcore.sources.frames.picture import SampledFrame
from graphcore.sources.frames.plain import decode_plainly
from graphcore.sources.frames.pool import DecoderPool
from graphcore.sources.frames.runs import Part, RunPlanner
from graphcore.sources.frames.shown import ShownMarker

_PART_PIXEL_BYTES = 32 << 20
"""RGB that waits to be taken at most, for each part of a run."""


def sample_exactly(
    video: Video, path: Path, ask: Callable[[], AskedTimes], size: int | None, image_bytes: int, threads: int
) -> Generator[SampledFrame, None, float]:
    """Gives the last frame that begins at or before each asked time; the first for times before it.

    Each frame is given once, also where several times fall on it.

    Args:
        video: opened, nothing read yet.
        path: where it is, to open it again.
        ask: gives the asked times, none of them passed.
        size: shorter side of the images; None keeps the video's.
        image_bytes: of one image.
        threads: decoders side by side; 0 chooses.

    Returns:
        When the pictures end, in seconds.

    Raises:
        VideoError: it is damaged.
    """
    last_secs = None
    try:
        if not video.has_times:
            raise UnplannedError("frames are shown in an order that the container does not know")
        with DecoderPool(path, size, threads) as pool:
            reader = PacketReader(video)
            parts = _plan(video, reader, ask(), max(1, _PART_PIXEL_BYTES // image_bytes))
            for future in pool.start(parts):
                for frame in future.result():
                    last_secs = frame.time_secs
                    yield frame
        if not reader.has_begun:
            raise UnplannedError("no keyframe")
        return reader.end_secs
    except UnplannedError:
        # What was given so far is right; the rest is found the way that trusts only the decoder.
        with open_video(path) as fresh:
            return (yield from decode_plainly(fresh, ask(), size, threads, last_secs))


def _plan(video: Video, reader: PacketReader, asked: AskedTimes, most_wanted: int) -> Iterator[Part]:
    marker = ShownMarker(asked)
    runs = RunPlanner(most_wanted, trailing=1 if video.has_field_packets else 0)
    for packet in reader:
        for marked in marker.mark(packet):
            yield from runs.add(marked)
        if not marker.is_waiting and reader.skip_to(asked.next_secs, packet):
            marker.forget()
            yield from runs.finish()
    for marked in marker.finish():
        yield from runs.add(marked)
    yield from runs.finish()
