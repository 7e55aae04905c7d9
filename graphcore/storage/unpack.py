"""Archives from strangers: unpacked aside and renamed, so that a folder is whole or not there.

A member may be a regular file under its archive's own folder, and nothing else: no absolute path, no "..", no link,
no device. What is written is counted as it is written, not as the archive claims.
"""

from __future__ import annotations

import os
import shutil
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from gzip import BadGzipFile
from lzma import LZMAError
from pathlib import Path, PurePosixPath
from typing import IO, Any

from graphcore.errors import CheckpointError

MAX_MEMBERS = 10_000
_TOO_LARGE = "it unpacks to far more than its size lets expect"
_PIECE_BYTES = 2**20
_DAMAGED = (
    *(tarfile.TarError, zipfile.BadZipFile, BadGzipFile, zlib.error, LZMAError),
    *(EOFError, NotImplementedError, RuntimeError),  # the last two: a zip with a method or password unknown here
)


def unpack(
    archive: Path,
    folder: Path,
    max_bytes: int,
    is_wanted: Callable[[str], bool] = lambda name: True,
    finish: Callable[[Path], None] = lambda folder: None,
) -> None:
    """Unpacks a .tar (also compressed) or a .zip.

    Args:
        archive: the file.
        folder: what it becomes; made in one step, and must not be there yet.
        max_bytes: how much may be written.
        is_wanted: which members, by their name, are taken; all the others are looked at all the same.
        finish: called with the folder before it gets its name, to add to it or to refuse it.

    Raises:
        CheckpointError: the archive is damaged, or holds what it must not.
        OSError: the disk is full or the folder cannot be written to.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}.", suffix=".tmp"))
    try:
        _write_members(archive, aside, max_bytes, is_wanted)
        finish(aside)
        os.chmod(aside, 0o777 & ~_umask())
        os.rename(aside, folder)
    except _DAMAGED as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0].rstrip(":")
        raise _refuse(archive, f"it is damaged ({reason})") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def plan_member(name: str) -> PurePosixPath | None:
    """Where a member belongs, relative to the folder; None where that would be outside.

    Backslashes and colons are refused too: elsewhere they are separators.
    """
    path = PurePosixPath(name)
    parts = [part for part in path.parts if part != "."]
    if path.is_absolute() or ".." in parts or not parts or any(sign in name for sign in ("\\", ":", "\0")):
        return None
    return PurePosixPath(*parts)


def _write_members(archive: Path, folder: Path, max_bytes: int, is_wanted: Callable[[str], bool]) -> None:
    left = claimed = max_bytes
    for count, (name, kind, size, open_member) in enumerate(_iterate(archive), start=1):
        if count > MAX_MEMBERS:
            raise _refuse(archive, f"it has more than {MAX_MEMBERS:,} members")
        claimed -= size  # those that are not wanted must be read too, to be passed over
        if claimed < 0:
            raise _refuse(archive, _TOO_LARGE)
        if kind == "folder" and PurePosixPath(name) == PurePosixPath("."):
            continue
        place = plan_member(name)
        if place is None:
            raise _refuse(archive, f"its member {name!r} would lie outside the folder")
        if kind == "other":
            raise _refuse(archive, f"its member {name!r} is a link or a device")
        if kind == "file" and is_wanted(str(place)):
            with closing(open_member()) as source:
                left -= _write(archive, source, folder / place, left)


def _write(archive: Path, source: IO[bytes], path: Path, most: int) -> int:
    written = 0
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "xb") as file:
            while piece := source.read(_PIECE_BYTES):
                written += len(piece)
                if written > most:
                    raise _refuse(archive, _TOO_LARGE)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
    except (FileExistsError, NotADirectoryError) as error:
        raise _refuse(archive, f"its member {path.name!r} comes twice") from error
    return written


def _iterate(archive: Path) -> Iterator[tuple[str, str, int, Callable[[], Any]]]:
    """(name, "file", "folder" or "other", bytes, how to open it) for each member, in the archive's order."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                mode = stat.S_IFMT(info.external_attr >> 16)
                plain = mode in (0, stat.S_IFREG)
                kind = "folder" if info.is_dir() else "file" if plain else "other"
                yield info.orig_filename, kind, info.file_size, lambda info=info: opened.open(info)
        return
    with tarfile.open(archive, "r:*") as opened:
        for member in opened:
            # A sparse file is a regular one whose size is what its header claims.
            kind = "folder" if member.isdir() else "file" if member.isreg() and not member.issparse() else "other"
            yield member.name, kind, member.size, lambda member=member: opened.extractfile(member)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _refuse(archive: Path, why: str) -> CheckpointError:
    return CheckpointError(
        f"The archive {archive} is refused: {why}.", next_step="Remove it and fetch it again from where you trust it."
    )
