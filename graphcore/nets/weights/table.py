"""V1 checkpoints: one file, without an .index beside it. The slim archives of 2016 and 2017 hold these."""

from __future__ import annotations

import re
from pathlib import Path

# Source: tensorflow/core/lib/io/format.h, kTableMagicNumber, little-endian; the last 8 bytes of every table.
_MAGIC = (0xDB4775248B80FB57).to_bytes(8, "little")
# V2's index files are tables too, and no checkpoints by themselves.
_INDEX = ".index"


def is_table(path: Path) -> bool:
    """Whether a file is a V1 checkpoint; False where there is none, or it may not be read."""
    if path.suffix == _INDEX or not path.is_file():  # to open a pipe would wait for its other end
        return False
    try:
        with open(path, "rb") as file:
            file.seek(-len(_MAGIC), 2)
            return file.read() == _MAGIC
    except OSError:  # also: too short to seek so far
        return False


def escape_pattern(name: str) -> str:
    """A name as a pattern that only it matches."""
    return re.sub(r"([*?[])", r"[\1]", name)
