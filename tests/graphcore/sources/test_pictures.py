from __future__ import annotations

import hashlib
import os
from pathlib import Path

import google_crc32c
from upath import UPath

from graphcore.sources.intake import iterate_rows, take_in
from graphcore.sources.item import InputFile
from graphcore.sources.normalise import PictureOptions
from graphcore.sources.pictures import Labelled, Pictures, make_picture_chunks, take_picture
from tfrecords.staging import Staging

CAT = Labelled("cat")
OPTIONS = PictureOptions()


def describe(path: Path, name: str) -> InputFile:
    state = path.stat()
    return InputFile(name, path, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


def make_file(number: int, mtime_ns: int = 0) -> InputFile:
    return InputFile(f"{number:03d}.jpg", Path(f"/nowhere/{number:03d}.jpg"), 10, mtime_ns)


def fingerprints(chunks):
    return {unit.name: unit.fingerprint for chunk in chunks for unit in chunk.units()}


def test_a_picture_gets_all_that_is_known_of_it(tmp_path, make_picture):
    path = tmp_path / "1.jpg"
    path.write_bytes(make_picture())
    label = Labelled("a", "test", "ward 3", "anna", ("a", "b"))
    item = take_picture(describe(path, "x/1.jpg"), OPTIONS, label).item
    assert item is not None
    assert (item.key, item.filename, item.text, item.labels) == ("x/1.jpg", "x/1.jpg", "a", ("a", "b"))
    assert (item.split, item.group, item.subject) == ("test", "ward 3", "anna")


def test_a_jpeg_is_taken_from_where_it_lies(tmp_path, make_picture):
    data = make_picture()
    path = tmp_path / "1.jpg"
    path.write_bytes(data)
    taken = take_picture(describe(path, "cat/1.jpg"), OPTIONS, CAT)
    assert taken.payload is None
    assert taken.item is not None
    assert taken.info is not None
    assert (taken.item.source, taken.item.size_bytes) == (str(path), len(data))
    assert taken.item.digest == taken.item.identity == taken.info.sha256 == hashlib.sha256(data).hexdigest()


def test_what_was_read_just_now_has_a_checksum(tmp_path, make_picture):
    path = tmp_path / "a.jpg"
    path.write_bytes(make_picture())
    taken = take_picture(InputFile("cat/a.jpg", path, 10, 0), OPTIONS, CAT)
    assert taken.item is not None
    assert taken.item.crc == google_crc32c.value(path.read_bytes())


def test_what_is_encoded_anew_is_kept_with_the_digest_of_the_input(tmp_path, make_picture):
    path = tmp_path / "1.png"
    path.write_bytes(make_picture("PNG"))
    taken = take_picture(describe(path, "cat/1.png"), OPTIONS, CAT)
    assert taken.item is not None
    assert taken.payload is not None
    assert taken.item.digest == hashlib.sha256(taken.payload).hexdigest() != taken.item.identity
    assert taken.item.identity == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_jpeg_in_an_object_store_is_kept_as_it_was_read(make_picture):
    path = UPath("memory://test_pictures/1.jpg")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(make_picture())
    taken = take_picture(InputFile("1.jpg", path, 10, 0), OPTIONS, CAT)
    assert taken.payload == make_picture()
    assert taken.item is not None
    assert taken.item.digest == taken.item.identity == hashlib.sha256(taken.payload).hexdigest()


def test_a_file_nobody_may_read_is_named(tmp_path, make_picture, monkeypatch):
    path = tmp_path / "a.jpg"
    path.write_bytes(make_picture())
    path.chmod(0)
    if os.geteuid() == 0:  # to whom no file is closed

        def refuse(*_, **__):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("graphcore.sources.pictures.read_whole", refuse)
    taken = take_picture(InputFile("cat/a.jpg", path, 10, 0), OPTIONS, CAT)
    assert taken.rejected is not None
    assert taken.rejected.reason == "cannot be read: Permission denied"


def test_a_file_that_vanishes_is_named(tmp_path):
    taken = take_picture(InputFile("cat/a.jpg", tmp_path / "a.jpg", 10, 0), OPTIONS, CAT)
    assert taken.rejected is not None
    assert taken.rejected.reason == "cannot be read: No such file or directory"


def test_a_file_too_large_for_any_allowed_picture_is_not_read(tmp_path):
    path = tmp_path / "a.jpg"
    with path.open("wb") as file:
        file.truncate(2**31)  # sparse
    taken = take_picture(InputFile("cat/a.jpg", path, 2**31, 0), PictureOptions(max_pixels=10_000), CAT)
    assert taken.rejected is not None
    assert taken.rejected.reason == "too large: 2147483648 bytes for dataset.max_pixels=10000"


def test_chunks_cover_every_picture_once():
    chunks = make_picture_chunks([(make_file(number), CAT) for number in range(70)], OPTIONS)
    assert [chunk.size for chunk in chunks] == [32, 32, 6]
    assert len({chunk.name for chunk in chunks}) == 3
    names = [unit.name for chunk in chunks for unit in chunk.units()]
    assert names == [f"{number:03d}.jpg" for number in range(70)]
    assert next(chunks[0].units()).source == "/nowhere/000.jpg"


def test_a_unit_knows_its_own_changes_and_no_others():
    pictures = [(make_file(number), CAT) for number in range(40)]
    before = make_picture_chunks(pictures, OPTIONS)
    pictures[3] = (make_file(3, mtime_ns=1), CAT)
    pictures[5] = (make_file(5), Labelled("cat", "test"))
    after = make_picture_chunks(pictures, OPTIONS)
    old, new = fingerprints(before), fingerprints(after)
    assert [name for name in old if old[name] != new[name]] == ["003.jpg", "005.jpg"]
    assert [one.fingerprint == other.fingerprint for one, other in zip(before, after, strict=True)] == [False, True]
    other_options = fingerprints(make_picture_chunks(pictures, PictureOptions(quality=50)))
    assert not {*other_options.values()} & {*new.values()}


def test_the_lists_that_labels_come_from_are_inputs_with_digests(tmp_path, make_picture):
    for name in ("1.jpg", "2.jpg"):
        (tmp_path / name).write_bytes(make_picture())
    (tmp_path / "list.csv").write_text("path,label")
    files = {name: describe(tmp_path / name, name) for name in ("2.jpg", "1.jpg")}
    listed = describe(tmp_path / "list.csv", "list.csv")
    source = Pictures(("cat",), files, dict.fromkeys(files, CAT), (), OPTIONS, (listed,))
    assert sorted(source.inputs) == ["1.jpg", "2.jpg", "list.csv"]
    chunks, _ = source.plan_chunks(2)
    intake = take_in(chunks, Staging(tmp_path / "staging"), 1, "pictures")
    assert [item.key for item in intake.items] == ["1.jpg", "2.jpg"]
    rows = [row for chunk in iterate_rows(chunks, Staging(tmp_path / "staging"), ()) for row in chunk]
    digests = {row["input"]: row["info"]["sha256"] for row in rows if "info" in row}
    assert digests["list.csv"] == hashlib.sha256(b"path,label").hexdigest()
    assert source.multi_label is False
