"""Writes planned shards: the only module that does. Atomic, resumable, parallel, in memory of a few samples.

Call `begin`, then `write_dataset`, then `finish`. A shard gets its name when its last byte is on disk, the
folder its `dataset.json` when its last shard is there. Killed in between, the same calls finish the rest.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tfrecords.errors import RecordsError
from tfrecords.example import Sample, encode_example
from tfrecords.files import hash_file, is_full_disk, open_atomically, sync_folder
from tfrecords.framing import write_record
from tfrecords.manifest import MANIFEST_NAME, Manifest, ShardInfo, read_manifest, write_manifest
from tfrecords.plan import SHARD_SUFFIX, Entry, ShardPlan
from tfrecords.staging import Staging

_PROGRESS_SAMPLES = 256
_PIECE_BYTES = 1 << 20


def begin(folder: Path) -> None:
    """Prepares a folder to be written: makes it, and sets an earlier `dataset.json` aside.

    Raises:
      RecordsError: The folder holds record files no conversion of ours wrote, or a damaged `dataset.json`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    staging = Staging(folder)
    manifest_path = folder / MANIFEST_NAME
    earlier = read_manifest(folder).shards if manifest_path.exists() else ()
    known = staging.known_shards() | {shard.name for shard in earlier}
    strangers = sorted(path.name for path in folder.glob(f"*{SHARD_SUFFIX}") if path.name not in known)
    if strangers:
        staging.clear_if_unused()  # no trace of ours among somebody else's files
        count = "1 record file" if len(strangers) == 1 else f"{len(strangers)} record files"
        raise RecordsError(
            f"{folder} holds {count} not from a conversion here, such as {strangers[0]}; give another folder, "
            "or move them away"
        )
    staging.remove_unfinished()
    if manifest_path.exists():
        staging.set_aside(manifest_path)


def write_dataset(
    folder: Path,
    plans: Sequence[ShardPlan],
    *,
    read_bytes: Callable[[Entry], bytes] | None = None,
    workers: int = 0,
    on_progress: Callable[[int], None] | None = None,
) -> list[ShardInfo]:
    """Writes every shard that is not there yet.

    Args:
      folder: The folder of records, after `begin`.
      plans: The shards; the same plans make the same bytes whatever the number of workers.
      read_bytes: Returns an entry's encoded picture. By default it is read from the entry's `source`.
      workers: How many shards to write at once; 0 for one per core.
      on_progress: Called with the number of samples done since its last call, from one thread at a time.
        Shards that were there already count as done.

    Returns:
      The shards' information, in the order of `plans`.

    Raises:
      RecordsError: A picture is not what it was when planned, cannot be read, or the disk is full. Shards
        finished before stay and are not written again.
    """
    job = _Job(folder, Staging(folder), read_bytes or _read_source, _Progress(on_progress))
    finished = job.staging.finished_shards()
    pool = ThreadPoolExecutor(max_workers=workers or os.cpu_count() or 1, thread_name_prefix="shard")
    futures = [pool.submit(job.provide, plan, finished.get(plan.digest)) for plan in plans]
    try:
        wait(futures, return_when=FIRST_EXCEPTION)
        for future in futures:
            if future.done() and (error := future.exception()):
                raise error
        return [future.result() for future in futures]
    except OSError as error:
        if not is_full_disk(error):
            raise
        raise RecordsError(_explain_full_disk(folder, plans)) from error
    finally:
        job.stop.set()  # after an error or Ctrl-C the other threads end at their next sample
        pool.shutdown(cancel_futures=True)


def finish(folder: Path, manifest: Manifest) -> None:
    """Completes a dataset: writes `dataset.json`, then removes shards it no longer has, and staging.

    Raises:
      RecordsError: A shard of the manifest is not there.
    """
    names = {shard.name for shard in manifest.shards}
    missing = sorted(name for name in names if not (folder / name).exists())
    if missing:
        raise RecordsError(f"{folder} lacks {len(missing)} of its shards, such as {missing[0]}; convert again")
    staging = Staging(folder)
    write_manifest(folder, manifest)
    for name in staging.known_shards() - names:
        (folder / name).unlink(missing_ok=True)
    sync_folder(folder)
    staging.clear()


class _Stopped(Exception):
    """Another shard failed; this one gives up."""


