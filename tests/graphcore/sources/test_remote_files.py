from __future__ import annotations

import datetime

import pytest
from botocore.exceptions import EndpointConnectionError
from fsspec.implementations.memory import MemoryFileSystem
from upath import UPath

from graphcore import storage
from graphcore.errors import DatasetError
from graphcore.sources.remote_files import find_remote_files, find_remote_folders


class Store:
    """An object store that answers as it is told."""

    def __init__(self, entries):
        self.entries = entries
        self.forgotten = []

    def find(self, root, maxdepth, detail):
        return self.entries

    def ls(self, root, detail):
        return list(self.entries.values())

    def invalidate_cache(self, path):
        self.forgotten.append(path)


class Folder:
    def __init__(self, entries, path="bucket/photos"):
        self.fs = Store(entries)
        self.path = path

    def __str__(self):
        return f"s3://{self.path}"

    def __truediv__(self, name):
        return f"{self.path}/{name}"


def test_a_file_has_the_stamp_of_its_listing():
    info = {"size": 3, "LastModified": datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc), "ETag": '"abc"'}
    (file,) = find_remote_files(Folder({"bucket/photos/a.jpg": info}), "", True)
    assert (file.name, file.size_bytes, file.mtime_ns) == ("a.jpg", 3, 1704067200 * 10**9)
    assert file.ctime_ns == storage.read_stamp(info).mark != 0


def test_a_store_out_of_reach_is_an_error_in_words(monkeypatch):
    folder = Folder({})

    def refuse(*_, **__):
        raise EndpointConnectionError(endpoint_url="http://nowhere")

    monkeypatch.setattr(folder.fs, "find", refuse)
    monkeypatch.setattr(folder.fs, "ls", refuse)
    with pytest.raises(DatasetError, match="bucket/photos"):
        list(find_remote_files(folder, "", True))
    with pytest.raises(DatasetError, match="bucket/photos"):
        find_remote_folders(folder)


def test_marks_of_empty_folders_are_no_files_and_listings_are_fresh():
    folder = Folder({"/bucket/photos/cat/": {"size": 0}, "/bucket/photos/cat/1.jpg": {"size": None}}, "bucket/photos/")
    assert [(file.name, file.size_bytes) for file in find_remote_files(folder, "x", True)] == [("x/cat/1.jpg", 0)]
    assert folder.fs.forgotten == ["bucket/photos/"]


def test_folders_are_those_directly_below():
    entries = [("cat", "directory"), ("dog/", "directory"), (".git", "directory"), ("a.jpg", "file"), ("", "directory")]
    folder = Folder({name: {"name": f"bucket/photos/{name}", "type": kind} for name, kind in entries})
    assert find_remote_folders(folder) == ["cat", "dog"]


def test_a_replaced_file_has_another_time():
    folder = UPath("memory://test_remote_files")
    times = []
    for data in (b"one", b"two"):
        (folder / "a.jpg").write_bytes(data)
        times += [file.mtime_ns for file in find_remote_files(folder, "", True)]
    assert isinstance(folder.fs, MemoryFileSystem)
    assert len(set(times)) == 2
