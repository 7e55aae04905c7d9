"""Finds the files of a folder without ever hanging, looping or counting one file twice.

A folder that people filled by hand holds loops of links, pipes, broken links and files nobody may read: each
is named and left out, and the rest goes on. A folder may also lie in an object store, see `remote_files`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graphcore.sources.include import ALL, compile_patterns
from graphcore.sources.item import InputFile, Rejected, Start
from graphcore.sources.remote_files import find_remote_files, find_remote_folders
from graphcore.storage import is_remote

_MISSING = "does not exist"


@dataclass
class Listing:
    """Regular files in order of their names, and what was left out.

    Attributes:
        files: what was asked for.
        rejected: what can be no input, and why.
        passed_over: name of the first file that no pattern fits; empty when all fit.
    """

    files: list[InputFile] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    passed_over: str = ""


def list_files(folder: Path, prefix: str, recursive: bool = True, include: Sequence[str] = ALL) -> Listing:
    """Lists the regular files under a folder; hidden files and folders are passed over.

    Links are followed. A file that has several names in the folder (hard links, links, a disk that ignores
    case) is taken under the first of them and otherwise named among the rejected.

    Args:
        folder: where to look; a path of universal_pathlib for one in an object store.
        prefix: put before each name, with a slash.
        recursive: whether to look into sub-folders.
        include: patterns of file names such as "*.jpg"; case does not matter. Other files are passed over.
    """
    if is_remote(folder):
        found = ((file.name, file) for file in find_remote_files(folder, prefix, recursive))
    else:
        found = _find_local_files(folder, prefix, recursive)
    listing = Listing()
    is_included = compile_patterns(include)
    for name, result in found:
        if not is_included(name):
            listing.passed_over = listing.passed_over or printable(name)
        elif isinstance(result, str):
            listing.rejected.append(Rejected(printable(name), result))
        else:
            listing.files.append(result)
    return listing


def list_folders(folder: Path) -> list[str]:
    """Names of the folders directly in a folder, in order; hidden ones are passed over.

    Raises:
        OSError: the folder cannot be read.
    """
    if is_remote(folder):
        return find_remote_folders(folder)
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir())


def look_up(folder: Path, names: Iterable[str]) -> Listing:
    """Finds files that somebody listed, in the order they are listed; hidden ones too.

    Args:
        folder: where the names start.
        names: POSIX paths below it.
    """
    listing = Listing()
    start = Start(folder)
    remote = {file.name: file for file in find_remote_files(folder, "", True)} if is_remote(folder) else None
    for name in names:
        result = _look_at(start, name) if remote is None else remote.get(name, _MISSING)
        if isinstance(result, str):
            listing.rejected.append(Rejected(printable(name), result))
        else:
            listing.files.append(result)
    return listing


def printable(name: str) -> str:
    """A name that any file can hold: bytes that are no UTF-8 are shown as backslash escapes."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def explain_os_error(error: OSError) -> str:
    """Why a file could not be read, in a few words."""
    if error.strerror is None and isinstance(error, FileNotFoundError):  # a store's
        return "does not exist"
    return f"cannot be read: {error.strerror or type(error).__name__}"


def _find_ancestors(folder: Path) -> tuple[tuple[int, int], ...]:
    """The folders above one: a link from within to any of them would bring in what is not its own."""
    states = [os.stat(parent) for parent in folder.resolve().parents]
    return tuple((state.st_dev, state.st_ino) for state in states)


def _find_local_files(folder: Path, prefix: str, recursive: bool) -> Iterator[tuple[str, InputFile | str]]:
    """Gives each file's name, and the file or why it is left out."""
    seen: dict[int, dict[int, str]] = {}
    start = Start.after(prefix, folder)
    for name, result in _walk(folder, prefix, recursive, _find_ancestors(folder)):
        if isinstance(result, str):
            yield name, result
            continue
        problem = _refuse(name, result)
        first = seen.setdefault(result.st_dev, {}).setdefault(result.st_ino, name)
        if problem is None and result.st_ino and first != name:
            problem = f"the same file as {first}"
        yield name, problem or _describe(name, start, result)


def _look_at(start: Start, name: str) -> InputFile | str:
    path = start.locate(name)
    try:
        state = os.stat(path)
    except FileNotFoundError:
        return "a link that leads nowhere" if os.path.islink(path) else _MISSING
    except OSError as error:
        return explain_os_error(error)
    return _refuse(name, state) or _describe(name, start, state)


def _describe(name: str, start: Start, state: os.stat_result) -> InputFile:
    return InputFile(name, start, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


def _walk(
    folder: Path, prefix: str, recursive: bool, above: tuple[tuple[int, int], ...]
) -> Iterator[tuple[str, os.stat_result | str]]:
    """Gives each file's name and either its state or why it is left out."""
    try:
        state = os.stat(folder)
        # Names alone: entries would keep all the states they are asked for, half a kilobyte each.
        found = sorted(own for own in os.listdir(folder) if not own.startswith("."))
    except OSError as error:
        yield prefix, explain_os_error(error)
        return
    above = (*above, (state.st_dev, state.st_ino))
    # A `join` for each file would take as long as to ask for its state.
    before, inside = f"{prefix}/" if prefix else "", os.path.join(folder, "")
    for own in found:
        name, path = before + own, inside + own
        try:
            state = os.stat(path)
        except OSError as error:
            broken = os.path.islink(path)
            yield name, f"a link that leads nowhere ({error.strerror})" if broken else explain_os_error(error)
            continue
        if not stat.S_ISDIR(state.st_mode):
            yield name, state
        elif recursive and (state.st_dev, state.st_ino) in above:
            yield name, "a link back to a folder above it"
        elif recursive:
            yield from _walk(folder / own, name, recursive, above)


def _refuse(name: str, state: os.stat_result) -> str | None:
    if not stat.S_ISREG(state.st_mode):
        return "not a regular file"  # opening a pipe would wait for ever
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return "its name is not valid UTF-8"
    return None
