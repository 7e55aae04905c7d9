"""Writes planned shards: the only module that does. Atomic, resumable, parallel, in memory of a few samples.

Call `begin`, then `write_dataset`, then `finish`. Shards lie in staging until the last one is complete; then
they and `dataset.json` take their names together, so that an earlier dataset in the folder is whole, and can be
read and copied from, until the new one is. Killed in between, the same calls finish the rest. Only while a
dataset is made anew does the folder need room for both: at most the size of the old and the new shards together.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from pathlib import Path

import google_crc32c

from tfrecords.commit import carry_out, plan_commit, record_commit
from tfrecords.errors import RecordsError
from tfrecords.files import explaining_full_disk, hash_file, is_full_disk, read_part, sync_file
from tfrecords.manifest import MANIFEST_NAME, Manifest, ShardInfo, read_shards
from tfrecords.plan import SHARD_SUFFIX, Entry, ShardPlan
from tfrecords.shard import write_shard
from tfrecords.staging import Staging


def recover(folder: Path) -> bool:
    """Completes a conversion that was killed while its files took their names. Looks for one file otherwise.

    Call it before looking at `dataset.json`, and not while holding `Staging.exclusive`; `begin` does it by itself.

    Returns:
      Whether there was something to complete: the dataset in the folder is then a new one.

    Raises:
      RecordsError: Another conversion is at work here, or the disk is full.
    """
    staging = Staging(folder)
    if not staging.commit_path.exists():
        return False
    with staging.exclusive():
        return _carry_out(staging)  # False where another conversion has just completed it


def begin(folder: Path) -> None:
    """Prepares a folder to be written: makes it, and completes what `recover` would. An earlier dataset stays.

    Raises:
      RecordsError: The folder holds record files no conversion of ours wrote, or a damaged `dataset.json`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    staging = Staging(folder)
    _carry_out(staging)
    known = _known_shards(staging)
    strangers = sorted(path.name for path in folder.glob(f"*{SHARD_SUFFIX}") if path.name not in known)
    if strangers:
        count = "1 record file" if len(strangers) == 1 else f"{len(strangers)} record files"
        raise RecordsError(
            f"{folder} holds {count} not from a conversion here, such as {strangers[0]}; give another folder, "
            "or move them away"
        )
    staging.remove_unfinished()


def write_dataset(
    folder: Path,
    plans: Sequence[ShardPlan],
    *,
    read_bytes: Callable[[Entry], bytes] | None = None,
    workers: int = 0,
    on_progress: Callable[[int], None] | None = None,
    meanwhile: Callable[[], None] | None = None,
) -> list[ShardInfo]:
    """Writes every shard that is not there yet, into staging.

    A shard of the earlier dataset that has the same plan, and is intact, stays where it is. What a killed
    conversion left in staging of other plans is removed.

    Args:
      folder: The folder of records, after `begin`.
      plans: The shards; the same plans make the same bytes whatever the number of workers.
      read_bytes: Returns an entry's encoded picture. By default it is read from the entry's `source`.
      workers: How many shards to write at once; 0 for one per core.
      on_progress: Called with the number of samples done since its last call, from one thread at a time.
        Shards that were there already count as done.
      meanwhile: Called once, when all is written and the disk still takes it: what else there is to do costs no time.

    Returns:
      The shards' information, in the order of `plans`.

    Raises:
      RecordsError: A picture is not what it was when planned, cannot be read, or the disk is full. Shards
        finished before stay and are not written again.
    """
    staging = Staging(folder)
    digests = [plan.digest for plan in plans]
    staging.keep_shards(set(digests))
    job = _Job(folder, staging, read_bytes or _read_source, _Progress(on_progress), _find_finished(staging))
    pool = ThreadPoolExecutor(max_workers=workers or os.cpu_count() or 1, thread_name_prefix="shard")
    futures = [pool.submit(job.provide, *planned) for planned in zip(plans, digests, strict=True)]
    try:
        wait(futures, return_when=FIRST_EXCEPTION)
        for future in futures:
            if future.done() and (error := future.exception()):
                raise error
        infos = [future.result() for future in futures]
        if meanwhile is not None:
            meanwhile()
        job.wait_for_disk()
        return infos
    except OSError as error:
        if not is_full_disk(error):
            raise
        raise RecordsError(_explain_full_disk(folder, plans, job.finished)) from error
    finally:
        job.stop.set()  # after an error or Ctrl-C the other threads end at their next sample
        pool.shutdown(cancel_futures=True)
        job.disk.shutdown(cancel_futures=True)


