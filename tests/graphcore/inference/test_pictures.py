import io

import pytest
from PIL import Image

from graphcore.errors import InputError
from graphcore.inference.pictures import find_inputs, read_picture


def test_files_are_told_apart_by_their_endings(tmp_path):
    for name in ("a.JPG", "b.mp4", "c"):
        (tmp_path / name).touch()

    found = find_inputs([tmp_path / "a.JPG", tmp_path / "b.mp4", tmp_path / "c"])

    assert found.pictures == (tmp_path / "a.JPG", tmp_path / "c")
    assert found.videos == (tmp_path / "b.mp4",)


def test_a_folder_gives_all_below_it_in_order_of_names(tmp_path):
    (tmp_path / "deep").mkdir()
    for name in ("z.png", "deep/y.webp", "notes.txt", "clip.MOV", ".hidden.jpg"):
        (tmp_path / name).touch()

    found = find_inputs([tmp_path])

    assert found.pictures == (tmp_path / "deep" / "y.webp", tmp_path / "z.png")
    assert found.videos == (tmp_path / "clip.MOV",)
    assert not found.failures


def test_what_is_named_twice_is_taken_once(tmp_path):
    (tmp_path / "a.jpg").touch()

    assert find_inputs([tmp_path / "a.jpg", tmp_path]).pictures == (tmp_path / "a.jpg",)


def test_missing_and_empty_inputs_are_named(tmp_path):
    (tmp_path / "empty").mkdir()

    found = find_inputs([str(tmp_path / "gone.jpg"), tmp_path / "empty"])

    assert found.failures == (
        (str(tmp_path / "gone.jpg"), "there is no such file or folder"),
        (str(tmp_path / "empty"), "the folder holds no pictures and no videos"),
    )


def test_a_photo_that_lies_on_its_side_is_set_upright():
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn right
    Image.new("RGB", (40, 20)).save(buffer, "JPEG", exif=exif)

    with Image.open(io.BytesIO(read_picture(buffer.getvalue()))) as picture:
        assert picture.size == (20, 40)


def test_a_truncated_file_is_named_with_the_reason(tmp_path):
    buffer = io.BytesIO()
    Image.effect_noise((64, 64), 50).save(buffer, "JPEG")
    (tmp_path / "half.jpg").write_bytes(buffer.getvalue()[: len(buffer.getvalue()) // 2])

    with pytest.raises(InputError, match=r"half\.jpg: .*truncated"):
        read_picture(tmp_path / "half.jpg")
