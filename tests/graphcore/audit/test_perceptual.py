import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from graphcore.audit.perceptual import are_alike, describe, hash_thumbnails, look_at, make_thumbnail
from tests.graphcore.audit.pictures import draw, encode
from tfrecords.errors import RecordsError

BITS = 20
PICTURES = range(12)


def compare(first, second):
    """Bits between pictures, one by one, and whether their cells agree."""
    one, other = look_at(first), look_at(second)
    rows = np.arange(len(one))
    return np.bitwise_count(one.hashes ^ other.hashes).sum(axis=1), are_alike(one, other, (rows, rows))


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda image: encode(image, 95), id="quality 95"),
        pytest.param(lambda image: encode(image, 30), id="quality 30"),
        pytest.param(lambda image: encode(image, None), id="PNG"),
        pytest.param(lambda image: encode(image.convert("L"), 90), id="grey"),
        pytest.param(lambda image: encode(image.convert("LA"), None), id="grey PNG with alpha"),
        pytest.param(lambda image: encode(image.resize((400, 300)), 80), id="double"),
        pytest.param(lambda image: encode(image.resize((1600, 1200)), 80), id="eightfold"),
        pytest.param(lambda image: encode(image.resize((100, 75)), 80), id="half"),
        pytest.param(lambda image: encode(image.resize((67, 50)), 80), id="third"),
        pytest.param(lambda image: encode(image.resize((131, 97)), None), id="odd size"),
        pytest.param(lambda image: encode(image.resize((128, 128)), 80), id="squeezed"),
        pytest.param(lambda image: encode(ImageEnhance.Contrast(image).enhance(0.8)), id="less contrast"),
        pytest.param(lambda image: encode(ImageEnhance.Brightness(image).enhance(0.8)), id="darker"),
    ],
)
def test_a_picture_is_known_again(change):
    bits, alike = compare([encode(draw(seed)) for seed in PICTURES], [change(draw(seed)) for seed in PICTURES])
    assert bits.max() <= BITS
    assert alike.all()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(ImageOps.mirror, id="mirrored"),
        pytest.param(ImageOps.flip, id="upside down"),
        pytest.param(lambda image: image.crop((20, 15, 180, 135)), id="cropped"),
    ],
)
def test_mirrored_and_cropped_pictures_are_other_pictures(change):
    _, alike = compare([encode(draw(seed)) for seed in PICTURES], [encode(change(draw(seed))) for seed in PICTURES])
    assert not alike.any()


def test_somebody_in_the_room_makes_another_picture():
    def enter(image):
        ImageDraw.Draw(image).rectangle((90, 60, 112, 90), fill="white")  # 2 percent of it
        return image

    rooms = [draw(seed) for seed in PICTURES]
    bits, alike = compare([encode(room) for room in rooms], [encode(enter(room)) for room in rooms])
    assert bits.max() <= BITS
    assert not alike.any()


def test_unrelated_pictures_are_far_apart():
    looks = look_at([encode(draw(seed)) for seed in range(40)])
    one, other = np.triu_indices(40, 1)
    assert np.bitwise_count(looks.hashes[one] ^ looks.hashes[other]).sum(axis=1).min() > 2 * BITS
    assert not are_alike(looks, looks, (one, other)).any()


@pytest.mark.parametrize(
    ("pixels", "flat"),
    [
        pytest.param(np.zeros((150, 200)), True, id="black"),
        pytest.param(np.full((150, 200), 240), True, id="white"),
        pytest.param(np.random.default_rng(0).normal(6, 4, (150, 200)), True, id="dark with noise"),
        pytest.param(np.tile(np.linspace(60, 200, 200), (150, 1)), True, id="a wall lit from the side"),
        pytest.param(150 - 0.005 * np.square(np.mgrid[-75:75, -100:100]).sum(axis=0), True, id="a vignette"),
        pytest.param(np.asarray(draw(0).convert("L")), False, id="something"),
        pytest.param(np.asarray(draw(0).convert("L")) / 8, False, id="something in the dark"),
    ],
)
def test_a_picture_without_anything_in_it_is_flat(pixels, flat):
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    assert look_at([encode(image)]).is_flat.tolist() == [flat]


def test_thumbnail_is_the_mean_of_each_cell():
    cells = np.arange(272).reshape(16, 17).astype(np.uint8)
    large = Image.fromarray(np.kron(cells, np.ones((40, 40), np.uint8)))
    thumbnail = make_thumbnail(encode(large, None))
    assert thumbnail.shape == (16, 17)
    assert thumbnail.dtype == np.uint8
    # But for the triangle, which takes a little of the neighbours in.
    inner = np.s_[1:-1, 1:-1]
    assert np.abs(thumbnail[inner].astype(int) - cells[inner])[np.abs(cells[inner].astype(int) - 128) < 100].max() <= 1


def test_hash_has_a_bit_for_each_step_up_to_the_right():
    thumbnail = np.full((1, 16, 17), 100, np.uint8)
    assert hash_thumbnails(thumbnail).tolist() == [[0, 0, 0, 0]]
    thumbnail[0, 3, 5:] = 103  # one clear step, in row 3 between columns 4 and 5
    assert np.bitwise_count(hash_thumbnails(thumbnail)).tolist() == [[1, 0, 0, 0]]
    thumbnail[0, 3, 6:] = 105  # too small a step, then one down
    thumbnail[0, 3, 9:] = 50
    assert np.bitwise_count(hash_thumbnails(thumbnail)).sum() == 1


def test_every_quarter_of_a_hash_tells_of_the_whole_picture():
    thumbnail = np.full((1, 16, 17), 100, np.uint8)
    thumbnail[0, :, 1::2] = 200
    assert np.bitwise_count(hash_thumbnails(thumbnail)).tolist() == [[64, 0, 64, 0]]


def test_nothing_to_look_at():
    looks = describe(np.empty((0, 16, 17), np.uint8))
    assert len(looks) == 0
    assert looks.is_flat.shape == (0,)


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (700, 2), (17, 16)])
@pytest.mark.parametrize("quality", [90, None])
def test_the_smallest_and_thinnest_pictures_have_cells(size, quality):
    assert make_thumbnail(encode(draw(1, *size), quality)).shape == (16, 17)


def test_litter_before_the_end_of_a_jpeg_does_no_harm():
    whole = encode(draw(1))
    littered = whole[:-2] + b"\x00\x00\x00" + whole[-2:]
    bits, alike = compare([whole], [littered])
    assert bits.tolist() == [0]
    assert alike.all()


@pytest.mark.parametrize("encoded", [b"", b"\xff\xd8\xff\xe0", b"GIF89a", b"\x89PNG\r\n\x1a\n"])
def test_what_is_no_picture_is_refused(encoded):
    with pytest.raises(RecordsError, match="its picture cannot be decoded: "):
        make_thumbnail(encoded)


def test_cmyk_jpegs_are_read():
    buffer = io.BytesIO()
    draw(1).convert("CMYK").save(buffer, "JPEG")
    assert make_thumbnail(buffer.getvalue()).std() > 10
