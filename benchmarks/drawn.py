"""Pictures for the benchmarks: drawn, so that they run anywhere, and like an album's in size and detail."""

from __future__ import annotations

import functools
import io
from pathlib import Path

import numpy as np
from PIL import Image

WIDTH, HEIGHT = 400, 534
DISTINCT = 64
"""As many are drawn; an album of more holds copies that differ in a comment, so that no two files are alike."""


@functools.cache
def draw_photo(seed: int) -> bytes:
    """A JPEG of 400x534 pixels and about 30 KiB: smooth shapes and some noise."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(0, 256, (12, 16, 3), np.uint8)).resize((WIDTH, HEIGHT), 3)
    noisy = np.clip(np.asarray(coarse) + random.normal(0, 6, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(noisy).save(file, "JPEG", quality=85)
    return file.getvalue()


def make_photo(number: int) -> bytes:
    """Photo `number` of an album: one of the drawn ones with its number in a comment (ITU-T T.81, B.2.4.5)."""
    drawn = draw_photo(number % DISTINCT)
    return drawn[:2] + b"\xff\xfe\x00\x06" + number.to_bytes(4, "big") + drawn[2:]


def write_album(folder: Path, count: int, classes: int = 10) -> Path:
    """Writes class folders of photos and returns `folder`."""
    for number in range(count):
        path = folder / f"class_{number % classes}" / f"{number:06d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(make_photo(number))
    return folder
