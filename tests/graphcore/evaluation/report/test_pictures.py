import base64
import io

from PIL import Image

from graphcore.evaluation.report import pictures
from graphcore.evaluation.report.pictures import Album, make_thumbnail


def decode(image):
    data = image.split("base64,")[1].split('"')[0]
    return Image.open(io.BytesIO(base64.b64decode(data)))


def test_a_picture_is_shrunk_and_lies_inside(draw_picture):
    image = Album(draw_picture).make_picture("k", "a <scene>")

    assert decode(image).size == (160, 120)
    assert 'alt="a &lt;scene&gt;"' in image


def test_pictures_of_every_mode_become_jpeg():
    file = io.BytesIO()
    Image.new("LA", (400, 40)).save(file, "PNG")

    assert Image.open(io.BytesIO(make_thumbnail(file.getvalue()))).size == (160, 16)


def test_each_is_read_once(draw_picture):
    read = []
    album = Album(lambda key: read.append(key) or draw_picture())

    assert album.make_picture("k", "") == album.make_picture("k", "")
    assert read == ["k"]


def test_pages_of_the_same_records_share_them(draw_picture):
    read = []
    albums = [Album(lambda key: read.append(key) or draw_picture(), of) for of in ("a test", "a test", "b test")]

    assert len({album.make_picture("shared", "") for album in albums}) == 1
    assert read == ["shared"] * 2


def test_what_cannot_be_read_is_left_out_and_counted():
    def fail(key):
        raise OSError("gone")

    album, damaged = Album(fail), Album(lambda key: b"no picture")

    assert album.make_picture("k", "") == damaged.make_picture("k", "") == ""
    assert album.unreadable == damaged.unreadable == 1


def test_there_are_never_more_than_the_page_can_hold(draw_picture, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_PICTURES", 2)
    album = Album(draw_picture)

    assert [bool(album.make_picture(key, "")) for key in "abc"] == [True, True, False]
    assert album.left == 0


def test_their_bytes_are_bounded(draw_picture, monkeypatch):
    monkeypatch.setattr(pictures, "MOST_BYTES", 100)

    assert Album(draw_picture).make_picture("k", "") == ""


def test_without_pictures_there_is_no_room_for_any():
    assert Album(None).left == 0
    assert Album(None).make_picture("k", "") == ""
