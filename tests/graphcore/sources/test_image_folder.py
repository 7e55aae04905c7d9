from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.image_folder import open_image_folder, take_picture
from graphcore.sources.item import InputFile
from graphcore.sources.normalise import PictureOptions


def write(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def take_all(folder: Path, **options):
    source = open_image_folder(folder, PictureOptions(**options))
    chunks, rejected = source.plan_chunks(workers=2)
    taken = [one for chunk in chunks for one in chunk.take()]
    reasons = {one.path: one.reason for one in [*rejected, *(t.rejected for t in taken if t.rejected)]}
    return {one.item.key: one for one in taken if one.item}, reasons


def test_folders_are_classes_and_keep_their_names(tmp_path, make_picture):
    for name in ("Class_A", "class a", "class-a", "  Ärzte"):
        write(tmp_path / name / "1.jpg", make_picture())
    items, _ = take_all(tmp_path)
    assert open_image_folder(tmp_path, PictureOptions()).classes == (
        "  Ärzte",
        "Class_A",
        "class a",
        "class-a",
    )
    assert {one.item.text for one in items.values()} == {"Class_A", "class a", "class-a", "  Ärzte"}


def test_pictures_deeper_in_a_class_folder_belong_to_it(tmp_path, make_picture):
    write(tmp_path / "cat" / "2024" / "may" / "1.jpg", make_picture())
    write(tmp_path / "dog" / "1.jpg", make_picture())
    items, _ = take_all(tmp_path)
    assert items["cat/2024/may/1.jpg"].item.text == "cat"


def test_files_beside_the_class_folders_are_passed_over(tmp_path, make_picture):
    for name in ("LICENSE.txt", "cat/1.jpg", "dog/1.jpg", ".hidden/1.jpg"):
        write(tmp_path / name, make_picture())
    items, reasons = take_all(tmp_path)
    assert sorted(items) == ["cat/1.jpg", "dog/1.jpg"]
    assert reasons == {}


def test_a_jpeg_is_taken_from_where_it_lies(tmp_path, make_picture):
    data = make_picture()
    path = write(tmp_path / "cat" / "1.jpg", data)
    write(tmp_path / "dog" / "1.png", make_picture("PNG"))
    items, _ = take_all(tmp_path)
    cat, dog = items["cat/1.jpg"], items["dog/1.png"]
    digest = hashlib.sha256(data).hexdigest()
    assert cat.payload is None
    assert (cat.item.source, cat.item.size_bytes) == (str(path), len(data))
    assert cat.item.digest == cat.item.identity == cat.info.sha256 == digest
    assert dog.item.digest == hashlib.sha256(dog.payload).hexdigest() != dog.item.identity


def test_what_is_no_picture_is_named_and_the_rest_goes_on(tmp_path, make_picture):
    write(tmp_path / "cat" / "good.jpg", make_picture())
    write(tmp_path / "dog" / "good.jpg", make_picture())
    write(tmp_path / "cat" / "empty.jpg", b"")
    write(tmp_path / "cat" / "page.jpg", b"<!doctype html><p>Not found")
    write(tmp_path / "cat" / "cut.jpg", make_picture()[:-40])
    write(tmp_path / "cat" / "notes.txt", b"my cats")
    write(tmp_path / "cat" / "huge.png", make_picture("PNG", width=400, height=300))
    items, reasons = take_all(tmp_path, max_pixels=100_000)
    assert sorted(items) == ["cat/good.jpg", "dog/good.jpg"]
    assert reasons == {
        "cat/empty.jpg": "empty file",
        "cat/page.jpg": "not a picture: an HTML page",
        "cat/cut.jpg": "truncated: the JPEG ends before its picture does",
        "cat/notes.txt": "not a picture: text",
        "cat/huge.png": "too large: 400x300 is 120000 pixels, dataset.max_pixels=100000 allows fewer",
    }


def test_a_file_nobody_may_read_is_named(tmp_path, make_picture, monkeypatch):
    path = write(tmp_path / "a.jpg", make_picture())
    path.chmod(0)
    if os.geteuid() == 0:  # to whom no file is closed

        def refuse(self):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(Path, "read_bytes", refuse)
    taken = take_picture(InputFile("cat/a.jpg", path, 10, 0), PictureOptions())
    assert taken.rejected.reason == "cannot be read: Permission denied"


def test_a_file_that_vanishes_is_named(tmp_path):
    taken = take_picture(InputFile("cat/a.jpg", tmp_path / "a.jpg", 10, 0), PictureOptions())
    assert taken.rejected.reason == "cannot be read: No such file or directory"


def test_a_file_too_large_for_any_allowed_picture_is_not_read(tmp_path):
    path = tmp_path / "a.jpg"
    with path.open("wb") as file:
        file.truncate(2**31)  # sparse
    taken = take_picture(InputFile("cat/a.jpg", path, 2**31, 0), PictureOptions(max_pixels=10_000))
    assert taken.rejected.reason == "too large: 2147483648 bytes for dataset.max_pixels=10000"


def test_chunks_cover_every_file_once_and_know_changes(tmp_path, make_picture):
    data = make_picture()
    for number in range(70):
        write(tmp_path / f"class{number % 2}" / f"{number}.jpg", data)
    chunks, _ = open_image_folder(tmp_path, PictureOptions()).plan_chunks(workers=2)
    assert [chunk.size for chunk in chunks] == [32, 32, 6]
    assert len({chunk.name for chunk in chunks}) == 3
    write(tmp_path / "class0" / "0.jpg", data + b"x")
    changed, _ = open_image_folder(tmp_path, PictureOptions()).plan_chunks(workers=9)
    same = [one.fingerprint == other.fingerprint for one, other in zip(chunks, changed, strict=True)]
    assert same == [False, True, True]
    other_options, _ = open_image_folder(tmp_path, PictureOptions(quality=50)).plan_chunks(workers=2)
    assert other_options[1].fingerprint != chunks[1].fingerprint


def test_missing_folder_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match=r"dataset.dir=.*nowhere does not exist"):
        open_image_folder(tmp_path / "nowhere", PictureOptions())
    with pytest.raises(DatasetError, match="is a file"):
        open_image_folder(write(tmp_path / "file", b""), PictureOptions())


@pytest.mark.parametrize(("classes", "message"), [([], "no class folder"), (["cat"], "only one class folder: cat")])
def test_fewer_than_two_classes_is_an_error(tmp_path, classes, message):
    for name in classes:
        write(tmp_path / name / "a.jpg", b"x")
    with pytest.raises(DatasetError, match=message):
        open_image_folder(tmp_path, PictureOptions())


def test_class_folders_without_files_is_an_error(tmp_path):
    for name in ("cat", "dog"):
        (tmp_path / name).mkdir()
    with pytest.raises(DatasetError, match="no files in its 2 class folders: cat, dog"):
        open_image_folder(tmp_path, PictureOptions())


def test_a_class_name_that_is_no_utf8_is_an_error(tmp_path):
    (tmp_path / "cat").mkdir()
    os.mkdir(os.path.join(os.fsencode(tmp_path), b"\xff"))
    with pytest.raises(DatasetError, match=r"The folder \\xff .* Rename it|not valid UTF-8"):
        open_image_folder(tmp_path, PictureOptions())