class _Progress:
    """Adds up samples from many threads and passes them on one at a time."""

    def __init__(self, report: Callable[[int], None] | None):
        self._report = report
        self._lock = threading.Lock()

    def add(self, samples: int) -> None:
        if self._report and samples:
            with self._lock:
                self._report(samples)


class _HashingFile:
    """Passes bytes on to a file in large pieces and hashes them on the way, so no shard is read again for it.

    Hashing and writing let other threads run. Done for every few bytes, that made two workers slower than
    one: they spent their time handing the interpreter to each other.
    """

    def __init__(self, file: BinaryIO):
        self.digest = hashlib.sha256()
        self.size_bytes = 0
        self._file = file
        self._pieces: list[bytes] = []
        self._waiting_bytes = 0

    def write(self, data: bytes, /) -> None:
        self._pieces.append(data)
        self._waiting_bytes += len(data)
        self.size_bytes += len(data)
        if self._waiting_bytes >= _PIECE_BYTES:
            self.flush()

    def flush(self) -> None:
        piece = b"".join(self._pieces)
        self._pieces.clear()
        self._waiting_bytes = 0
        self.digest.update(piece)
        self._file.write(piece)


@dataclass(frozen=True)
class _Job:
    """What all shards of one call have in common."""

    folder: Path
    staging: Staging
    read_bytes: Callable[[Entry], bytes]
    progress: _Progress
    stop: threading.Event = field(default_factory=threading.Event)

    def provide(self, plan: ShardPlan, finished: ShardInfo | None) -> ShardInfo:
        """Writes a shard, or finds it written."""
        path = self.folder / plan.name
        if finished and _is_intact(path, finished):
            self.progress.add(len(plan.entries))
            return finished
        complete = self.staging.partial / plan.name
        with open_atomically(complete) as file:
            sink = _HashingFile(file)
            for batch in _batches(plan.entries):
                for entry in batch:
                    self._write_sample(sink, entry)
                self.progress.add(len(batch))
            sink.flush()
        info = ShardInfo(plan.name, plan.split, len(plan.entries), sink.size_bytes, sink.digest.hexdigest())
        # Remembered before it has its name: killed in between, the file is either ours or not there.
        self.staging.remember_shard(plan.digest, info)
        os.replace(complete, path)
        sync_folder(self.folder)
        return info

    def _write_sample(self, sink: _HashingFile, entry: Entry) -> None:
        if self.stop.is_set():
            raise _Stopped
        write_record(sink, encode_example(_make_sample(entry, self._read(entry))))

    def _read(self, entry: Entry) -> bytes:
        try:
            encoded = self.read_bytes(entry)
        except OSError as error:
            raise RecordsError(f"{entry.key}: {error}; convert again") from error
        if len(encoded) != entry.size_bytes or hashlib.sha256(encoded).hexdigest() != entry.digest:
            raise RecordsError(f"{entry.key}: {entry.source} changed during the conversion; convert again")
        return encoded


def _make_sample(entry: Entry, encoded: bytes) -> Sample:
    return Sample(
        key=entry.key,
        encoded=encoded,
        format=entry.format,
        height=entry.height,
        width=entry.width,
        label=entry.label,
        text=entry.text,
        filename=entry.filename,
        video_id=entry.video_id,
        time_secs=entry.time_secs,
        group=entry.group,
    )


def _read_source(entry: Entry) -> bytes:
    with open(entry.source, "rb", buffering=0) as file:
        if entry.offset:
            file.seek(entry.offset)
        return file.read(entry.size_bytes) or b""


def _batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), _PROGRESS_SAMPLES):
        yield entries[start : start + _PROGRESS_SAMPLES]


def _is_intact(path: Path, info: ShardInfo) -> bool:
    return path.exists() and path.stat().st_size == info.size_bytes and hash_file(path) == info.sha256


def _explain_full_disk(folder: Path, plans: Sequence[ShardPlan]) -> str:
    finished = Staging(folder).finished_shards()
    needed = sum(plan.size_bytes for plan in plans if plan.digest not in finished)
    free = shutil.disk_usage(folder).free
    return (
        f"no space left on the disk of {folder}: the shards still to be written need {needed / 2**20:.1f} "
        f"MiB, {free / 2**20:.1f} MiB are free; make room and convert again, it goes on where it stopped"
    )
