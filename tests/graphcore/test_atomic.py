import json
import os
import tempfile
import threading

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


def test_what_is_written_behind_is_there_at_the_end_of_the_block(tmp_path):
    with atomic.writing_behind():
        for number in range(9):
            atomic.write_text(tmp_path / f"{number}", str(number), can_wait=True)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {str(n): str(n) for n in range(9)}


def test_what_is_written_behind_waits_for_the_disk_in_another_thread(tmp_path, monkeypatch):
    waiting = []
    own = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: waiting.append(threading.get_ident()) or own(handle))
    with atomic.writing_behind():
        atomic.write_text(tmp_path / "behind", "", can_wait=True)
    atomic.write_text(tmp_path / "at once", "")
    assert len(waiting) == 2
    assert waiting[0] != threading.get_ident() == waiting[1]


def test_what_cannot_wait_is_written_at_once(tmp_path):
    with atomic.writing_behind():
        atomic.write_text(tmp_path / "x", "1")
        assert (tmp_path / "x").read_text() == "1"


def test_the_last_of_several_that_are_written_behind_stays(tmp_path, monkeypatch):
    own_fsync, own_replace = os.fsync, os.replace
    second_is_there = threading.Event()

    def be_slow_with_the_first(handle):
        if os.fstat(handle).st_size == len("first"):
            second_is_there.wait(0.3)  # in vain: it may not overtake
        own_fsync(handle)

    def replace(temporary, path):
        second = os.stat(temporary).st_size == len("second")
        own_replace(temporary, path)
        if second:
            second_is_there.set()

    monkeypatch.setattr(os, "fsync", be_slow_with_the_first)
    monkeypatch.setattr(os, "replace", replace)
    with atomic.writing_behind():
        atomic.write_text(tmp_path / "x", "first", can_wait=True)
        atomic.write_text(tmp_path / "x", "second", can_wait=True)
    assert (tmp_path / "x").read_text() == "second"
    assert os.listdir(tmp_path) == ["x"]


def test_a_failure_behind_is_told_at_the_end_with_the_name_of_the_file(tmp_path, monkeypatch):
    own = os.fsync

    def fail(handle):
        if os.fstat(handle).st_size > 1:
            raise OSError(28, "No space left on device")
        own(handle)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match=r"No space left on device: .*large"), atomic.writing_behind():
        atomic.write_text(tmp_path / "large", "12", can_wait=True)
        atomic.write_text(tmp_path / "small", "1", can_wait=True)
    assert os.listdir(tmp_path) == ["small"]


def test_what_was_written_before_a_block_failed_is_there(tmp_path):
    with pytest.raises(ZeroDivisionError), atomic.writing_behind():
        atomic.write_text(tmp_path / "x", "1", can_wait=True)
        raise ZeroDivisionError
    assert os.listdir(tmp_path) == ["x"]
    atomic.write_text(tmp_path / "y", "1")
    assert (tmp_path / "y").exists()


def test_files_that_are_written_behind_follow_the_umask_too(tmp_path):
    old = os.umask(0o027)
    try:
        with atomic.writing_behind():
            for number in range(50):
                atomic.write_text(tmp_path / f"{number}", "", can_wait=True)
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(old)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o640}
