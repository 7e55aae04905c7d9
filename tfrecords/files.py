"""File habits of the writers here: nothing appears under its name before all its bytes are on disk."""

from __future__ import annotations

import errno
import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

# An unfinished file is a hidden one of this form.
UNFINISHED = ".*.tmp"

_PIECE_BYTES = 1 << 20
_FULL_DISK = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def open_atomically(path: Path) -> Iterator[BinaryIO]:
    """Opens a file that takes its name, or an older file's place, when the block ends without an error."""
    # Not tempfile: its files are readable by their owner alone, and would stay so under the final name.
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        with open(temporary, "wb", buffering=_PIECE_BYTES) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_bytes(path: Path, data: bytes) -> None:
    """Writes a whole file atomically."""
    with open_atomically(path) as file:
        file.write(data)


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


def is_full_disk(error: OSError) -> bool:
    """Says whether an error means that the disk, or the user's share of it, is full."""
    return error.errno in _FULL_DISK
