from __future__ import annotations

import os

from graphcore.sources.files import list_files, printable


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
    scan = os.scandir

    def refuse(path):  # the tests may run as root, to whom no folder is closed
        if os.path.basename(path) == "locked":
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    listing = list_files(tmp_path, "cat")
    assert names(listing) == ["cat/b.jpg"]
    assert [(one.path, one.reason) for one in listing.rejected] == [("cat/locked", "cannot be read: Permission denied")]


def test_printable_leaves_good_names_alone():
    assert printable("çà/和.jpg") == "çà/和.jpg"
