"""Reads a finished dataset back: split by split in the order of its shards, or one sample by its key."""

from __future__ import annotations

import bisect
import contextlib
import itertools
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from tfrecords.errors import CorruptShardError, RecordsError
from tfrecords.example import Sample, decode_example
from tfrecords.file_memory import FileMemory
from tfrecords.framing import read_record_at, scan_records
from tfrecords.index import iterate_keys
from tfrecords.manifest import Manifest, read_manifest, read_outline
from tfrecords.plan import stable_hash

# A report looks up some 60 pictures, and so does that of the next job of a sweep: keys of so many shards are kept, some
# 160 bytes each.
_offsets_of_shards: FileMemory[dict[str, int]] = FileMemory(most=16)
_first_hashes_of_shards: FileMemory[int] = FileMemory(most=1024)


class Reader:
    """A finished dataset.

    Attributes:
      folder: The folder of records.
    """

    def __init__(self, folder: Path | str):
        """Reads `dataset.json`, all but its inputs.

        Raises:
          RecordsError: It is missing or cannot be read.
        """
        self.folder = Path(folder)
        self._outline = read_outline(self.folder)
        self._known_offsets: dict[Path, dict[str, int]] = {}

    @cached_property
    def manifest(self) -> Manifest:
        """What `dataset.json` says, inputs and all; read when asked for.

        Raises:
          RecordsError: Its inputs cannot be read.
        """
        return read_manifest(self.folder)

    def paths(self, split: str) -> list[Path]:
        """Returns a split's shards in order; none for a split without samples.

        Raises:
          RecordsError: The dataset has no such split, or one of its shards is missing.
        """
        known = dict.fromkeys([*self._outline.splits, *(shard.split for shard in self._outline.shards)])
        if split not in known:
            raise RecordsError(f"{self.folder} has no split {split!r}; it has: {', '.join(known) or 'none'}")
        paths = [self.folder / shard.name for shard in self._outline.shards if shard.split == split]
        missing = [path.name for path in paths if not path.exists()]
        if missing:
            raise RecordsError(f"{self.folder} lacks {', '.join(missing)}; convert again")
        return paths

    def iterate(self, split: str, check: bool = True) -> Iterator[Sample]:
        """Yields a split's samples in order, holding a few megabytes at a time.

        Args:
          split: The split's name.
          check: Compare each record with its checksum.

        Raises:
          CorruptShardError: A shard is damaged; the message names it and the record.
          RecordsError: See `paths`.
        """
        for path in self.paths(split):
            for _, sample in iterate_samples(path, check):
                yield sample

    def lookup(self, key: str, split: str | None = None) -> Sample:
        """Returns one sample by its key.

        Reads the keys of one shard of each split, no other picture; all keys only where there is no such sample, or
        the shards are not in the order of `plan.order_key`.

        Args:
          key: The sample's key.
          split: Where to look; in every split by default.

        Raises:
          CorruptShardError: A shard is damaged.
          RecordsError: There is no such sample, or a shard is missing.
        """
        splits = dict.fromkeys(shard.split for shard in self._outline.shards) if split is None else [split]
        paths_of_splits = [paths for paths in map(self.paths, splits) if paths]
        likely = [self._likely_path(paths, key) for paths in paths_of_splits]
        for path in dict.fromkeys([*likely, *itertools.chain.from_iterable(paths_of_splits)]):
            if (offset := self._offsets(path).get(key)) is not None:
                return decode_example(read_record_at(path, offset))
        example = min(itertools.chain.from_iterable(self._known_offsets.values()), default="")
        raise RecordsError(f"{self.folder} has no sample {key!r}; its keys look like {example!r}")

    def _likely_path(self, paths: Sequence[Path], key: str) -> Path:
        """Returns the shard of a split that has the key, if the split has: samples lie in the order of a hash."""
        position = bisect.bisect_right(paths, stable_hash(key), key=self._first_hash)
        return paths[max(position - 1, 0)]

    def _first_hash(self, path: Path) -> int:
        return _first_hashes_of_shards.recall(path, lambda: _read_first_hash(path))

    def _offsets(self, path: Path) -> dict[str, int]:
        if path not in self._known_offsets:
            self._known_offsets[path] = _offsets_of_shards.recall(path, lambda: _read_offsets(path))
        return self._known_offsets[path]


def _read_first_hash(path: Path) -> int:
    with contextlib.closing(iterate_keys(path)) as keys:
        return next((stable_hash(key) for _, key in keys), 0)


def _read_offsets(path: Path) -> dict[str, int]:
    return {key: offset for offset, key in iterate_keys(path)}


def iterate_samples(path: Path, check: bool = True) -> Iterator[tuple[int, Sample]]:
    """Yields a shard's samples, each with the offset of its record in bytes.

    Raises:
      CorruptShardError: The shard is damaged, or a record is no sample.
    """
    for index, (offset, payload) in enumerate(scan_records(path, check)):
        try:
            sample = decode_example(payload)
        except RecordsError as error:
            raise CorruptShardError(f"{path}: record {index} at byte {offset}: {error}") from None
        yield offset, sample
