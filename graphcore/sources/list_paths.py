"""Where the paths of a list lead: always below one folder, or nowhere."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Sequence
from pathlib import Path

from graphcore.storage import is_remote

_ELSEWHERE = re.compile(r"[A-Za-z]:|[A-Za-z][A-Za-z0-9+.-]*://")


def find_prefixes(folder: Path) -> list[str]:
    """How whole paths and addresses of files in a folder may begin."""
    whole = [str(folder)] if is_remote(folder) else [os.path.abspath(folder), os.path.realpath(folder)]
    return [text.rstrip("/") + "/" for text in whole]


def place_path(path: str, prefixes: Sequence[str]) -> str:
    """A path as it is below the folder, with / between its parts; "" when it leaves the folder. Pure.

    Args:
        path: as somebody wrote it, on whatever system.
        prefixes: of the folder, see `find_prefixes`.
    """
    path = path.replace("\\", "/")
    prefix = next((prefix for prefix in prefixes if path.startswith(prefix)), "")
    path = path[len(prefix) :]
    if _ELSEWHERE.match(path) or "\0" in path:
        return ""
    plain = posixpath.normpath(path)
    return "" if plain in (".", "..") or plain.startswith(("/", "../")) else plain
