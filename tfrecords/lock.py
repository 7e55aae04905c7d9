"""One conversion at a time in a folder of records: a lock that the system lets go of when its holder is killed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # pragma: no cover (Windows has no flock; two conversions at once are then not noticed)
    fcntl = None


@contextmanager
def hold_lock(path: Path) -> Iterator[None]:
    """Holds the lock of a file, made with its folder when missing, for the length of the block.

    The holder may remove the file: whoever opened it before then takes the lock of the next one.

    Raises:
      BlockingIOError: Somebody else holds it.
    """
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "ab") as file:
            if fcntl is not None:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not _is_file_at(file, path):
                    continue
            yield
            return


def _is_file_at(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False
