"""The keyframe nearest to each asked time: the one frame of a video that can be decoded alone.

Its own time labels it, so it is as true a sample as any other, and many times cheaper to have.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from graphcore.sources.errors import VideoError
from graphcore.sources.frames.asked import AskedTimes
from graphcore.sources.frames.container import Video
from graphcore.sources.frames.nearest import Keyframe, NearestKeyframes
from graphcore.sources.frames.packets import PacketReader, UnplannedError
from graphcore.sources.frames.picture import SampledFrame
from graphcore.sources.frames.plain import is_damaged
from graphcore.sources.frames.pool import DecoderPool
from graphcore.sources.frames.runs import Part


@dataclass(frozen=True)
class KeyframesFound:
    """What is known once all are given.

    Attributes:
        end_secs: when the pictures end.
        missed: asked times without a keyframe near enough.
    """

    end_secs: float
    missed: int


def sample_keyframes(
    video: Video, path: Path, asked: AskedTimes, tolerance_secs: float, size: int | None, threads: int
) -> Generator[SampledFrame, None, KeyframesFound]:
    """Gives the keyframe nearest to each asked time, once, where one is near enough; decodes no other.

    Args:
        video: opened, nothing read yet.
        path: where it is, to open it again.
        asked: passed along.
        tolerance_secs: how far off a keyframe may be.
        size: shorter side of the images; None keeps the video's.
        threads: decoders side by side; 0 chooses.

    Raises:
        VideoError: it is damaged, or has no keyframe near any asked time.
    """
    reader = PacketReader(video)
    nearest = NearestKeyframes(asked, tolerance_secs)
    given = bad = 0
    with DecoderPool(path, size, threads) as pool:
        for future in pool.start(_plan(video, reader, nearest, asked)):
            try:
                frames = future.result()
            except UnplannedError as error:
                bad += 1
                if is_damaged(bad, given + bad):
                    reason = f"{bad} of {given + bad} keyframes cannot be decoded ({error})"
                    raise VideoError(f"damaged: {reason}") from None
                continue
            given += len(frames)
            yield from frames
    if not given and (nearest.missed or bad or not reader.has_begun):
        raise VideoError(
            f"no usable keyframe lies within {tolerance_secs:g} s of an asked time; dataset.sampling=exact takes "
            "any frame"
        )
    return KeyframesFound(reader.end_secs, nearest.missed + bad)


def _plan(video: Video, reader: PacketReader, nearest: NearestKeyframes, asked: AskedTimes) -> Iterator[Part]:
    try:
        for packet in reader:
            if packet.is_keyframe and packet.is_shown:
                yield from map(_make_part, nearest.add(Keyframe(packet.time_secs, [packet])))
            elif video.has_field_packets and nearest.last is not None and len(nearest.last.packets) == 1:
                nearest.last.packets.append(packet)  # perhaps its other half
            if packet.dts is not None:
                nearest.settle(video.tell_time(packet.dts))
            reader.skip_to(asked.next_secs, packet)
    except UnplannedError as error:
        raise VideoError(f"damaged: {error}") from None
    yield from map(_make_part, nearest.finish(reader.end_secs))


def _make_part(keyframe: Keyframe) -> Part:
    return Part(tuple(keyframe.packets), frozenset({keyframe.packets[0].pts}))
