import os
from pathlib import Path

import pytest
from upath import UPath

from graphcore.sources.item import InputFile, Start

FOLDER = Path("/photos/cat")


@pytest.mark.parametrize(
    ("start", "name", "path"),
    [
        (Start(FOLDER), "a/1.jpg", "/photos/cat/a/1.jpg"),
        (Start.after("cat", FOLDER), "cat/a/1.jpg", "/photos/cat/a/1.jpg"),
        (Start.after("", FOLDER), "1.jpg", "/photos/cat/1.jpg"),
        (Start.after("train/cat", FOLDER), "train/cat/1.jpg", "/photos/cat/1.jpg"),
    ],
)
def test_a_path_is_made_of_the_start_and_the_name(start, name, path):
    file = InputFile(name, start, 1, 2)
    assert file.path == Path(path)
    assert file.location == path


def test_a_start_in_an_object_store():
    folder = UPath("memory://test_item/photos")
    file = InputFile("cat/1.jpg", Start.after("cat", folder / "cat"), 1, 2)
    assert file.path == folder / "cat/1.jpg"
    assert file.location == "memory://test_item/photos/cat/1.jpg"


def test_a_relative_folder():
    file = InputFile("cat/1.jpg", Start(Path(".")), 1, 2)
    assert file.path == Path("cat/1.jpg")
    assert os.path.normpath(file.location) == "cat/1.jpg"


def test_files_are_equal_wherever_their_paths_are_kept():
    one = InputFile("cat/1.jpg", Start(FOLDER.parent), 1, 2, 3)
    other = InputFile("cat/1.jpg", FOLDER / "1.jpg", 1, 2, 3)
    assert one == other
    assert hash(one) == hash(other)


@pytest.mark.parametrize(
    "other",
    [
        InputFile("cat/2.jpg", FOLDER / "1.jpg", 1, 2, 3),
        InputFile("cat/1.jpg", FOLDER / "2.jpg", 1, 2, 3),
        InputFile("cat/1.jpg", FOLDER / "1.jpg", 0, 2, 3),
        InputFile("cat/1.jpg", FOLDER / "1.jpg", 1, 0, 3),
        InputFile("cat/1.jpg", FOLDER / "1.jpg", 1, 2),
        "cat/1.jpg",
    ],
)
def test_another_file(other):
    assert InputFile("cat/1.jpg", FOLDER / "1.jpg", 1, 2, 3) != other
