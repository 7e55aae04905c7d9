"""File habits of the writers here: nothing appears under its name before all its bytes are on disk."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from tfrecords.errors import RecordsError

# An unfinished file is a hidden one of this form.
UNFINISHED = ".*.tmp"

_BUFFER_BYTES, _PIECE_BYTES = 1 << 16, 1 << 18
_READ = os.O_RDONLY | getattr(os, "O_BINARY", 0)
_FULL_DISK = {errno.ENOSPC, errno.EDQUOT}
_FILE_NAME = re.compile(r"[^./\\\0][^/\\\0]*")


@contextmanager
def open_atomically(path: Path, durable: bool = True) -> Iterator[BinaryIO]:
    """Opens a file that takes its name, or an older file's place, when the block ends without an error.

    Args:
      path: The file.
      durable: Wait until all of it is on disk. Without, a power failure may leave it damaged: for what has a checksum
        and can be made again.
    """
    # Not tempfile: its files are readable by their owner alone, and would stay so under the final name.
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        with open(temporary, "wb", buffering=_BUFFER_BYTES) as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def write_bytes(path: Path, data: bytes, durable: bool = True) -> None:
    """Writes a whole file atomically; see `open_atomically`."""
    with open_atomically(path, durable) as file:
        file.write(data)


def read_whole(path: str, size_bytes: int) -> bytes:
    """Returns a file's bytes; in three calls of the system, not eight, where it is as large as it was said to be."""
    descriptor = os.open(path, _READ)
    try:
        data = os.read(descriptor, size_bytes + 1)
        if len(data) == size_bytes:
            return data
        pieces = [data]
        while piece := os.read(descriptor, _PIECE_BYTES):
            pieces.append(piece)
        return b"".join(pieces)
    finally:
        os.close(descriptor)


def read_part(path: str, offset: int, size_bytes: int) -> bytes:
    """Returns the bytes of a file from `offset` on; fewer where it ends before."""
    descriptor = os.open(path, _READ)
    try:
        if offset:
            os.lseek(descriptor, offset, os.SEEK_SET)
        return os.read(descriptor, size_bytes)
    finally:
        os.close(descriptor)


def read_json(path: Path) -> Any:
    """Returns a file's JSON value; None when it is missing or damaged: what it stood for is done again."""
    try:
        return json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def write_json(path: Path, value: Any, durable: bool = True) -> None:
    """Writes a JSON value atomically; see `open_atomically`. `read_json` takes a damaged one for none."""
    write_bytes(path, json.dumps(value).encode(), durable)


def remove_files(folder: Path, pattern: str) -> None:
    """Removes the files of a folder whose names match; none where there is no folder."""
    for path in folder.glob(pattern):
        path.unlink(missing_ok=True)


def is_file_name(name: str) -> bool:
    """Says whether a name stays in its folder and is not hidden."""
    return _FILE_NAME.fullmatch(name) is not None


def sync_file(path: Path) -> None:
    """Makes the bytes of a file that somebody else wrote durable."""
    with open(path, "rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Makes renames and removals in a folder durable, where the system lets folders be opened."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # pragma: no cover (Windows)
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def hash_file(path: Path) -> str:
    """Returns the SHA-256 of a file as hex, reading it in pieces."""
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
    return digest.hexdigest()


@contextmanager
def explaining_full_disk(folder: Path, moment: str) -> Iterator[None]:
    """Puts a full disk into words that end with what to do.

    Args:
      folder: The folder of records.
      moment: What was being done, such as "while reading a.mp4".

    Raises:
      RecordsError: The disk is full.
    """
    try:
        yield
    except OSError as error:
        if not is_full_disk(error):
            raise
        raise RecordsError(
            f"no space left on the disk of {folder} {moment}; make room and convert again, it goes on where it stopped"
        ) from error


def is_full_disk(error: OSError) -> bool:
    """Says whether an error means that the disk, or the user's share of it, is full."""
    return error.errno in _FULL_DISK
