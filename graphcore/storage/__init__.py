"""Inputs and records at remote addresses: `s3://`, `gs://` and, within one process, `memory://`.

A remote path is one of universal_pathlib and has the methods of `pathlib.Path`. Records are worked on in a copy on
this machine, their `Mirror`, and travel as a whole.
"""

from graphcore.storage.address import PROTOCOLS, is_remote, to_path
from graphcore.storage.files import Stamp, describe, open_binary, open_media, read_bytes, read_stamp
from graphcore.storage.mirror import MIRRORS, Mirror, make_local
from graphcore.storage.trouble import explain, explaining

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
