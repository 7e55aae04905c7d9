"""Any picture to one that every decoder reads alike: a JPEG as it is, or an upright RGB JPEG or PNG.

A JPEG that is complete, upright and RGB or grey keeps its bytes. Everything else (PNG, WebP, BMP, GIF, TIFF,
CMYK, 16 bits, EXIF orientation) is decoded and encoded once, here, so that training and prediction cannot
differ.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
import simplejpeg
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)

from graphcore.sources.colour import to_rgb
from graphcore.sources.errors import PictureError
from graphcore.sources.jpeg import JpegHeader, check_complete, decode_scaled, read_header
from graphcore.sources.pattern import split_ending
from graphcore.sources.sniff import name_content

# Pillow's own limit is one for the whole process, and it only warns up to twice its value. `max_pixels`
# takes its place: it is checked before anything is decoded.
Image.MAX_IMAGE_PIXELS = None

_PLUGINS = (
    JpegImagePlugin.JpegImageFile,
    PngImagePlugin.PngImageFile,
    WebPImagePlugin.WebPImageFile,
    BmpImagePlugin.BmpImageFile,
    GifImagePlugin.GifImageFile,
    TiffImagePlugin.TiffImageFile,
)
FORMATS = tuple(str(plugin.format) for plugin in _PLUGINS)
"""What is opened at all. Pillow knows 40 more, some of which run other programs (EPS starts Ghostscript)."""

SUFFIXES = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".dib": "BMP",
    ".gif": "GIF",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
"""File name endings of pictures, and what they promise."""

_JPEG_START = b"\xff\xd8\xff"
_LARGEST_JPEG_SIDE = 65_535


@dataclass(frozen=True)
class PictureOptions:
    """How pictures are normalised.

    Attributes:
        size: shorter side in pixels; larger pictures are scaled down to it, smaller ones stay. None keeps
            all.
        format: "jpeg" or "png", for what must be encoded anew.
        quality: of such JPEGs, 1 to 100.
        max_pixels: larger pictures are refused before they are decoded.
        take_wrongly_named: whether a PNG named .jpg is a picture like any other, or is refused.
    """

    size: int | None = None
    format: str = "jpeg"
    quality: int = 95
    max_pixels: int = 100_000_000
    take_wrongly_named: bool = True


@dataclass(frozen=True)
class Picture:
    """An encoded picture that every decoder reads alike.

    Attributes:
        encoded: its bytes.
        format: "jpeg" or "png".
        height: pixels.
        width: pixels.
        is_unchanged: whether `encoded` is the input, byte for byte.
    """

    encoded: bytes
    format: str
    height: int
    width: int
    is_unchanged: bool


def normalise(data: bytes, options: PictureOptions = PictureOptions(), name: str = "") -> Picture:
    """Normalises one picture; safe to call from many threads, most of it runs without Python's lock.

    Args:
        data: the file's bytes.
        options: what to make of it.
        name: the file's name, only to compare what it promises with what is inside.

    Raises:
        PictureError: empty, no picture, truncated, damaged or too large; the message is the reason.
    """
    if not data:
        raise PictureError("empty file")
    if data.startswith(_JPEG_START):
        _check_name(name, "JPEG", options)
        header = read_header(data)
        check_size(header.width, header.height, options.max_pixels)
        if header.is_plain and _is_larger(header.width, header.height, options.size):
            return _encode_anew(data, header, name, options)  # which decodes all of it, and tells as much
        check_complete(data, header)
        if header.is_plain:
            return Picture(data, "jpeg", header.height, header.width, is_unchanged=True)
        return _encode_anew(data, header, name, options)
    return _encode_anew(data, None, name, options)


def encode_rgb(image: np.ndarray, file_format: str, quality: int) -> bytes:
    """Encodes image: uint8 [height, width, 3] in [0, 255] as "jpeg" or "png"; the same bytes every time.

    Raises:
        PictureError: a side is longer than JPEG can hold.
    """
    if file_format == "png":
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "PNG")
        return buffer.getvalue()
    if max(image.shape[:2]) > _LARGEST_JPEG_SIDE:
        raise PictureError(f"longer than the {_LARGEST_JPEG_SIDE} pixels a JPEG holds; dataset.format=png holds it")
    return simplejpeg.encode_jpeg(np.ascontiguousarray(image), quality, "RGB", "420")


def scale_down(width: int, height: int, size: int | None) -> tuple[int, int]:
    """Width and height with the shorter side `size` pixels long; unchanged when that would enlarge."""
    if not _is_larger(width, height, size):
        return width, height
    factor = (size or 0) / min(width, height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def check_size(width: int, height: int, max_pixels: int) -> None:
    """Refuses a picture by its header.

    Raises:
        PictureError: it has no pixels, or more than `max_pixels`.
    """
    if width < 1 or height < 1:
        raise PictureError(f"damaged: it says that it is {width}x{height} pixels")
    if width * height > max_pixels:
        size = f"{width}x{height} is {width * height} pixels"
        raise PictureError(f"too large: {size}, dataset.max_pixels={max_pixels} allows fewer")


def _is_larger(width: int, height: int, size: int | None) -> bool:
    return size is not None and min(width, height) > size


def _encode_anew(data: bytes, header: JpegHeader | None, name: str, options: PictureOptions) -> Picture:
    try:
        image = _decode(data, header, name, options)
        width, height = scale_down(image.width, image.height, options.size)
        if (width, height) != image.size:
            image = image.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
        encoded = encode_rgb(np.asarray(image), options.format, options.quality)
    except PictureError:
        raise
    except MemoryError:
        raise PictureError("too large for this machine's memory; lower dataset.max_pixels") from None
    except Exception as error:  # damaged files make decoders raise nearly anything, from SyntaxError to zlib.error
        kind = "truncated" if "truncated" in str(error).lower() else "damaged"
        raise PictureError(f"{kind}: {error or type(error).__name__}") from None
    return Picture(encoded, options.format, height, width, is_unchanged=False)


def _decode(data: bytes, header: JpegHeader | None, name: str, options: PictureOptions) -> Image.Image:
    """The first frame, upright, in RGB."""
    if header is not None and header.is_plain:
        pixels = decode_scaled(data, header, scale_down(header.width, header.height, options.size))
        if pixels is not None:
            return Image.fromarray(pixels)
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.UnidentifiedImageError:
        raise PictureError(name_content(data)) from None
    with image:
        if header is None:
            _check_name(name, image.format or "", options)
            check_size(image.width, image.height, options.max_pixels)
        elif options.size is not None:
            image.draft(None, scale_down(image.width, image.height, options.size))  # libjpeg scales while decoding
        image.load()
        return to_rgb(ImageOps.exif_transpose(image))


def _check_name(name: str, found: str, options: PictureOptions) -> None:
    promised = SUFFIXES.get(split_ending(name)[1].lower())
    found = "JPEG" if found == "MPO" else found
    if promised is not None and promised != found and not options.take_wrongly_named:
        raise PictureError(f"wrongly named: it is a {found}")
