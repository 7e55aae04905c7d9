"""Reads a finished dataset back: split by split in the order of its shards, or one sample by its key."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from tfrecords.errors import CorruptShardError, RecordsError
from tfrecords.example import Sample, decode_example
from tfrecords.framing import read_record_at, scan_records
from tfrecords.manifest import Manifest, read_manifest


class Reader:
    """A finished dataset.

    Attributes:
      folder: The folder of records.
      manifest: What its `dataset.json` says.
    """

    def __init__(self, folder: Path | str):
        """Reads `dataset.json`.

        Raises:
          RecordsError: It is missing or cannot be read.
        """
        self.folder = Path(folder)
        self.manifest: Manifest = read_manifest(self.folder)

    def paths(self, split: str) -> list[Path]:
        """Returns a split's shards in order; none for a split without samples.

        Raises:
          RecordsError: The dataset has no such split, or one of its shards is missing.
        """
        known = dict.fromkeys([*self.manifest.splits, *(shard.split for shard in self.manifest.shards)])
        if split not in known:
            raise RecordsError(f"{self.folder} has no split {split!r}; it has: {', '.join(known) or 'none'}")
        paths = [self.folder / shard.name for shard in self.manifest.shards if shard.split == split]
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

    def lookup(self, key: str) -> Sample:
        """Returns one sample by its key.

        The first call reads through all shards; from then on it is one seek.

        Raises:
          CorruptShardError: A shard is damaged.
          RecordsError: There is no such sample, or a shard is missing.
        """
        if key not in self._places:
            example = min(self._places, default="")
            raise RecordsError(f"{self.folder} has no sample {key!r}; its keys look like {example!r}")
        path, offset = self._places[key]
        return decode_example(read_record_at(path, offset))

    @cached_property
    def _places(self) -> dict[str, tuple[Path, int]]:
        splits = dict.fromkeys(shard.split for shard in self.manifest.shards)
        paths = [path for split in splits for path in self.paths(split)]
        return {sample.key: (path, offset) for path in paths for offset, sample in iterate_samples(path)}


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
