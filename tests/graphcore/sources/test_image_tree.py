from __future__ import annotations

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.image_tree import (
    Root,
    find_folder_of,
    find_picture_folders,
    find_roots,
    read_folders,
    suggest_deeper,
)
from graphcore.sources.item import InputFile


def make_tree(folder, *names):
    for name in names:
        (folder / name).mkdir(parents=True, exist_ok=True)
    return folder


def roots_of(folder):
    return {root.name: (root.split, root.folders) for root in find_roots(folder)[0]}


def test_class_folders_have_one_root(tmp_path):
    make_tree(tmp_path, "cat/train", "cat/test", "dog")
    assert find_roots(tmp_path) == ([Root("", "", ("cat", "dog"))], [])


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (("train", "val", "test"), ("train", "validation", "test")),
        (("Training", "Validation", "Testing"), ("train", "validation", "test")),
        (("TRAIN", "dev"), ("train", "validation")),
        (("training_set", "test_set"), ("train", "test")),
        (("01_train", "02_valid", "03_evaluation"), ("train", "validation", "test")),
        (("train", "val", "valid", "eval"), ("train", "validation", "validation", "test")),
    ],
)
def test_folders_named_like_splits_hold_the_classes(tmp_path, names, splits):
    make_tree(tmp_path, *(f"{name}/{label}" for name in names for label in ("cat", "dog")))
    assert roots_of(tmp_path) == {name: (split, ("cat", "dog")) for name, split in zip(names, splits, strict=True)}


@pytest.mark.parametrize("names", [("train", "car", "bus"), ("train", "training"), ("eval", "cat")])
def test_names_that_only_happen_to_be_splits_are_classes(tmp_path, names):
    make_tree(tmp_path, *(f"{name}/deeper" for name in names))
    assert roots_of(tmp_path) == {"": ("", tuple(sorted(names)))}


def test_splits_beside_other_folders_can_be_understood_in_two_ways(tmp_path):
    make_tree(tmp_path, "train/cat", "test/cat", "extra/cat")
    with pytest.raises(DatasetError, match=r"holds test, train, splits by their names, beside extra.\nMove .*pattern="):
        find_roots(tmp_path)


def test_splits_without_class_folders_are_no_classes(tmp_path):
    make_tree(tmp_path, "train", "test")
    with pytest.raises(DatasetError, match=r"without class folders in them.\n.*{split}/{class}.{name}"):
        find_roots(tmp_path)


def test_a_split_that_holds_no_classes_beside_others_is_named(tmp_path):
    make_tree(tmp_path, "train/cat", "train/dog", "test")
    roots, rejected = find_roots(tmp_path)
    assert [root.name for root in roots] == ["train"]
    assert [(one.path, one.reason) for one in rejected] == [("test", "a split without class folders")]


def test_a_folder_within_single_folders_is_suggested(tmp_path):
    make_tree(tmp_path, "a/b/cat", "a/b/dog")
    assert suggest_deeper(tmp_path) == tmp_path / "a" / "b"
    assert suggest_deeper(tmp_path / "a" / "b" / "cat") is None
    make_tree(tmp_path, *("c/" * depth for depth in range(1, 9)))
    assert suggest_deeper(tmp_path / "c") is None


def test_folders_with_pictures_are_found_by_the_names_of_their_files():
    names = ["t/a/dogs/1.JPG", "t/a/README.md", "t/1.jpg", "t/cats/1.png", "t/other/1"]
    files = [InputFile(name, None, 0, 0) for name in names]
    assert find_picture_folders(files, "t") == {"a/dogs", "cats"}
    assert find_picture_folders(files, "") == {"t/a/dogs", "t", "t/cats"}
    assert find_folder_of("t/a/dogs/1.jpg", "t") == "a/dogs"
    assert find_folder_of("1.jpg", "") == ""


def test_a_folder_that_cannot_be_read_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match="cannot be read: No such file"):
        read_folders(tmp_path / "nowhere")


def test_splits_without_one_to_train_on_are_no_classes(tmp_path):
    make_tree(tmp_path, "val/cat", "val/dog", "test/cat", "test/dog")
    with pytest.raises(
        DatasetError, match=r"holds test, val, splits by their names, and none to train on\.\nAdd train/"
    ):
        find_roots(tmp_path)