def finish(folder: Path, manifest: Manifest, attachments: Sequence[str] = ()) -> None:
    """Completes a dataset: its shards, `dataset.json` and attachments take their names, all others shards go.

    Killed before the commit record is on disk, the folder holds the dataset it held; after that, `recover` or
    `begin` does the rest.

    Args:
      folder: The folder of records, after `write_dataset`.
      manifest: What it holds, with the shards' information that `write_dataset` returned.
      attachments: Names of further files, each prepared at `Staging.attachment(name)`, that appear in the folder
        together with the rest. They replace files of the same name; other files in the folder are left alone.

    Raises:
      RecordsError: A shard or an attachment is not there, or the disk is full.
    """
    staging = Staging(folder)
    staged = {shard.plan for shard in manifest.shards if _is_there(staging.shard_path(shard.plan), shard)}
    missing = sorted(
        shard.name
        for shard in manifest.shards
        if shard.plan not in staged and not _is_there(folder / shard.name, shard)
    )
    if missing:
        raise RecordsError(f"{folder} lacks {len(missing)} of its shards, such as {missing[0]}; convert again")
    for name in attachments:
        if not staging.attachment(name).is_file():
            raise RecordsError(f"{name} is not among the attachments in staging; write it there first")
    commit = plan_commit(manifest.shards, staged, attachments, _known_shards(staging))
    with explaining_full_disk(folder, "while completing the records"):
        for name in attachments:
            sync_file(staging.attachment(name))
        record_commit(staging, manifest, commit)
    _carry_out(staging)


def _carry_out(staging: Staging) -> bool:
    with explaining_full_disk(staging.folder, "while the new records take their place"):
        return carry_out(staging)


def _known_shards(staging: Staging) -> set[str]:
    """Returns the names of all shards that conversions into this folder wrote or began to."""
    return staging.known_shards() | {shard.name for shard in _earlier_shards(staging.folder)}


def _earlier_shards(folder: Path) -> tuple[ShardInfo, ...]:
    return read_shards(folder) if (folder / MANIFEST_NAME).exists() else ()


def _find_finished(staging: Staging) -> dict[str, ShardInfo]:
    """Returns finished shards by their plan's digest: those of the earlier dataset, and those in staging."""
    earlier = {shard.plan: shard for shard in _earlier_shards(staging.folder) if shard.plan}
    return earlier | staging.finished_shards()


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


@dataclass(frozen=True)
class _Job:
    """What all shards of one call have in common."""

    folder: Path
    staging: Staging
    read_bytes: Callable[[Entry], bytes]
    progress: _Progress
    finished: Mapping[str, ShardInfo]
    stop: threading.Event = field(default_factory=threading.Event)
    disk: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="disk"))
    on_disk: list[Future[None]] = field(default_factory=list)

    def provide(self, plan: ShardPlan, plan_digest: str) -> ShardInfo:
        """Writes a shard, or finds it written."""
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
        """Waits until all shards in staging are on disk, and so are their names."""
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


def _read_source(entry: Entry) -> bytes:
    return read_part(entry.source, entry.offset, entry.size_bytes)


def _is_intact(path: Path, info: ShardInfo) -> bool:
    return _is_there(path, info) and hash_file(path) == info.sha256


def _is_there(path: Path, info: ShardInfo) -> bool:
    return path.exists() and path.stat().st_size == info.size_bytes


def _explain_full_disk(folder: Path, plans: Sequence[ShardPlan], before: Mapping[str, ShardInfo]) -> str:
    finished = before.keys() | Staging(folder).finished_shards().keys()
    needed = sum(plan.size_bytes for plan in plans if plan.digest not in finished)
    free = shutil.disk_usage(folder).free
    return (
        f"no space left on the disk of {folder}: the shards still to be written need {needed / 2**20:.1f} "
        f"MiB, {free / 2**20:.1f} MiB are free; make room and convert again, it goes on where it stopped"
    )
