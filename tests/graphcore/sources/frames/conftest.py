"""Videos whose every frame carries its number, and what somebody who decodes all of them sees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from graphcore.sources.frames.container import open_video
from graphcore.sources.frames.packets import PacketReader, TimedPacket
from graphcore.sources.frames.runs import Part

BLOCK = 16
BITS = 10
WIDTH, HEIGHT = BLOCK * BITS, 48


def draw_number(number: int) -> np.ndarray:
    """uint8 [48, 160, 3]: a row of black and white blocks, the lowest bit first, above what moves."""
    image = np.full((HEIGHT, WIDTH, 3), 96, np.uint8)
    for bit in range(BITS):
        image[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 235 if number >> bit & 1 else 20
    left = number * 7 % (WIDTH - 20)
    image[BLOCK + 4 : -4, left : left + 20] = (200, 60, number * 37 % 256)
    return image


def read_number(image: np.ndarray) -> int:
    """The number in an image of any size, or turned upside down by nobody."""
    block = image.shape[1] / BITS
    row = int(block / 2)
    brightness = [image[row, int((bit + 0.5) * block)].mean() for bit in range(BITS)]
    assert all(abs(value - 128) > 40 for value in brightness), brightness
    return sum(1 << bit for bit, value in enumerate(brightness) if value > 128)


@pytest.fixture
def numbered() -> Callable[..., Path]:
    """Returns a function that writes a video of numbered frames."""
    return write_numbered


def write_numbered(
    path: Path,
    count: int = 50,
    fps: int = 25,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    ticks: Sequence[int] | None = None,
    time_base: Fraction | None = None,
    draw: Callable[[int], np.ndarray] = draw_number,
    muxer: dict[str, str] | None = None,
    **options: str,
) -> Path:
    """Encodes `count` numbered frames; `ticks` are their times in `time_base`, else they are regular."""
    given = {"preset": "ultrafast", "crf": "16", **options} if codec == "libx264" else options
    with av.open(str(path), "w", options=muxer or {}) as container:
        stream: Any = container.add_stream(codec, rate=fps, options=given)
        height, width = draw(0).shape[:2]
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        stream.codec_context.thread_count = 1
        stream.codec_context.time_base = time_base or Fraction(1, fps)
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(draw(number), format="rgb24")
            frame.pts = number if ticks is None else ticks[number]
            frame.time_base = time_base or Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def decode_all(path: Path) -> list[tuple[float, np.ndarray]]:
    """Every frame with its time since the beginning, as uint8 [height, width, 3], by one plain pass."""
    with av.open(str(path)) as container:
        start = (container.start_time or 0) / av.time_base
        return [
            (round(frame.time - start, 6), frame.to_ndarray(format="rgb24", interpolation="BILINEAR"))
            for frame in container.decode(video=0)
        ]


def pick_shown(times: Sequence[float], end_secs: float, every_secs: float, offset_secs: float = 0.0) -> list[int]:
    """Indices of the frames that are shown at the multiples of `every_secs`, each once, the slow way."""
    picked: list[int] = []
    for step in range(int((end_secs + offset_secs) / every_secs) + 2):
        asked = step * every_secs - offset_secs + 1e-6
        if not 0 <= asked < end_secs:
            continue
        shown = max([index for index, time in enumerate(times) if time <= asked], default=0)
        if shown not in picked:
            picked.append(shown)
    return picked


@pytest.fixture(name="read_number")
def give_read_number() -> Callable[[np.ndarray], int]:
    """Returns the function that reads a frame's number."""
    return read_number


@pytest.fixture(name="decode_all")
def give_decode_all() -> Callable[[Path], list[tuple[float, np.ndarray]]]:
    """Returns the function that decodes every frame."""
    return decode_all


@pytest.fixture(name="pick_shown")
def give_pick_shown() -> Callable[..., list[int]]:
    """Returns the function that looks for the shown frames the slow way."""
    return pick_shown


@pytest.fixture
def two_runs(tmp_path: Path) -> Path:
    """Twice 20 frames after a keyframe: three of four are B-frames, and two of these three referred to by none."""
    x264 = {"x264-params": "b-adapt=0:scenecut=0:b-pyramid=normal"}
    return write_numbered(tmp_path / "a.mp4", 40, g="20", bf="3", preset="medium", **x264)


@pytest.fixture
def read_runs() -> Callable[[Path], list[list[TimedPacket]]]:
    """Returns a function that reads a video's packets, a list for each keyframe."""

    def read(path: Path) -> list[list[TimedPacket]]:
        with open_video(path) as opened:
            packets = list(PacketReader(opened))
        starts = [index for index, packet in enumerate(packets) if packet.is_keyframe]
        return [packets[start:end] for start, end in zip(starts, [*starts[1:], None], strict=True)]

    return read


@pytest.fixture
def make_part() -> Callable[..., Part]:
    """Returns a function that asks for frames by their numbers in the order they are shown."""

    def make(packets: Sequence[TimedPacket], numbers: Sequence[int], **options: bool) -> Part:
        ordered = sorted(packet.pts for packet in packets)
        return Part(tuple(packets), frozenset(ordered[number] for number in numbers), **options)

    return make
