import errno
import hashlib
import os

import pytest

from tfrecords.files import hash_file, is_full_disk, open_atomically, write_bytes


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
