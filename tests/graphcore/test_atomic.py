import json
import os
import tempfile

import pytest

from graphcore import atomic


def test_writes_the_whole_file_and_makes_the_folders(tmp_path):
    atomic.write_text(tmp_path / "a" / "b.txt", "née\n")
    assert (tmp_path / "a" / "b.txt").read_bytes() == b"n\xc3\xa9e\n"


def test_leaves_no_temporary_file(tmp_path):
    atomic.write_json(tmp_path / "x.json", {"a": [1]})
    assert os.listdir(tmp_path) == ["x.json"]
    assert json.loads((tmp_path / "x.json").read_text()) == {"a": [1]}


def test_failure_keeps_the_old_file(tmp_path, monkeypatch):
    atomic.write_text(tmp_path / "x", "old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        atomic.write_text(tmp_path / "x", "new")
    assert (tmp_path / "x").read_text() == "old"
    assert os.listdir(tmp_path) == ["x"]


def test_full_disk_is_told_with_the_name_of_the_file(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match=r"No space left on device: .*scores.csv"):
        atomic.write_text(tmp_path / "scores.csv", "1")


def test_a_folder_that_takes_no_file_is_told_with_the_name_that_was_asked_for(tmp_path, monkeypatch):
    def fail(*_, **__):
        raise PermissionError(13, "Permission denied", str(tmp_path / ".scores.csv.x1y2.tmp"))

    monkeypatch.setattr(tempfile, "mkstemp", fail)
    with pytest.raises(PermissionError, match=r"Permission denied: '.*/scores\.csv'"):
        atomic.write_text(tmp_path / "scores.csv", "1")


def test_published_file_follows_the_umask(tmp_path):
    old = os.umask(0o022)
    try:
        atomic.write_text(tmp_path / "x", "")
    finally:
        os.umask(old)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o644
