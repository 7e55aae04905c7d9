"""Writes planned shards: the only module that does. Atomic, resumable, parallel, in memory of a few samples.

Call `begin`, then `write_dataset`, then `finish`. Shards lie in staging until the last one is complete; then
they and `dataset.json` take their names together, so that an earlier dataset in the folder is whole, and can be
read and copied from, until the new one is. Killed in between, the same calls finish the rest. Only while a
dataset is made anew does the folder need room for both: at most the size of the old and the new shards together.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from pathlib import Path

from tfrecords.commit import carry_out, plan_commit, record_commit
from tfrecords.errors import RecordsError
from tfrecords.files import explaining_full_disk, is_full_disk, sync_file
from tfrecords.manifest import MANIFEST_NAME, Manifest, ShardInfo, read_shards
from tfrecords.plan import SHARD_SUFFIX, Entry, ShardPlan
from tfrecords.shard_job import Progress, ShardJob, is_there, read_source
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
    job = ShardJob(folder, staging, read_bytes or read_source, Progress(on_progress), _find_finished(staging))
    pool = ThreadPoolExecutor(max_workers=workers or os.cpu_count() or 1, thread_name_prefix="shard")
    futures = [pool.submit(job.provide, *planned) for planned in zip(plans, digests, strict=True)]
    try:
        wait(futures, return_when=FIRST_EXCEPTION)
        for future in futures:
            if future.done() and (error := future.exception()):
                raise error
        infos = [future.result() for future in futures]
        if meanwhile is not None:
            with explaining_full_disk(folder, "while noting what was read"):
                meanwhile()
        with explaining_full_disk(folder, "while the shards are put on it"):
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
    staged = {shard.plan for shard in manifest.shards if is_there(staging.shard_path(shard.plan), shard)}
    missing = sorted(
        shard.name for shard in manifest.shards if shard.plan not in staged and not is_there(folder / shard.name, shard)
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


def _explain_full_disk(folder: Path, plans: Sequence[ShardPlan], before: Mapping[str, ShardInfo]) -> str:
    finished = before.keys() | Staging(folder).finished_shards().keys()
    needed = sum(plan.size_bytes for plan in plans if plan.digest not in finished)
    free = shutil.disk_usage(folder).free
    return (
        f"no space left on the disk of {folder}: the shards still to be written need {needed / 2**20:.1f} "
        f"MiB, {free / 2**20:.1f} MiB are free; make room and convert again, it goes on where it stopped"
    )
