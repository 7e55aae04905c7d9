"""What a picture looks like in 300 bytes, so that copies are known again after re-encoding and scaling.

First step of an audit. Each picture is decoded in grey and small and brought to 16 rows of 17 cells; everything else
is computed from those. Two things are kept: a difference hash of 256 bits, by which candidates are found quickly, and
the cells themselves without their brightness, contrast and smooth shading, by which a candidate is confirmed cell by
cell. Mirrored, turned and cropped copies are not known again, nor those with a frame or a large caption.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import simplejpeg
from PIL import Image

from tfrecords.errors import RecordsError

ROWS, COLUMNS = 16, 17
CELLS = ROWS * COLUMNS
HASH_BITS = ROWS * (COLUMNS - 1)

FLAT_BELOW = 3.0
"""Grey levels of contrast. Below, a black frame or a blank wall is told from another by its noise alone."""

ALIKE_WITHIN = 0.5
"""How far one cell may be from its counterpart, as a part of the pictures' contrast.

Measured on photos of clothes, cooking videos and drawn scenes: of JPEGs of quality 10, of thirds and of pictures 64
pixels wide 99 in 100 stay within, of crops by 2 percent three quarters; the nearest of 1.9 million pairs of unrelated
pictures is 1.8 apart. A film's next frame is within it half of the time, one half a second later 1 time in 30.
"""

_DECODED_SIDE = 64
"""Pixels. With 32 the edges of libjpeg's scaled pixels and of the cells disagree: 3 times the differences."""

_LEAST_STEP = 2
"""Grey levels between neighbouring cells below which there is no step: what JPEG makes of an even area."""

_PER_UNIT = 16
"""Details are stored in sixteenths of the picture's contrast, -8 to 8."""


@dataclass(frozen=True)
class Looks:
    """What many pictures look like.

    Attributes:
        hashes: uint64 [pictures, 4], the bits of the difference hashes.
        details: int8 [pictures, 272], the cells in sixteenths of the picture's contrast.
        contrasts: float32 [pictures], in grey levels of 255, without smooth shading.
    """

    hashes: np.ndarray
    details: np.ndarray
    contrasts: np.ndarray

    def __len__(self) -> int:
        return len(self.hashes)

    def take(self, indices: np.ndarray) -> Looks:
        """Those of some pictures."""
        return Looks(self.hashes[indices], self.details[indices], self.contrasts[indices])

    @cached_property
    def is_flat(self) -> np.ndarray:
        """bool [pictures]: whether a picture is too even to be compared."""
        return self.contrasts < FLAT_BELOW

    @cached_property
    def few_details(self) -> np.ndarray:
        """int8 [pictures, 34]: every eighth cell, which tells most pictures apart before the others are looked at."""
        return np.ascontiguousarray(self.details[:, ::8])


def look_at(pictures: Sequence[bytes]) -> Looks:
    """Describes encoded pictures; safe to call from many threads, most of it runs without Python's lock.

    Raises:
        RecordsError: a picture cannot be decoded.
    """
    return describe(np.stack([make_thumbnail(encoded) for encoded in pictures]))


def make_thumbnail(encoded: bytes) -> np.ndarray:
    """The cells of one picture: uint8 [16, 17] in [0, 255].

    Raises:
        RecordsError: it cannot be decoded.
    """
    image = _decode_jpeg(encoded) if encoded.startswith(b"\xff\xd8\xff") else None
    grey, width, height = image or _decode_any(encoded)
    # Pillow's BOX gives a pixel wholly to one cell or the other; a triangle shares it.
    small = Image.fromarray(grey).resize((COLUMNS, ROWS), Image.Resampling.BILINEAR, box=(0, 0, width, height))
    return np.asarray(small)


