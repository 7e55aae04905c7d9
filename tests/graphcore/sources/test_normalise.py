from __future__ import annotations

import contextlib
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from graphcore.sources.errors import PictureError
from graphcore.sources.normalise import PictureOptions, encode_rgb, normalise, scale_down

ORIENTATION = 0x0112


def decode(encoded: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(encoded)) as image:
        assert image.mode == "RGB"
        return np.asarray(image).astype(int)


def save(image: Image.Image, file_format: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 20}])
def test_plain_jpeg_keeps_its_bytes(make_picture, options):
    data = make_picture("JPEG", width=50, height=31, **options)
    picture = normalise(data)
    assert (picture.encoded, picture.format, picture.height, picture.width) == (data, "jpeg", 31, 50)
    assert picture.is_unchanged


def test_grey_jpeg_keeps_its_bytes(make_picture):
    data = make_picture("JPEG", mode="L")
    assert normalise(data).encoded == data


def test_smaller_jpeg_is_never_enlarged(make_picture):
    data = make_picture("JPEG", width=48, height=32)
    assert normalise(data, PictureOptions(size=32)).encoded == data


def test_larger_jpeg_is_scaled_down_to_the_shorter_side(make_picture):
    picture = normalise(make_picture("JPEG", width=300, height=150), PictureOptions(size=64))
    assert (picture.width, picture.height) == (128, 64)
    assert not picture.is_unchanged
    assert decode(picture.encoded).shape == (64, 128, 3)


@pytest.mark.parametrize("file_format", ["PNG", "BMP", "TIFF", "GIF", "WEBP"])
@pytest.mark.parametrize("wanted", ["jpeg", "png"])
def test_other_formats_become_rgb(make_picture, file_format, wanted):
    save_options = {"lossless": True} if file_format == "WEBP" else {}
    data = make_picture(file_format, **save_options)
    picture = normalise(data, PictureOptions(format=wanted))
    with Image.open(io.BytesIO(data)) as image:
        expected = np.asarray(image.convert("RGB")).astype(int)
    assert picture.format == wanted
    assert not picture.is_unchanged
    assert np.abs(decode(picture.encoded) - expected).mean() < (8 if wanted == "jpeg" else 0.01)


def test_first_frame_of_an_animated_gif_is_taken():
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    data = save(frames[0], "GIF", save_all=True, append_images=frames[1:])
    pixels = decode(normalise(data, PictureOptions(format="png")).encoded)
    assert pixels.reshape(-1, 3).mean(0).tolist() == [255, 0, 0]


def test_palette_with_transparency_lies_over_white():
    image = Image.new("RGBA", (8, 8), (0, 0, 255, 0))
    image.paste((255, 0, 0, 255), (0, 0, 4, 8))
    data = save(image.quantize(4), "PNG")
    with Image.open(io.BytesIO(data)) as reread:
        assert reread.mode == "P"
        assert "transparency" in reread.info
    pixels = decode(normalise(data, PictureOptions(format="png")).encoded)
    assert pixels[0, 0].tolist() == [255, 0, 0]
    assert pixels[0, 7].tolist() == [255, 255, 255]


def test_half_transparent_pixels_are_mixed_with_white():
    data = save(Image.new("RGBA", (4, 4), (0, 0, 0, 128)), "PNG")
    assert abs(decode(normalise(data, PictureOptions(format="png")).encoded) - 127).max() <= 1


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_not_clipped(file_format):
    values = np.array([[0, 257, 32_768, 65_535]], np.uint16).repeat(4, 0)
    picture = normalise(save(Image.fromarray(values), file_format), PictureOptions(format="png"))
    assert decode(picture.encoded)[0, :, 0].tolist() == [0, 1, 128, 255]  # round(value / 257)


def test_fractional_tiff_from_0_to_1_is_scaled():
    values = np.array([[0.0, 0.5, 1.0]], np.float32).repeat(2, 0)
    picture = normalise(save(Image.fromarray(values), "TIFF"), PictureOptions(format="png"))
    assert decode(picture.encoded)[0, :, 1].tolist() == [0, 128, 255]


@pytest.mark.parametrize("values", [np.array([[0.0, 900.0]], np.float32), np.array([[np.nan, 0]], np.float32)])
def test_fractions_without_a_white_are_refused(values):
    with pytest.raises(PictureError, match="no agreed white"):
        normalise(save(Image.fromarray(values), "TIFF"))


