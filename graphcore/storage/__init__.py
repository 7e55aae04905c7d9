"""Inputs and records at remote addresses: `s3://`, `gs://` and, within one process, `memory://`.

A remote path is one of universal_pathlib and has the methods of `pathlib.Path`. Records are worked on in a copy on
this machine, their `Mirror`, and travel as a whole. Mirrors load when they are used: they write records, and every
command's `--help` would wait for NumPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphcore.storage.address import PROTOCOLS, is_remote, to_path
from graphcore.storage.files import Stamp, describe, open_binary, open_media, read_bytes, read_stamp
from graphcore.storage.trouble import explain, explaining

if TYPE_CHECKING:
    from graphcore.storage.mirror import MIRRORS, Mirror, make_local

__all__ = [
    "MIRRORS",
    "PROTOCOLS",
    "Mirror",
    "Stamp",
    "describe",
    "explain",
    "explaining",
    "is_remote",
    "make_local",
    "open_binary",
    "open_media",
    "read_bytes",
    "read_stamp",
    "to_path",
]

_OF_MIRRORS = ("MIRRORS", "Mirror", "make_local")


def __getattr__(name: str) -> Any:
    if name in _OF_MIRRORS:
        from graphcore.storage import mirror

        return getattr(mirror, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
