"""One pass over the records: a few facts of every sample and what its picture looks like, not the picture."""

from __future__ import annotations

import hashlib
import os
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graphcore import console
from graphcore.audit.perceptual import COLUMNS, ROWS, Looks, describe, make_thumbnail
from tfrecords.errors import RecordsError
from tfrecords.example import Sample
from tfrecords.manifest import Manifest, read_outline
from tfrecords.reader import Reader

_BATCH = 64
_BATCH_BYTES = 4 << 20
_AHEAD = 2
"""Batches read ahead of each thread."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is compared of one sample, besides its looks.

    Attributes:
        key: its unique name.
        split: "train", "validation" or "test".
        labels: numbers of its classes, in order.
        group: what must not straddle splits; may be empty.
        subject: whom it shows; may be empty.
        video_id: the video a frame is from; empty for pictures.
        time_secs: a frame's time in its video; None for pictures.
        digest: SHA-256 of the encoded picture.
    """

    key: str
    split: str
    labels: tuple[int, ...]
    group: str = ""
    subject: str = ""
    video_id: str = ""
    time_secs: float | None = None
    digest: bytes = b""


@dataclass(frozen=True)
class Scan:
    """All samples of a dataset, split by split: `looks` has a row for each of `facts`."""

    facts: Sequence[Facts]
    looks: Looks

    def find(self, split: str) -> np.ndarray:
        """Indices of a split's samples: int64."""
        return np.flatnonzero(np.array([one.split == split for one in self.facts], bool))


def scan_records(folder: Path) -> Scan:
    """Reads every sample once, on all cores; keeps about 750 bytes of each.

    Raises:
        RecordsError: the records are missing or damaged, or a picture cannot be decoded.
    """
    # Not its inputs: of 10 000 photos 5 MiB, kept for as long as the process.
    reader, manifest = Reader(folder), read_outline(folder)
    total = sum(shard.samples for shard in manifest.shards)
    facts: list[Facts] = []
    looks: list[Looks] = []
    workers = os.cpu_count() or 1
    pending: deque[Future[tuple[list[Facts], Looks]]] = deque()
    with (
        ThreadPoolExecutor(workers, thread_name_prefix="audit") as pool,
        console.progress("Auditing", total, "samples") as advance,
    ):

        def collect() -> None:
            some, seen = pending.popleft().result()
            facts.extend(some)
            looks.append(seen)
            advance(len(some))

        for split, batch in _iterate_batches(reader, manifest):
            pending.append(pool.submit(_describe_batch, split, batch))
            if len(pending) >= workers * _AHEAD:
                collect()
        while pending:
            collect()
    return Scan(facts, _join(looks))


def _iterate_batches(reader: Reader, manifest: Manifest) -> Iterator[tuple[str, list[Sample]]]:
    for split in dict.fromkeys([*manifest.splits, *(shard.split for shard in manifest.shards)]):
        batch: list[Sample] = []
        size = 0
        for sample in reader.iterate(split):
            batch.append(sample)
            size += len(sample.encoded)
            if len(batch) == _BATCH or size >= _BATCH_BYTES:
                yield split, batch
                batch, size = [], 0
        if batch:
            yield split, batch


def _describe_batch(split: str, batch: Sequence[Sample]) -> tuple[list[Facts], Looks]:
    thumbnails = np.empty((len(batch), ROWS, COLUMNS), np.uint8)
    for row, sample in enumerate(batch):
        try:
            thumbnails[row] = make_thumbnail(sample.encoded)
        except RecordsError as error:
            raise RecordsError(f"sample {sample.key!r} of {split}: {error}; convert again") from None
    return [_get_facts(split, sample) for sample in batch], describe(thumbnails)


def _get_facts(split: str, sample: Sample) -> Facts:
    labels = (sample.label,) if sample.labels is None else tuple(sorted(sample.labels))
    return Facts(
        key=sample.key,
        split=sys.intern(split),
        labels=labels,
        group=sys.intern(sample.group),
        subject=sys.intern(sample.subject),
        video_id=sys.intern(sample.video_id),
        time_secs=sample.time_secs,
        digest=hashlib.sha256(sample.encoded).digest(),
    )


def _join(parts: Sequence[Looks]) -> Looks:
    parts = parts or [describe(np.empty((0, ROWS, COLUMNS), np.uint8))]
    return Looks(
        np.concatenate([part.hashes for part in parts]),
        np.concatenate([part.details for part in parts]),
        np.concatenate([part.contrasts for part in parts]),
    )
