"""Inputs that the tests of the sources make themselves."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def make_picture() -> Callable[..., bytes]:
    """Returns a function that encodes a smooth colour picture with Pillow, in any format and mode."""

    def make(
        file_format: str = "JPEG",
        width: int = 48,
        height: int = 32,
        mode: str = "RGB",
        seed: int = 0,
        **save: Any,
    ) -> bytes:
        ramp = np.linspace(0, 255, width)[None, :] * np.ones((height, 1))
        noise = np.random.default_rng(seed).integers(0, 40, (height, width, 3))
        pixels = np.clip(np.stack([ramp, 255 - ramp, 0 * ramp + 60], -1) + noise, 0, 255).astype(np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(pixels).convert(mode).save(buffer, file_format, **save)
        return buffer.getvalue()

    return make


@pytest.fixture
def make_video() -> Callable[..., Path]:
    """Returns a function that writes an H.264 video whose every frame's grey is its number times 4."""

    def make(
        path: Path,
        secs: float = 4,
        fps: int = 5,
        width: int = 64,
        height: int = 48,
        rotation: int = 0,
        **options: str,
    ) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w", options=options) as container:
            stream: Any = container.add_stream("libx264", rate=fps)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            stream.codec_context.thread_count = 1
            if rotation:
                stream.set_display_rotation(rotation)
            for number in range(round(secs * fps)):
                image = np.full((height, width, 3), min(255, number * 4), np.uint8)
                image[: height // 2, : width // 2] = (255, 0, 0)  # the upper left corner is red
                container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
            container.mux(stream.encode())
        return path

    return make
