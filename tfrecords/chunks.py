"""Inputs as they were read, kept until the conversion they are for is finished.

A chunk's rows are JSON, its encoded pictures lie one after the other in a spool beside it, and both count only
once the whole chunk is written. Nobody waits for the disk: a killed process leaves what it wrote, and what a power
failure damages is told by the spool's checksum and by JSON that cannot be read, and is ingested again. Chunks
that waited did so four times each, 128 times for 1 000 photos.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import google_crc32c

from tfrecords.files import open_atomically, read_json, write_json

_VERSION = 1
_PIECE_BYTES = 1 << 20


class Chunk:
    """Rows and pictures of one chunk of inputs, while it is being ingested."""

    def __init__(self, spool_name: str, file: BinaryIO):
        self.rows: list[dict[str, Any]] = []
        self.size_bytes = 0
        self.crc = 0
        self._spool_name = spool_name
        self._file = file

    def add(self, row: Mapping[str, Any], payload: bytes | None) -> dict[str, Any]:
        """Adds a row of JSON values and, where the input itself cannot serve, its picture; returns the row.

        A row with a payload is given `spool` (for `Staging.spool_path`), `offset` and `size_bytes`.
        """
        row = dict(row)
        if payload is not None:
            row |= {"spool": self._spool_name, "offset": self.size_bytes, "size_bytes": len(payload)}
            self._file.write(payload)
            self.size_bytes += len(payload)
            self.crc = google_crc32c.extend(self.crc, payload)
        self.rows.append(row)
        return row


def load_chunk(folder: Path, name: str, fingerprint: str, check: bool = True) -> list[dict[str, Any]] | None:
    """Returns the rows of a finished chunk; see `Staging.load_chunk`."""
    stem = _file_stem(name)
    values = read_json(folder / f"{stem}.json")
    expected = {"version": _VERSION, "name": name, "fingerprint": fingerprint}
    if values is None or any(values.get(key) != value for key, value in expected.items()):
        return None
    if check and _measure(folder / f"{stem}.spool") != (values.get("spool_bytes"), values.get("spool_crc")):
        return None
    return values.get("rows")


@contextmanager
def open_chunk(folder: Path, name: str, fingerprint: str) -> Iterator[Chunk]:
    """Opens a chunk to fill; see `Staging.open_chunk`."""
    stem = _file_stem(name)
    record, spool = folder / f"{stem}.json", folder / f"{stem}.spool"
    record.unlink(missing_ok=True)  # first: it must never describe a spool that is being replaced
    with open_atomically(spool, durable=False) as file:
        chunk = Chunk(spool.name, file)
        yield chunk
    values = {"version": _VERSION, "name": name, "fingerprint": fingerprint, "rows": chunk.rows}
    write_json(record, values | {"spool_bytes": chunk.size_bytes, "spool_crc": chunk.crc}, durable=False)


def _file_stem(name: str) -> str:
    """Makes a file name of a chunk's name: readable, and distinct whatever the name holds."""
    digest = hashlib.blake2b(name.encode(errors="surrogatepass"), digest_size=8).hexdigest()
    return f"{re.sub(r'[^A-Za-z0-9_-]+', '-', name)[:40]}-{digest}"


def _measure(path: Path) -> tuple[int, int] | None:
    """Returns a file's size and CRC32C, or None when it is missing."""
    size = crc = 0
    try:
        with open(path, "rb", buffering=0) as file:
            while piece := file.read(_PIECE_BYTES):
                size += len(piece)
                crc = google_crc32c.extend(crc, piece)
    except FileNotFoundError:
        return None
    return size, crc
