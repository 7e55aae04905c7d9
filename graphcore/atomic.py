"""Files that are either wholly there or not there at all: temporary file, fsync, rename."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar
from pathlib import Path
from typing import Any

# Waiting for the disk at once: a file system writes what several wait for together.
_WRITERS = 4
# What takes a file that is to be written while its thread goes on; see `writing_behind`.
_behind: ContextVar[Callable[[Path, Callable[[], None]], None] | None] = ContextVar("_behind", default=None)


def write_bytes(path: Path, data: bytes, can_wait: bool = False) -> None:
    """Writes `data` to `path`, replacing it in one step; parent folders are made.

    Args:
        path: the file.
        data: what it is to hold.
        can_wait: whether it is early enough at the end of the block, where `writing_behind` runs one.

    Raises:
        OSError: the disk is full or the folder is read-only; the old file, if any, is intact.
    """
    # The mask is the process's: only the thread that asks for the file may touch it.
    write = functools.partial(_write, path, data, 0o666 & ~_umask())
    behind = _behind.get()
    if behind is None or not can_wait:
        write()
    else:
        behind(path, write)


@contextlib.contextmanager
def writing_behind() -> Iterator[None]:
    """What can wait takes its name by the end of the block, which goes on while the disk works.

    For files that nobody reads in the block. Those that a training ends with were written one after the other, and each
    waited for the disk: 20 ms in a job of 250. Each is still wholly there or not there at all, also where the block
    fails. What other threads write in the meantime is written as ever.

    Raises:
        OSError: a file could not be written; see `write_bytes`.
    """
    with ThreadPoolExecutor(_WRITERS) as pool:
        files: dict[Path, Future[None]] = {}

        def submit(path: Path, write: Callable[[], None]) -> None:
            if path in files:
                wait([files[path]])  # the later one is to stay, and says whether it could be written
            files[path] = pool.submit(write)

        token = _behind.set(submit)
        try:
            yield
        finally:
            _behind.reset(token)
        for file in files.values():
            file.result()


def _write(path: Path, data: bytes, mode: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    except OSError as error:
        error.filename = str(path)  # nobody asked for the temporary one
        raise
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes private files; what we publish follows the umask like any other file.
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException as error:
        os.unlink(temporary)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # writing to a full disk fails without saying where
        raise


def write_text(path: Path, text: str, can_wait: bool = False) -> None:
    """Writes `text` as UTF-8; see `write_bytes`."""
    write_bytes(path, text.encode("utf-8"), can_wait)


def write_json(path: Path, value: Any) -> None:
    """Writes `value` as indented JSON with a final newline; see `write_bytes`."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def _umask() -> int:
    # POSIX has no call that only reads the mask.
    mask = os.umask(0)
    os.umask(mask)
    return mask
