"""What earlier conversions found in each input, kept beside their records, so that only new inputs are read.

`intake.jsonl` has a line a unit: its name, its fingerprint, and its rows. Pictures that were encoded anew lie in
the shards; those that stayed as they were, in the inputs themselves.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from graphcore.sources.item import UNREADABLE, Item
from graphcore.sources.item_rows import Row
from tfrecords.index import locate
from tfrecords.manifest import MANIFEST_NAME, read_shards
from tfrecords.plan import stable_hash

INTAKE_NAME = "intake.jsonl"

_LOCATING = threading.Lock()
_ITEM_FIELDS = frozenset(Item._fields) - {"source", "crc"}


@dataclass(frozen=True)
class KnownUnits:
    """The units of one earlier conversion. Made by `read_known`.

    Attributes:
        folder: its records.
        hashes: uint64 [units], of names and fingerprints, ascending.
        offsets: int64 [units], where each one's line begins.
    """

    folder: Path
    hashes: np.ndarray
    offsets: np.ndarray

    def find(self, name: str, fingerprint: str) -> list[Row] | None:
        """The rows of a unit, each that holds an encoded picture with where it lies; None when it is not known."""
        wanted = np.uint64(_hash(name, fingerprint))
        first = int(np.searchsorted(self.hashes, wanted))
        for index in range(first, len(self.hashes)):
            if self.hashes[index] != wanted:
                break
            line = self._read_line(int(self.offsets[index]))
            if line is not None and (line["unit"], line["fingerprint"]) == (name, fingerprint):
                return self._place(line["rows"])
        return None

    def _read_line(self, offset: int) -> dict[str, Any] | None:
        with (self.folder / INTAKE_NAME).open("rb") as file:
            file.seek(offset)
            return _parse(file.readline())

    def _place(self, rows: Sequence[Row]) -> list[Row] | None:
        placed = []
        for row in rows:
            if row.get("payload"):
                place = self._places.get(row["item"]["key"])
                if place is None:
                    return None
                row = row | {"shard": str(place[0]), "offset": place[1]}
            placed.append(row)
        return placed

    @cached_property
    def _found(self) -> Mapping[str, tuple[Path, int]]:
        return locate(self.folder)

    @property
    def _places(self) -> Mapping[str, tuple[Path, int]]:
        with _LOCATING:  # many threads ask for it at once, and it reads all shards
            return self._found


def read_known(folders: Iterable[Path]) -> list[KnownUnits]:
    """Finds what earlier conversions know; folders without finished and whole records know nothing."""
    known = []
    for folder in folders:
        if not (folder / INTAKE_NAME).is_file() or not (folder / MANIFEST_NAME).is_file():
            continue
        if not all(_is_whole(folder / shard.name, shard.size_bytes) for shard in read_shards(folder)):
            continue  # what has lost a shard is made again from its inputs
        with (folder / INTAKE_NAME).open("rb") as file:
            places = np.fromiter(itertools.chain.from_iterable(_index(file)), np.uint64).reshape(-1, 2)
        places = places[np.argsort(places[:, 0], kind="stable")]
        known.append(KnownUnits(folder, places[:, 0], places[:, 1].astype(np.int64)))
    return known


def _is_whole(path: Path, size_bytes: int) -> bool:
    return path.is_file() and path.stat().st_size == size_bytes


def write_known(path: Path, chunks: Iterable[Sequence[Row]]) -> None:
    """Writes the rows of all chunks, unit by unit, in the order they come."""
    with path.open("w", encoding="ascii") as file:
        for rows in chunks:
            for line in group_rows(rows):
                file.write(json.dumps(line, separators=(",", ":")) + "\n")


def group_rows(rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """Lines of the file from a chunk's rows; each unit's last row says that it is finished, and which it is."""
    waiting: list[Row] = []
    for row in rows:
        if "unit" in row:
            if not any(one.get("info", {}).get("sha256") == UNREADABLE for one in waiting):
                yield {"unit": row["unit"], "fingerprint": row["fingerprint"], "rows": waiting}
            waiting = []
        else:
            waiting.append(_forget_place(row))


def _forget_place(row: Row) -> Row:
    """Where a picture lay while it was converted means nothing afterwards."""
    kept = {key: value for key, value in row.items() if key not in ("spool", "shard", "offset", "size_bytes")}
    return kept | {"payload": True} if "spool" in row or "shard" in row else kept


def _index(file: BinaryIO) -> Iterator[tuple[int, int]]:
    offset = 0
    for text in file:
        line = _parse(text)
        if line is not None:
            yield _hash(line["unit"], line["fingerprint"]), offset
        offset += len(text)


def _parse(text: bytes) -> dict[str, Any] | None:
    try:
        line = json.loads(text)
        sound = {"unit", "fingerprint", "rows"} <= line.keys() and all(map(_is_sound, line["rows"]))
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
    return line if sound else None  # damaged: that input is read again


def _is_sound(row: Row) -> bool:
    return row.get("item", {}).keys() <= _ITEM_FIELDS


def _hash(name: str, fingerprint: str) -> int:
    return stable_hash(name, fingerprint)
