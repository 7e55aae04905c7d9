import errno
import os

import numpy as np
import pytest

from graphcore.features.arrays import checksum, close_array, make_array, name_aside, remove_abandoned


def test_array_is_a_file_that_numpy_reads(tmp_path):
    array = make_array(tmp_path / "a.npy", np.float32, (2, 3))
    array[:] = [[1, 2, 3], [4, 5, 6]]
    close_array(array, tmp_path / "a.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), [[1, 2, 3], [4, 5, 6]])


def test_array_without_rows_is_a_file_too(tmp_path):
    make_array(tmp_path / "a.npy", np.int32, (0, 3))
    assert np.load(tmp_path / "a.npy").shape == (0, 3)


def test_full_disk_is_told_before_the_first_row(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse, raising=False)
    with pytest.raises(OSError, match="No space left on device"):
        make_array(tmp_path / "a.npy", np.float32, (2, 3))


def test_checksum_is_crc32c(tmp_path):
    (tmp_path / "a").write_bytes(b"123456789")
    assert checksum(tmp_path / "a") == 0xE3069283  # the check value of CRC-32C, RFC 3720


def test_only_what_a_dead_process_of_this_machine_left_is_abandoned(tmp_path):
    path = tmp_path / "a.npy"
    mine = name_aside(path)
    dead = mine.with_name(mine.name.replace(f".{os.getpid()}.", ".99999999."))
    others = [mine, tmp_path / ".a.npy.elsewhere.99999999.tmp", mine.with_name(mine.name.replace("a.npy", "b.npy"))]
    for each in (dead, *others):
        each.write_bytes(b"")
    remove_abandoned(path)
    assert sorted(tmp_path.iterdir()) == sorted(others)