def test_cmyk_jpeg_becomes_rgb():
    data = save(Image.new("CMYK", (32, 32), (0, 255, 255, 0)), "JPEG", quality=95)  # magenta and yellow: red
    picture = normalise(data)
    assert not picture.is_unchanged
    assert np.abs(decode(picture.encoded).reshape(-1, 3).mean(0) - [255, 0, 0]).max() < 6


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied(file_format):
    image = Image.new("RGB", (32, 16), "white")
    image.paste((0, 0, 0), (0, 0, 16, 16))  # the left half is black
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # shown turned by 90 degrees clockwise: black comes to the top
    picture = normalise(save(image, file_format, exif=exif), PictureOptions(format="png"))
    pixels = decode(picture.encoded)
    assert (picture.height, picture.width) == (32, 16)
    assert pixels[:14].max() < 60
    assert pixels[-14:].min() > 195


def test_upright_exif_orientation_keeps_the_bytes():
    exif = Image.Exif()
    exif[ORIENTATION] = 1
    data = save(Image.new("RGB", (32, 16)), "JPEG", exif=exif)
    assert normalise(data).encoded == data


def test_empty_is_refused():
    with pytest.raises(PictureError, match=r"^empty file$"):
        normalise(b"")


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "BMP", "TIFF", "GIF", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_truncated_is_refused(make_picture, file_format, share):
    data = make_picture(file_format, width=200, height=200)
    with pytest.raises(PictureError, match=r"truncated|damaged"):
        normalise(data[: max(8, int(len(data) * share))])


def test_jpeg_without_its_last_bytes_is_named_truncated(make_picture):
    with pytest.raises(PictureError, match="truncated: the JPEG ends before its picture does"):
        normalise(make_picture("JPEG")[:-2])


@pytest.mark.parametrize("litter", [b"\x00" * 100, b"MotionPhoto" * 9])
def test_litter_after_a_jpeg_is_kept(make_picture, litter):
    data = make_picture("JPEG") + litter
    assert normalise(data).encoded == data


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "GIF", "BMP", "WEBP"])
def test_too_many_pixels_are_refused_by_the_header(make_picture, file_format):
    data = make_picture(file_format, width=48, height=32)
    with pytest.raises(PictureError, match=r"too large: 48x32 is 1536 pixels, dataset.max_pixels=1535"):
        normalise(data, PictureOptions(max_pixels=1535))
    assert normalise(data, PictureOptions(max_pixels=1536)).width == 48


def test_bomb_is_refused_without_being_decoded():
    # A header of 50 000 x 50 000 pixels, 7.5 GB when decoded, over data that inflates without end.
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(2**24))), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )
    assert len(data) < 2**20
    with pytest.raises(PictureError, match="too large: 50000x50000"):
        normalise(data)


def test_jpeg_that_claims_to_be_huge_is_refused(make_picture):
    data = bytearray(make_picture("JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    with pytest.raises(PictureError, match="too large: 65535x65535"):
        normalise(bytes(data))


@pytest.mark.parametrize("size", [(65_536, 2), (2, 65_536)])
def test_picture_too_long_for_a_jpeg_says_what_to_do(size):
    data = save(Image.new("RGB", size), "PNG")
    with pytest.raises(PictureError, match=r"dataset.format=png"):
        normalise(data)
    assert normalise(data, PictureOptions(format="png")).width == size[0]


def test_wrongly_named_picture_is_taken_unless_told_otherwise(make_picture):
    data = make_picture("PNG")
    assert normalise(data, name="a.jpg").format == "jpeg"
    strict = PictureOptions(take_wrongly_named=False)
    with pytest.raises(PictureError, match="wrongly named: it is a PNG"):
        normalise(data, strict, "cat/a.jpg")
    with pytest.raises(PictureError, match="wrongly named: it is a JPEG"):
        normalise(make_picture("JPEG"), strict, "a.PNG")
    assert normalise(data, strict, "a.PNG")
    assert normalise(data, strict, "no-ending")


def test_random_bytes_never_escape_as_another_error(make_picture):
    generator = np.random.default_rng(0)
    for file_format in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"):
        data = make_picture(file_format)
        for _ in range(60):
            damaged = bytearray(data)
            for at in generator.integers(0, len(data), 4):
                damaged[at] = generator.integers(256)
            with contextlib.suppress(PictureError):
                assert normalise(bytes(damaged), PictureOptions(max_pixels=10**6)).encoded


@pytest.mark.parametrize(
    ("size", "expected"),
    [(None, (300, 200)), (200, (300, 200)), (500, (300, 200)), (100, (150, 100)), (8, (12, 8))],
)
def test_scale_down(size, expected):
    assert scale_down(300, 200, size) == expected


@pytest.mark.parametrize("file_format", ["jpeg", "png"])
def test_encoding_gives_the_same_bytes_every_time(file_format):
    image = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    assert encode_rgb(image, file_format, 90) == encode_rgb(image.copy(), file_format, 90)
