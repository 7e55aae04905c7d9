from __future__ import annotations

import dataclasses
import hashlib
import os

import pytest

from graphcore.sources.file_table import FileTable
from graphcore.sources.freshness import explain_staleness
from graphcore.sources.item import UNREADABLE, InputFile
from tfrecords.manifest import InputInfo, Manifest, ShardInfo

OPTIONS = {"dataset.size": None, "split.test": 10}


@pytest.fixture
def records(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"picture")
    (tmp_path / "train-00000-of-00001.tfrecord").write_bytes(b"12345")
    shards = (ShardInfo("train-00000-of-00001.tfrecord", "train", 1, 5, "0"),)
    info = InputInfo(7, path.stat().st_mtime_ns, hashlib.sha256(b"picture").hexdigest(), path.stat().st_ctime_ns)
    return Manifest("n", "image_folder", ("a",), {"train": {"a": 1}}, shards, OPTIONS, {"c/a.jpg": info})


def look(folder):
    path = folder / "a.jpg"
    state = path.stat()
    return {"c/a.jpg": InputFile("c/a.jpg", path, state.st_size, state.st_mtime_ns, state.st_ctime_ns)}


def test_nothing_changed(tmp_path, records):
    assert explain_staleness(records, tmp_path, look(tmp_path), OPTIONS) == ("", records)


def test_a_touched_file_is_fresh_and_its_time_is_noted(tmp_path, records):
    os.utime(tmp_path / "a.jpg", ns=(5, 5))
    reason, current = explain_staleness(records, tmp_path, look(tmp_path), OPTIONS)
    assert reason == ""
    assert current.inputs["c/a.jpg"].mtime_ns == 5


def test_a_changed_option_is_named(tmp_path, records):
    reason, _ = explain_staleness(records, tmp_path, look(tmp_path), OPTIONS | {"dataset.size": 64})
    assert reason == "dataset.size was None and is 64"


@pytest.mark.parametrize("content", [b"another", b"longer than it was"])
def test_a_changed_file_is_named(tmp_path, records, content):
    (tmp_path / "a.jpg").write_bytes(content)
    os.utime(tmp_path / "a.jpg", ns=(5, 5))
    assert explain_staleness(records, tmp_path, look(tmp_path), OPTIONS)[0].startswith("c/a.jpg has changed")


def test_an_edit_that_gives_the_old_time_back_is_found(tmp_path, records):
    path = tmp_path / "a.jpg"
    before = path.stat()
    # As long as the clock of the file system ticks more coarsely than this test runs, ctime says nothing.
    while path.stat().st_ctime_ns == before.st_ctime_ns:
        path.write_bytes(b"another")
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert explain_staleness(records, tmp_path, look(tmp_path), OPTIONS)[0].startswith("c/a.jpg has changed")


def test_new_and_gone_files_are_named(tmp_path, records):
    more = look(tmp_path) | {"c/b.jpg": InputFile("c/b.jpg", tmp_path, 1, 1)}
    assert explain_staleness(records, tmp_path, more, OPTIONS)[0].startswith("c/b.jpg is new")
    assert explain_staleness(records, tmp_path, {}, OPTIONS)[0].startswith("c/a.jpg is no longer an input")


def test_a_missing_or_cut_shard_is_named(tmp_path, records):
    shard = tmp_path / "train-00000-of-00001.tfrecord"
    shard.write_bytes(b"1234")
    assert "train-00000-of-00001.tfrecord is missing or has another size" in explain_staleness(
        records, tmp_path, look(tmp_path), OPTIONS
    )
    shard.unlink()
    assert explain_staleness(records, tmp_path, look(tmp_path), OPTIONS)[0].startswith("train-00000")


def test_unchanged_inputs_of_a_table_are_compared_without_being_made(tmp_path, records, monkeypatch):
    table = FileTable(look(tmp_path).values())
    monkeypatch.setattr(FileTable, "__getitem__", lambda *_: pytest.fail("an input was made"))
    assert explain_staleness(records, tmp_path, table, OPTIONS) == ("", records)


def test_an_input_of_a_table_that_changed_is_found(tmp_path, records):
    (tmp_path / "a.jpg").write_bytes(b"longer than it was")
    table = FileTable(look(tmp_path).values())
    assert explain_staleness(records, tmp_path, table, OPTIONS)[0].startswith("c/a.jpg has changed")


@pytest.mark.parametrize("as_table", [False, True])
def test_an_input_that_could_not_be_read_is_not_fresh_though_it_did_not_change(tmp_path, records, as_table):
    inputs = FileTable(look(tmp_path).values()) if as_table else look(tmp_path)
    noted = {"c/a.jpg": dataclasses.replace(records.inputs["c/a.jpg"], sha256=UNREADABLE)}
    unread = dataclasses.replace(records, inputs=noted)
    reason, _ = explain_staleness(unread, tmp_path, inputs, OPTIONS)
    assert reason == "c/a.jpg could not be read the last time (1 such inputs)"
