"""Files of a folder in an object store, by one listing of everything below it.

There are no links, pipes or second names there; what tells one state of a file from another is its stamp, see
`graphcore.storage.files`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphcore import storage
from graphcore.sources.item import InputFile, Start


def find_remote_files(folder: Any, prefix: str, recursive: bool) -> Iterator[InputFile]:
    """Gives the files below a folder in order of their names, hidden ones left out.

    Args:
        folder: a path of universal_pathlib.
        prefix: put before each name, with a slash.
        recursive: whether to look into sub-folders.

    Raises:
        DatasetError: the store is out of reach, or does not know us.
    """
    with storage.explaining(folder):
        found = _open(folder).find(folder.path, maxdepth=None if recursive else 1, detail=True)
    start = Start.after(prefix, folder)
    files = ((_split(name, folder.path), info) for name, info in found.items() if not name.endswith("/"))
    for parts, info in sorted(files, key=lambda file: file[0]):
        if not any(part.startswith(".") for part in parts):
            name = "/".join([prefix, *parts] if prefix else parts)
            yield InputFile(name, start, *storage.read_stamp(info))


def find_remote_folders(folder: Any) -> list[str]:
    """Names of the folders directly in a folder, in order, hidden ones left out.

    Raises:
        OSError: there is no such folder.
        DatasetError: the store is out of reach, or does not know us.
    """
    with storage.explaining(folder):
        entries = _open(folder).ls(folder.path, detail=True)
    names = {_split(entry["name"], folder.path)[-1] for entry in entries if entry["type"] == "directory"}
    return sorted(name for name in names if name and not name.startswith("."))


def _open(folder: Any) -> Any:
    folder.fs.invalidate_cache(folder.path)  # what was listed before may be another now
    return folder.fs


def _split(name: str, root: str) -> list[str]:
    """The parts of a file's name below a folder; some stores begin names with a slash, some do not."""
    return name.strip("/")[len(root.strip("/")) :].lstrip("/").split("/")
