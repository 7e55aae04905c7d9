from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from upath import UPath

from graphcore.sources.file_table import FileTable
from graphcore.sources.files import list_files
from graphcore.sources.item import InputFile, Start

START = Start(Path("/photos"))


def test_files_come_back_as_they_were_in_order_of_name():
    files = [InputFile("b/2.jpg", START, 3, 4, 5), InputFile("a.jpg", Path("/elsewhere/x"), 1, -2)]
    table = FileTable(files)
    assert list(table) == ["a.jpg", "b/2.jpg"]
    assert [*table.values()] == files[::-1]
    assert table["b/2.jpg"].path == Path("/photos/b/2.jpg")
    assert table["a.jpg"].path == Path("/elsewhere/x")
    assert len(table) == 2


@pytest.mark.parametrize("name", ["", "a", "b.jpg", "c"])
def test_a_file_that_is_not_there(name):
    table = FileTable([InputFile("a.jpg", START, 1, 2), InputFile("b", START, 1, 2)])
    assert name not in table
    assert None not in table
    with pytest.raises(KeyError, match=repr(name)):
        table[name]


def test_times_that_no_64_bits_hold_are_kept():
    file = InputFile("a.jpg", START, 1, 2**64, 2**63)
    assert FileTable([InputFile("b.jpg", START, 1, 2), file])["a.jpg"] == file


def test_files_of_an_object_store():
    folder = UPath("memory://test_file_table/photos")
    table = FileTable([InputFile("cat/1.jpg", Start(folder), 1, 2)])
    assert table["cat/1.jpg"].path == folder / "cat/1.jpg"


def test_a_file_takes_little_memory(tmp_path):
    count = 500
    for number in range(count):
        (tmp_path / f"{number:04}.jpg").touch()
    tracemalloc.start()
    try:
        table = FileTable(list_files(tmp_path, "cat").files)
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(table) == count
    assert kept < count * 140  # bytes: the name's text, and five numbers


def test_sizes_and_times_are_told_in_the_order_of_the_names():
    files = [InputFile("b.jpg", START, 4, 5, 6), InputFile("a.jpg", START, 1, 2, 3)]
    assert list(FileTable(files).iterate_stamps()) == [(1, 2, 3), (4, 5, 6)]
