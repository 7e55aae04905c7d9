"""Arrays that are files: space taken before the first row, on the disk after the last, checked when read."""

from __future__ import annotations

import errno
import glob
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np

_CHECK_BYTES = 8 * 2**20


def make_array(path: Path, dtype: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Makes an .npy file and maps it for writing.

    Raises:
        OSError: the disk has no room for it.
    """
    if 0 not in shape:
        array = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
        _reserve(path)
        return array
    # An empty file cannot be mapped.
    empty = np.empty(shape, dtype)
    with open(path, "wb") as file:
        np.save(file, empty, allow_pickle=False)
    return empty


def close_array(array: np.ndarray, path: Path) -> None:
    """Brings what was written to an array of `make_array` to the disk."""
    if isinstance(array, np.memmap):
        array.flush()
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def name_aside(path: Path) -> Path:
    """Where a file is made that will become `path`: a name of this process alone."""
    return path.with_name(f".{path.name}.{socket.gethostname()}.{os.getpid()}.tmp")


def remove_abandoned(path: Path) -> None:
    """Removes what a process of this machine that is no more has left aside for `path`, space reserved and all."""
    prefix = f".{path.name}.{socket.gethostname()}."
    for left in path.parent.glob(f"{glob.escape(prefix)}*.tmp"):
        number = left.name.removeprefix(prefix).removesuffix(".tmp")
        if number.isdecimal() and not _is_alive(int(number)):
            with suppress(FileNotFoundError):  # another process has seen it too
                left.unlink()


def checksum(path: Path) -> int:
    """CRC32C of a file."""
    found = google_crc32c.Checksum()
    with open(path, "rb") as file:
        while block := file.read(_CHECK_BYTES):
            found.update(block)
    return int.from_bytes(found.digest(), "big")


def _is_alive(pid: int) -> bool:
    if os.name != "posix":  # elsewhere signal 0 is no mere question
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True


def _reserve(path: Path) -> None:
    """Takes the disk space of a mapped file now: when a page of it finds the disk full, the process is killed
    (SIGBUS) without a word.
    """
    if not hasattr(os, "posix_fallocate"):
        return
    with open(path, "r+b") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
        except OSError as error:
            # Some file systems cannot reserve; that is no reason not to try.
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise OSError(error.errno, error.strerror, str(path.parent)) from error
