"""A file from a web server: fetched whole or not at all, gone on with where it stopped, and checked.

Until it is whole it is `NAME.part`; beside it `NAME.part.json` says of which state of the file its bytes are.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from graphcore import atomic, console
from graphcore.errors import CheckpointError
from graphcore.storage.cache import CACHE_VARIABLE, OFFLINE_VARIABLE, is_offline
from graphcore.storage.web import BROKEN, Answer, describe_failure, is_final, request

# Waits between attempts, in seconds. An attempt that brought bytes begins the row anew.
WAITS_SECS = (0.5, 2.0, 5.0)
# Of a file whose size nobody knows: several times the largest archive of the catalogue (vgg_19, 0.5 GB).
MOST_BYTES = 4 * 2**30
_PIECE_BYTES = 2**18
_MIB = 2**20


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch, and what is known of it.

    Attributes:
        url: where it lies.
        size_bytes: None where that is not known.
        sha256: in hex; None where that is not known.
    """

    url: str
    size_bytes: int | None = None
    sha256: str | None = None


def download(remote: RemoteFile, path: Path) -> None:
    """Fetches a file, unless it lies there already; what an earlier attempt left is gone on with.

    Only one process at a time may call it for one `path`: see `cache.locked`.

    Args:
        remote: what to fetch. The server is not asked for anything when `path` is there.
        path: where to put it.

    Raises:
        CheckpointError: it cannot be had, or is not what was expected; the message says how to fetch it by hand.
    """
    if not path.exists():
        if is_offline():
            raise _failure(remote, path, f"{OFFLINE_VARIABLE} is set, so nothing is fetched")
        part = _Part(path)
        try:
            with console.progress(f"Fetching {path.name}", _in_mib(remote.size_bytes), "MiB") as advance:
                _fetch(remote, part, path, _get_mover(advance))
            part.publish(path)
        except OSError as error:  # of the disk: those of the line have become words
            raise _failure(remote, path, f"{error.filename or path} cannot be written: {error.strerror}") from error
    _check(remote, path)


def digest_file(path: Path) -> str:
    """SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(_MIB):
            digest.update(piece)
    return digest.hexdigest()


class _Part:
    """What has come so far."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(f"{path.name}.part")
        self._note = path.with_name(f"{path.name}.part.json")

    def size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def plan_resume(self, url: str) -> tuple[int, str]:
        """(bytes to go on from, their validator); without one nobody can tell whether the rest would fit."""
        try:
            note: dict[str, Any] = json.loads(self._note.read_text("utf-8"))
            start = self.size() if note["url"] == url and note["validator"] else 0
            return start, note["validator"] if start else ""
        except (OSError, ValueError, KeyError, TypeError):
            return 0, ""

    def begin(self, url: str, answer: Answer) -> None:
        """Prepares for an answer that goes on from, or replaces, what is there."""
        if not answer.start:
            self.discard()
            self.path.parent.mkdir(parents=True, exist_ok=True)
        atomic.write_json(self._note, {"url": url, "validator": answer.validator, "size_bytes": answer.size})

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)

    def publish(self, path: Path) -> None:
        with open(self.path, "rb") as file:
            os.fsync(file.fileno())
        os.replace(self.path, path)
        self._note.unlink(missing_ok=True)


def _get_mover(advance: Callable[[float], None]) -> Callable[[int], None]:
    """A function of the position in bytes; an attempt may begin before the place where the last one broke."""
    furthest = 0

    def move(position: int) -> None:
        nonlocal furthest
        if position > furthest:
            advance((position - furthest) / _MIB)
            furthest = position

    return move


def _fetch(remote: RemoteFile, part: _Part, path: Path, move: Callable[[int], None]) -> None:
    """Attempts until the file is whole."""
    failures = 0
    while True:
        before = part.size()
        try:
            _attempt(remote, part, path, move)
            return
        except BROKEN as error:
            if isinstance(error, OSError) and error.filename and error.errno:
                raise  # the disk, not the line
            if getattr(error, "code", None) == 416:
                part.discard()
            failures = 0 if part.size() > before else failures + 1
            if is_final(error) or failures > len(WAITS_SECS):
                raise _failure(remote, path, describe_failure(error)) from error
            time.sleep(WAITS_SECS[max(failures, 1) - 1])


def _attempt(remote: RemoteFile, part: _Part, path: Path, move: Callable[[int], None]) -> None:
    start, validator = part.plan_resume(remote.url)
    with request(remote.url, start, validator) as answer:
        if answer.start not in (0, start):
            part.discard()
            raise OSError(f"asked for the bytes from {start}, the server sent those from {answer.start}")
        _require_size(remote, path, answer.size)
        part.begin(remote.url, answer)
        most = MOST_BYTES if remote.size_bytes is None else remote.size_bytes
        with open(part.path, "ab") as file:
            while piece := answer.body.read(_PIECE_BYTES):
                _append(file, piece)
                move(file.tell())
                if file.tell() > most:
                    raise _failure(remote, path, f"the server sends more than {most:,} bytes")
    if answer.size is not None and part.size() != answer.size:
        raise OSError(f"the line broke after {part.size():,} of {answer.size:,} bytes")


def _append(file: IO[bytes], piece: bytes) -> None:
    try:
        file.write(piece)
        file.flush()
    except OSError as error:
        error.filename = error.filename or file.name  # so that it is not taken for one of the line
        raise


def _require_size(remote: RemoteFile, path: Path, size: int | None) -> None:
    if remote.size_bytes is not None and size is not None and size != remote.size_bytes:
        raise _failure(remote, path, f"it has {size:,} bytes there, and {remote.size_bytes:,} were expected")


def _check(remote: RemoteFile, path: Path) -> None:
    found = digest_file(path)
    if remote.sha256 is None or found == remote.sha256:
        return
    # Kept under another name: whoever put it there by hand may want to see what it is.
    aside = path.with_name(f"{path.name}.wrong")
    os.replace(path, aside)
    raise _failure(remote, path, f"its SHA-256 is {found}, and {remote.sha256} was expected (it is now {aside})")


def _failure(remote: RemoteFile, path: Path, why: str) -> CheckpointError:
    return CheckpointError(
        f"{remote.url} cannot be had: {why}.",
        next_step=f"Fetch it by hand and put it at {path}, or run the command again where there is a connection; "
        f"${CACHE_VARIABLE} names another cache folder.",
    )


def _in_mib(size_bytes: int | None) -> float | None:
    return size_bytes / _MIB if size_bytes is not None else None
