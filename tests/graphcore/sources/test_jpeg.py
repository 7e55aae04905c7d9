from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from graphcore.sources.errors import PictureError
from graphcore.sources.jpeg import check_complete, decode_scaled, read_header


def save(mode: str, **options) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (40, 24)).save(buffer, "JPEG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("RGB", 3), ("CMYK", 4)])
def test_header_says_size_and_channels(mode, channels):
    header = read_header(save(mode))
    assert (header.width, header.height, header.channels, header.bits, header.orientation) == (
        40,
        24,
        channels,
        8,
        1,
    )


@pytest.mark.parametrize(("options", "coding"), [({}, 0xC0), ({"progressive": True}, 0xC2)])
def test_header_says_how_it_is_coded(options, coding):
    header = read_header(save("RGB", **options))
    assert header.coding == coding
    assert header.is_plain


@pytest.mark.parametrize("orientation", range(2, 9))
def test_turned_pictures_are_not_plain(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    header = read_header(save("RGB", exif=exif))
    assert header.orientation == orientation
    assert not header.is_plain


@pytest.mark.parametrize("block", [b"Exif\0\0", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0" + b"\xff" * 30])
def test_nonsense_in_the_exif_block_is_upright(block):
    segment = b"\xff\xe1" + (len(block) + 2).to_bytes(2, "big") + block
    data = save("RGB")
    assert read_header(data[:2] + segment + data[2:]).orientation == 1


def test_fill_bytes_between_markers_are_passed_over():
    data = save("RGB")
    assert read_header(data[:2] + b"\xff\xff\xff" + data[2:]).width == 40


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00\x00",
        b"\xff\xd8\xff\xd9\x00\x00",
        b"\xff\xd8\xff\xda\x00\x04\x00\x00",
    ],
)
def test_missing_frame_header_is_an_error(data):
    with pytest.raises(PictureError, match="without a frame header"):
        read_header(data)


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_complete_pictures_pass_and_cut_ones_do_not(mode):
    data = save(mode)
    header = read_header(data)
    check_complete(data, header)
    with pytest.raises(PictureError, match="truncated"):
        check_complete(data[:-5], header)


def test_litter_just_before_the_end_passes():
    data = save("RGB")
    check_complete(data[:-2] + b"abcdef" + data[-2:], read_header(data))


def draw(mode: str, **options) -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (7, 9, 3), np.uint8)
    Image.fromarray(noise).resize((203, 117)).convert(mode).save(buffer, "JPEG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize(
    ("size", "drafted"),
    [
        ((203, 117), (203, 117)),
        ((102, 60), (203, 117)),
        ((100, 58), (102, 59)),
        ((50, 29), (51, 30)),
        ((3, 2), (26, 15)),
    ],
)
def test_scaled_pixels_are_those_of_pillow(mode, size, drafted):
    data = draw(mode)
    with Image.open(io.BytesIO(data)) as image:
        image.draft(None, size)
        expected = np.asarray(image.convert("RGB"))
    pixels = decode_scaled(data, read_header(data), size)
    assert pixels is not None
    assert (pixels.shape[1], pixels.shape[0]) == drafted
    np.testing.assert_array_equal(pixels, expected)


def test_scaling_tells_of_damage_but_not_of_litter():
    data = draw("RGB")
    with pytest.raises(PictureError, match="truncated: the JPEG ends before its picture does"):
        decode_scaled(data[: len(data) // 2], read_header(data), (50, 29))
    assert decode_scaled(data[:-2] + b"litter" + data[-2:], read_header(data), (50, 29)) is None
