from __future__ import annotations

import os

import pytest
from upath import UPath

from graphcore.sources.files import explain_os_error, list_files, list_folders, look_up, printable


def write(path, data=b"x"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def names(listing):
    return [file.name for file in listing.files]


def test_files_are_listed_by_name_also_in_sub_folders(tmp_path):
    for name in ("b.jpg", "a.jpg", "deep/er/c.jpg"):
        write(tmp_path / name)
    assert names(list_files(tmp_path, "cat")) == ["cat/a.jpg", "cat/b.jpg", "cat/deep/er/c.jpg"]
    assert names(list_files(tmp_path, "", recursive=False)) == ["a.jpg", "b.jpg"]


def test_hidden_files_and_folders_are_passed_over(tmp_path):
    for name in (".DS_Store", "._a.jpg", ".git/a.jpg", "a.jpg"):
        write(tmp_path / name)
    listing = list_files(tmp_path, "cat")
    assert names(listing) == ["cat/a.jpg"]
    assert listing.rejected == []


def test_a_loop_of_links_ends(tmp_path):
    write(tmp_path / "a.jpg")
    (tmp_path / "loop").symlink_to(tmp_path)
    listing = list_files(tmp_path, "cat")
    assert names(listing) == ["cat/a.jpg"]
    assert [(one.path, one.reason) for one in listing.rejected] == [("cat/loop", "a link back to a folder above it")]


def test_a_link_to_a_folder_above_the_class_is_not_followed(tmp_path):
    write(tmp_path / "dog" / "b.jpg")
    write(tmp_path / "cat" / "a.jpg")
    (tmp_path / "cat" / "up").symlink_to("..")
    assert names(list_files(tmp_path / "cat", "cat")) == ["cat/a.jpg"]


def test_a_link_to_itself_and_a_broken_link_are_named(tmp_path):
    (tmp_path / "a.jpg").symlink_to("a.jpg")
    (tmp_path / "b.jpg").symlink_to("nowhere.jpg")
    listing = list_files(tmp_path, "cat")
    assert names(listing) == []
    assert all(one.reason.startswith("a link that leads nowhere") for one in listing.rejected)
    assert [one.path for one in listing.rejected] == ["cat/a.jpg", "cat/b.jpg"]


def test_a_link_to_a_file_elsewhere_is_followed(tmp_path):
    target = write(tmp_path / "elsewhere" / "x.jpg")
    (tmp_path / "cat").mkdir()
    (tmp_path / "cat" / "a.jpg").symlink_to(target)
    assert names(list_files(tmp_path / "cat", "cat")) == ["cat/a.jpg"]


def test_one_file_under_two_names_is_counted_once(tmp_path):
    first = write(tmp_path / "a.jpg")
    os.link(first, tmp_path / "b.jpg")
    listing = list_files(tmp_path, "cat")
    assert names(listing) == ["cat/a.jpg"]
    assert listing.rejected[0].reason == "the same file as cat/a.jpg"


def test_a_pipe_is_named_and_never_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe.jpg")
    assert list_files(tmp_path, "cat").rejected[0].reason == "not a regular file"


def test_a_name_that_is_no_utf8_is_named_readably(tmp_path):
    with open(os.path.join(os.fsencode(tmp_path), b"\xff.jpg"), "wb"):
        pass
    listing = list_files(tmp_path, "cat")
    assert [(one.path, one.reason) for one in listing.rejected] == [("cat/\\xff.jpg", "its name is not valid UTF-8")]


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    write(tmp_path / "locked" / "a.jpg")
    write(tmp_path / "b.jpg")
    list_names = os.listdir

    def refuse(path):  # the tests may run as root, to whom no folder is closed
        if os.path.basename(path) == "locked":
            raise PermissionError(13, "Permission denied")
        return list_names(path)

    monkeypatch.setattr(os, "listdir", refuse)
    listing = list_files(tmp_path, "cat")
    assert names(listing) == ["cat/b.jpg"]
    assert [(one.path, one.reason) for one in listing.rejected] == [("cat/locked", "cannot be read: Permission denied")]


def test_printable_leaves_good_names_alone():
    assert printable("çà/和.jpg") == "çà/和.jpg"


def test_only_files_that_fit_a_pattern_are_listed_and_the_first_other_is_known(tmp_path):
    for name in ("a.JPG", "b.txt", "deep.jpg/c.png", "d.xml"):
        write(tmp_path / name)
    (tmp_path / "broken.txt").symlink_to("nowhere")
    listing = list_files(tmp_path, "cat", include=["*.jpg", "*.png"])
    assert names(listing) == ["cat/a.JPG", "cat/deep.jpg/c.png"]
    assert listing.passed_over == "cat/b.txt"
    assert listing.rejected == []


def test_folders_are_listed_with_links_to_folders_and_without_hidden_ones(tmp_path):
    for name in ("b/1", "a/1", ".c/1", "file"):
        write(tmp_path / name)
    (tmp_path / "link").symlink_to("a")
    assert list_folders(tmp_path) == ["a", "b", "link"]
    with pytest.raises(NotADirectoryError):
        list_folders(tmp_path / "file")


def test_listed_files_are_looked_up_in_their_order(tmp_path):
    for name in ("b.jpg", "a/.1.jpg"):
        write(tmp_path / name, b"abc")
    (tmp_path / "broken.jpg").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe.jpg")
    listing = look_up(tmp_path, ["b.jpg", "pipe.jpg", "a", "a/.1.jpg", "gone.jpg", "broken.jpg", "b.jpg/c"])
    assert [(file.name, file.size_bytes) for file in listing.files] == [("b.jpg", 3), ("a/.1.jpg", 3)]
    assert [(one.path, one.reason) for one in listing.rejected] == [
        ("pipe.jpg", "not a regular file"),
        ("a", "not a regular file"),
        ("gone.jpg", "does not exist"),
        ("broken.jpg", "a link that leads nowhere"),
        ("b.jpg/c", "cannot be read: Not a directory"),
    ]


def test_a_folder_in_an_object_store_is_listed_as_a_local_one(tmp_path):
    remote = UPath("memory://test_files/photos")
    for name in ("cat/b.jpg", "cat/a.jpg", "cat/deep/er/c.png", "cat/.hidden.jpg", "dog/.git/a.jpg", "dog/1.txt"):
        for folder in (tmp_path, remote):
            write(folder / name, b"abc")
    for folder in (tmp_path, remote):
        listing = list_files(folder, "x")
        assert names(listing) == ["x/cat/a.jpg", "x/cat/b.jpg", "x/cat/deep/er/c.png", "x/dog/1.txt"]
        assert all(file.path.read_bytes() == b"abc" and file.size_bytes == 3 for file in listing.files)
        assert names(list_files(folder / "cat", "", recursive=False)) == ["a.jpg", "b.jpg"]
        assert names(list_files(folder, "", include=["*.png"])) == ["cat/deep/er/c.png"]
        assert list_folders(folder) == ["cat", "dog"]
        found = look_up(folder, ["dog/1.txt", "dog/2.txt"])
        assert names(found) == ["dog/1.txt"]
        assert [(one.path, one.reason) for one in found.rejected] == [("dog/2.txt", "does not exist")]


def test_a_missing_file_of_a_store_is_told_in_words():
    assert explain_os_error(FileNotFoundError("s3://a/b")) == "does not exist"
