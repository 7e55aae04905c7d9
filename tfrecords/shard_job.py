"""Provides the shards of one `write_dataset`, each in a thread of its own: found whole, or written and put on disk."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import google_crc32c

from tfrecords.errors import RecordsError
from tfrecords.files import hash_file, read_part, sync_file
from tfrecords.manifest import ShardInfo
from tfrecords.plan import Entry, ShardPlan
from tfrecords.shard import write_shard
from tfrecords.staging import Staging


class _Stopped(Exception):
    """Another shard failed; this one gives up."""


class Progress:
    """Adds up samples from many threads and passes them on one at a time."""

    def __init__(self, report: Callable[[int], None] | None) -> None:
        self._report = report
        self._lock = threading.Lock()

    def add(self, samples: int) -> None:
        """Some samples more are done."""
        if self._report and samples:
            with self._lock:
                self._report(samples)


@dataclass(frozen=True)
class ShardJob:
    """What all shards of one `write_dataset` have in common.

    Attributes:
      folder: The folder of records.
      staging: Where shards are written.
      read_bytes: Returns an entry's encoded picture.
      progress: Told of every sample that is done.
      finished: Shards that were written before, by their plan's digest.
      stop: Set where the others are to give up at their next sample.
      disk: The thread that waits for the disk; whoever made the job shuts it down.
      on_disk: What it was given: one for each shard in staging.
    """

    folder: Path
    staging: Staging
    read_bytes: Callable[[Entry], bytes]
    progress: Progress
    finished: Mapping[str, ShardInfo]
    stop: threading.Event = field(default_factory=threading.Event)
    disk: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="disk"))
    on_disk: list[Future[None]] = field(default_factory=list)

    def provide(self, plan: ShardPlan, plan_digest: str) -> ShardInfo:
        """Writes a shard, or finds it written.

        Raises:
          RecordsError: A picture is not what it was when planned, or cannot be read.
        """
        finished = self.finished.get(plan_digest)
        if finished and self._is_whole(plan, plan_digest, finished):
            self.progress.add(len(plan.entries))
            self._sync(plan_digest)  # whoever wrote it may have been killed before the disk had it
            return replace(finished, plan=plan_digest)
        with self.staging.open_shard(plan_digest) as file:
            written = write_shard(file, plan, self._read, self.progress.add)
        self._sync(plan_digest)
        info = replace(written, plan=plan_digest)
        self.staging.remember_shard(plan_digest, info)
        return info

    def _sync(self, plan_digest: str) -> None:
        """Has a shard put on disk by a thread that only waits for it, so that meanwhile the next is written."""
        staged = self.staging.shard_path(plan_digest)
        if staged.exists():
            self.on_disk.append(self.disk.submit(sync_file, staged))

    def wait_for_disk(self) -> None:
        """Waits until all shards in staging are on disk, and so are their names.

        Before the commit record: with that, they count.
        """
        for future in self.on_disk:
            future.result()
        if self.on_disk:
            self.staging.sync_shards()

    def _is_whole(self, plan: ShardPlan, plan_digest: str, info: ShardInfo) -> bool:
        """Looks in both places: the same plan makes the same bytes, whichever of them `info` was noted for."""
        staged = self.staging.shard_path(plan_digest)
        if _is_intact(staged, info):
            return True
        staged.unlink(missing_ok=True)  # `finish` would move it into place
        return _is_intact(self.folder / plan.name, info)

    def _read(self, entry: Entry) -> bytes:
        if self.stop.is_set():
            raise _Stopped
        try:
            encoded = self.read_bytes(entry)
        except OSError as error:
            raise RecordsError(f"{entry.key}: {error}; convert again") from error
        if not _is_as_planned(entry, encoded):
            raise RecordsError(f"{entry.key}: {entry.source} changed during the conversion; convert again")
        return encoded


def _is_as_planned(entry: Entry, encoded: bytes) -> bool:
    if len(encoded) != entry.size_bytes:
        return False
    if entry.crc is not None:
        return google_crc32c.value(encoded) == entry.crc
    return hashlib.sha256(encoded).hexdigest() == entry.digest


def read_source(entry: Entry) -> bytes:
    """Returns an entry's encoded picture out of its `source`."""
    return read_part(entry.source, entry.offset, entry.size_bytes)


def _is_intact(path: Path, info: ShardInfo) -> bool:
    return is_there(path, info) and hash_file(path) == info.sha256


def is_there(path: Path, info: ShardInfo) -> bool:
    """Says whether a shard lies there, by its size alone."""
    return path.exists() and path.stat().st_size == info.size_bytes
