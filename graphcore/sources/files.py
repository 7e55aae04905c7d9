"""Finds the files of a folder without ever hanging, looping or counting one file twice.

A folder that people filled by hand holds loops of links, pipes, broken links and files nobody may read: each
is named and left out, and the rest goes on.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from graphcore.sources.item import InputFile, Rejected


@dataclass
class Listing:
    """Regular files in order of their names, and what was left out."""

    files: list[InputFile] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def list_files(folder: Path, prefix: str, recursive: bool = True) -> Listing:
    """Lists the regular files under a folder; hidden files and folders are passed over.

    Links are followed. A file that has several names in the folder (hard links, links, a disk that ignores
    case) is taken under the first of them and otherwise named among the rejected.

    Args:
        folder: where to look.
        prefix: put before each name, with a slash.
        recursive: whether to look into sub-folders.
    """
    listing = Listing()
    seen: dict[tuple[int, int], str] = {}
    for name, path, result in _walk(folder, prefix, recursive, _find_ancestors(folder)):
        if isinstance(result, str):
            listing.rejected.append(Rejected(printable(name), result))
            continue
        problem = _refuse(name, result)
        first = seen.setdefault((result.st_dev, result.st_ino), name)
        if problem is None and result.st_ino and first != name:
            problem = f"the same file as {first}"
        if problem is not None:
            listing.rejected.append(Rejected(printable(name), problem))
        else:
            listing.files.append(InputFile(name, path, result.st_size, result.st_mtime_ns, result.st_ctime_ns))
    return listing


def printable(name: str) -> str:
    """A name that any file can hold: bytes that are no UTF-8 are shown as backslash escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def explain_os_error(error: OSError) -> str:
    """Why a file could not be read, in a few words."""
    return f"cannot be read: {error.strerror or type(error).__name__}"


def _find_ancestors(folder: Path) -> tuple[tuple[int, int], ...]:
    """The folders above one: a link from within to any of them would bring in what is not its own."""
    states = [os.stat(parent) for parent in folder.resolve().parents]
    return tuple((state.st_dev, state.st_ino) for state in states)


def _walk(
    folder: Path, prefix: str, recursive: bool, above: tuple[tuple[int, int], ...]
) -> Iterator[tuple[str, Path, os.stat_result | str]]:
    """Gives each file's name, path and either its state or why it is left out."""
    try:
        state = os.stat(folder)
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield prefix, folder, explain_os_error(error)
        return
    above = (*above, (state.st_dev, state.st_ino))
    for entry in entries:
        if entry.name.startswith("."):
            continue
        name = f"{prefix}/{entry.name}" if prefix else entry.name
        path = folder / entry.name
        try:
            state = entry.stat()
        except OSError as error:
            broken = entry.is_symlink()
            yield (
                name,
                path,
                f"a link that leads nowhere ({error.strerror})" if broken else explain_os_error(error),
            )
            continue
        if not stat.S_ISDIR(state.st_mode):
            yield name, path, state
        elif recursive and (state.st_dev, state.st_ino) in above:
            yield name, path, "a link back to a folder above it"
        elif recursive:
            yield from _walk(path, name, recursive, above)


def _refuse(name: str, state: os.stat_result) -> str | None:
    if not stat.S_ISREG(state.st_mode):
        return "not a regular file"  # opening a pipe would wait for ever
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "its name is not valid UTF-8"
    return None
