import errno
import hashlib
import os

import pytest

from tfrecords.errors import RecordsError
from tfrecords.files import (
    explaining_full_disk,
    hash_file,
    is_file_name,
    is_full_disk,
    open_atomically,
    read_json,
    read_part,
    read_whole,
    remove_files,
    sync_file,
    write_bytes,
    write_json,
)


@pytest.mark.parametrize("said", [0, 4, 9, 10, 11, 5000])
def test_a_file_is_read_whole_whatever_its_size_was_said_to_be(tmp_path, said):
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    assert read_whole(str(path), said) == b"0123456789"


@pytest.mark.parametrize(("offset", "size", "expected"), [(0, 3, b"012"), (7, 2, b"78"), (7, 9, b"789"), (10, 1, b"")])
def test_a_part_of_a_file(tmp_path, offset, size, expected):
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    assert read_part(str(path), offset, size) == expected


def test_a_file_has_no_name_before_its_block_ends(tmp_path):
    path = tmp_path / "file"
    with open_atomically(path) as file:
        file.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"


def test_an_error_leaves_the_older_file_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    write_bytes(path, b"older")
    with pytest.raises(ZeroDivisionError), open_atomically(path) as file:
        file.write(b"newer")
        _ = 1 / 0
    assert path.read_bytes() == b"older"
    assert os.listdir(tmp_path) == ["file"]


def test_a_file_is_as_readable_as_any_other(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    write_bytes(tmp_path / "ours", b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_hash_file_is_sha256_of_all_pieces(tmp_path):
    data = bytes(range(256)) * 10_000
    write_bytes(tmp_path / "file", data)
    assert hash_file(tmp_path / "file") == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(("number", "full"), [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EACCES, False)])
def test_is_full_disk(number, full):
    assert is_full_disk(OSError(number, "")) is full


def test_json_comes_back(tmp_path):
    write_json(tmp_path / "file", {"name": "caf\udce9", "values": [1, None]})
    assert read_json(tmp_path / "file") == {"name": "caf\udce9", "values": [1, None]}


def test_json_that_is_missing_or_damaged_is_none(tmp_path):
    (tmp_path / "file").write_text("{")
    assert read_json(tmp_path / "file") is None
    assert read_json(tmp_path / "nowhere") is None


def test_only_files_that_match_are_removed(tmp_path):
    for name in ("a.json", "b.txt"):
        (tmp_path / name).write_text("")
    remove_files(tmp_path, "*.json")
    remove_files(tmp_path / "nowhere", "*")
    assert os.listdir(tmp_path) == ["b.txt"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("splits.json", True), ("a b-ü", True), ("", False), (".", False), ("..", False), (".tmp", False), ("a/b", False),
     ("a\\b", False), ("a\0b", False)],
)  # fmt: skip
def test_is_file_name(name, expected):
    assert is_file_name(name) is expected


def test_a_file_is_made_durable_and_stays_as_it_is(tmp_path):
    (tmp_path / "file").write_bytes(b"whole")
    sync_file(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == b"whole"


def test_a_full_disk_is_put_into_words(tmp_path):
    match = f"no space left on the disk of {tmp_path} while reading a; make room and convert again"
    with pytest.raises(RecordsError, match=match), explaining_full_disk(tmp_path, "while reading a"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_other_errors_are_left_as_they_are(tmp_path):
    with pytest.raises(PermissionError), explaining_full_disk(tmp_path, "while reading a"):
        raise PermissionError(errno.EACCES, "no")


@pytest.mark.parametrize("durable", [True, False])
def test_only_what_is_to_be_durable_waits_for_the_disk(tmp_path, monkeypatch, durable):
    synced = []
    monkeypatch.setattr(os, "fsync", synced.append)
    write_bytes(tmp_path / "a", b"A", durable=durable)
    assert ((tmp_path / "a").read_bytes(), bool(synced)) == (b"A", durable)