def describe(thumbnails: np.ndarray) -> Looks:
    """What pictures look like.

    Args:
        thumbnails: uint8 [pictures, 16, 17] in [0, 255].
    """
    cells = thumbnails.reshape(-1, CELLS).astype(np.float32)
    cells -= (cells @ _SHADING) @ _SHADING.T
    contrasts = np.sqrt(np.mean(np.square(cells), axis=1))
    details = np.rint(_PER_UNIT * cells / np.maximum(contrasts, 1e-6)[:, None])
    return Looks(hash_thumbnails(thumbnails), np.clip(details, -127, 127).astype(np.int8), contrasts)


def hash_thumbnails(thumbnails: np.ndarray) -> np.ndarray:
    """Difference hashes: one bit for each cell that is clearly darker than its right neighbour.

    Source: N. Krawetz, "Kind of Like That" (2013), with 16 rows for 8 and a least step.

    Args:
        thumbnails: uint8 [pictures, 16, 17] in [0, 255].

    Returns:
        uint64 [pictures, 4]; each of the four holds every fourth column, so that each tells of the whole picture.
    """
    cells = thumbnails.astype(np.int16)
    bits = cells[:, :, 1:] - cells[:, :, :-1] > _LEAST_STEP
    spread = bits.reshape(-1, HASH_BITS // 4, 4).transpose(0, 2, 1)
    return np.packbits(np.ascontiguousarray(spread), axis=2).view(np.uint64).reshape(-1, 4)


def are_alike(first: Looks, second: Looks, pairs: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Whether pictures, pair by pair, are the same but for encoding, scale, brightness and contrast.

    Every cell counts: somebody who enters an empty room changes few of them, and makes another picture.

    Args:
        first: pictures.
        second: pictures that they are compared with.
        pairs: int64 [pairs] twice: which of `first` is compared with which of `second`.

    Returns:
        bool [pairs].
    """
    one, other = pairs
    alike = _are_near(first.few_details[one], second.few_details[other])
    rest = np.flatnonzero(alike)
    alike[rest] = _are_near(first.details[one[rest]], second.details[other[rest]])
    return alike


def _are_near(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    apart = np.abs(first.astype(np.int16) - second)
    return apart.max(axis=1, initial=0) <= ALIKE_WITHIN * _PER_UNIT


def _decode_jpeg(encoded: bytes) -> tuple[np.ndarray, float, float] | None:
    """The picture in grey and its width and height in those pixels; None where the fast decoder finds a fault."""
    try:
        height, width = (int(side) for side in simplejpeg.decode_jpeg_header(encoded)[:2])
        grey = simplejpeg.decode_jpeg(encoded, "GRAY", min_height=_DECODED_SIDE, min_width=_DECODED_SIDE)[..., 0]
    except ValueError:
        return None
    # libjpeg scales by eighths and rounds up: its last row and column may be partly beyond the picture.
    eighths = next((n for n in range(1, 9) if grey.shape == (-(-height * n // 8), -(-width * n // 8))), 8)
    return grey, min(width * eighths / 8, grey.shape[1]), min(height * eighths / 8, grey.shape[0])


def _decode_any(encoded: bytes) -> tuple[np.ndarray, float, float]:
    try:
        with Image.open(io.BytesIO(encoded), formats=("JPEG", "PNG")) as image:
            image.draft("L", (_DECODED_SIDE, _DECODED_SIDE))
            grey = np.asarray(image.convert("L"))
    except Exception as error:  # damaged files make decoders raise nearly anything
        raise RecordsError(f"its picture cannot be decoded: {error or type(error).__name__}") from None
    return grey, grey.shape[1], grey.shape[0]


def _find_shading() -> np.ndarray:
    """float32 [272, 6]: an orthonormal basis of the quadratic surfaces over the cells.

    Light that falls off towards the corners or a gradient on a wall is no sign that two pictures are one.
    """
    y, x = np.mgrid[-1 : 1 : ROWS * 1j, -1 : 1 : COLUMNS * 1j]
    surfaces = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    return np.linalg.qr(surfaces.reshape(CELLS, -1))[0].astype(np.float32)


_SHADING = _find_shading()
