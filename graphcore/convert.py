"""Photos or annotated videos to sharded records: `python -m graphcore.convert dataset=image_folder
dataset.dir=PHOTOS`.

Reads every input once on all cores, leaves out what is no sample and says why, divides the rest and writes
the shards. Killed at any moment, the same command finishes what is missing; when nothing has changed it
returns at once.
"""

from __future__ import annotations

import csv
import io
import logging
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from graphcore import atomic, console
from graphcore.config import VideoConfig
from graphcore.conversion.division import SPLITS_NAME, check_grouping, divide, write_units
from graphcore.conversion.options import ConvertConfig, describe_options, find_mirror, find_relatives, records_dir
from graphcore.conversion.show import say_inputs, show
from graphcore.errors import DatasetError
from graphcore.sources.choose import name_dataset, open_source
from graphcore.sources.files import printable
from graphcore.sources.freshness import LOST, explain_staleness
from graphcore.sources.input_notes import InputNotes
from graphcore.sources.intake import Intake, iterate_rows, note_inputs, take_in
from graphcore.sources.item import Chunk, Rejected, Source
from graphcore.sources.known import INTAKE_NAME, read_known, write_known
from tfrecords.errors import RecordsError
from tfrecords.files import read_part
from tfrecords.index import read_encoded
from tfrecords.manifest import MANIFEST_NAME, Manifest, read_manifest, write_manifest
from tfrecords.plan import SHARD_SUFFIX, Entry, ShardPlan
from tfrecords.staging import Staging
from tfrecords.writer import begin, finish, recover, write_dataset

logger = logging.getLogger(__name__)

REJECTED_NAME = "rejected.csv"


def convert(config: ConvertConfig) -> Manifest:
    """Converts a dataset, unless its records are up to date.

    Returns:
        What the folder of records holds, `records_dir(config.dataset)`.

    Raises:
        ConfigError: an option that must be given is not, or does not fit the dataset.
        DatasetError: no inputs, contradictory annotations, or a class with too few samples.
        RecordsError: the folder of records holds somebody else's files, or the disk is full.
    """
    started = time.monotonic()
    folder, mirror = records_dir(config.dataset, config.split), find_mirror(config.dataset, config.split)
    if mirror is not None:
        mirror.prepare()
    source = open_source(config.dataset)
    options = describe_options(config)
    manifest, reason = _find_fresh(folder, source, options)
    if manifest is not None:
        console.say(f"Records in {folder} are up to date: {_count(manifest)}.")
    else:
        if reason:
            console.say(f"Records in {folder} are made again: {reason}.{_tell_consequence(reason, config)}")
        manifest = _convert(config, folder, source, options)
        console.say(f"Records in {folder}: {_count(manifest)} in {time.monotonic() - started:.1f} s.")
    if mirror is not None:
        mirror.push()  # an earlier upload may have been cut short, so also where nothing was converted
    return manifest


def is_fresh(config: ConvertConfig) -> bool:
    """Whether `convert` would return at once: by sizes and times, by contents only where those differ."""
    mirror = find_mirror(config.dataset, config.split)
    if mirror is not None:
        mirror.prepare()
    source = open_source(config.dataset)
    return _find_fresh(records_dir(config.dataset, config.split), source, describe_options(config))[0] is not None


def _tell_consequence(reason: str, config: ConvertConfig) -> str:
    """What becomes of runs that were trained on the earlier records, which a run knows by their digest."""
    if reason.endswith(LOST):
        return ""
    option = "dataset.records=DIR" if config.dataset.records else "dataset.name=NAME"
    return f" Runs trained on the earlier ones can no longer be evaluated; {option} keeps both."


def _find_fresh(folder: Path, source: Source, options: dict[str, Any]) -> tuple[Manifest | None, str]:
    """The manifest of records that are up to date, else why they are not; "" where there are none yet."""
    recover(folder)
    if not (folder / MANIFEST_NAME).exists():
        return None, ""
    manifest = read_manifest(folder)
    reason, current = explain_staleness(manifest, folder, source.inputs, options)
    if reason:
        return None, reason
    if current != manifest:
        _refresh(folder, manifest, current)
    return current, ""


def _refresh(folder: Path, before: Manifest, current: Manifest) -> None:
    """Notes the inputs' present times, so that they are not hashed again; where that cannot be, they are."""
    with suppress(OSError, RecordsError):
        with Staging(folder).exclusive():
            if read_manifest(folder) == before:  # else another conversion has replaced it meanwhile
                write_manifest(folder, current)


def _convert(config: ConvertConfig, folder: Path, source: Source, options: dict[str, Any]) -> Manifest:
    check_grouping(config.dataset, config.split)
    workers = config.shards.workers or count_cores()
    chunks, unread = source.plan_chunks(workers)
    _make_folder(folder)
    staging = Staging(folder)
    with staging.exclusive():
        begin(folder)
        known = read_known((folder, *find_relatives(folder)))
        intake = take_in(chunks, staging, workers, source.unit, known)
        _say_known(intake, chunks)
        rejected = sorted([*unread, *intake.rejected], key=lambda one: (one.path, one.reason))
        _write_rejected(folder, rejected)
        labels = source.name_classes(intake.items)
        _check_samples(intake, labels, rejected, folder, config)
        plans, counts = _divide(intake, labels, config, folder)
        inputs = InputNotes(source.inputs)

        def note() -> None:
            write_known(staging.attachment(INTAKE_NAME), note_inputs(iterate_rows(chunks, staging, known), inputs))

        with console.progress("Writing", len(intake.items), "samples") as advance:
            shards = write_dataset(
                folder, plans, read_bytes=_read_bytes, workers=workers, on_progress=advance, meanwhile=note
            )
        manifest = Manifest(
            name=name_dataset(config.dataset),
            kind=config.dataset.kind,
            labels=labels,
            counts=counts,
            shards=tuple(shards),
            options=options,
            inputs=inputs,
            rejected=len(rejected),
            multi_label=source.multi_label,
        )
        finish(folder, manifest, (SPLITS_NAME, INTAKE_NAME))
    if rejected:
        console.warn(f"{say_inputs(len(rejected))} left out; {folder / REJECTED_NAME} says why, such as "
                     f"{rejected[0].path}: {rejected[0].reason}")  # fmt: skip
    return manifest


def _divide(
    intake: Intake, labels: Sequence[str], config: ConvertConfig, folder: Path
) -> tuple[list[ShardPlan], Mapping[str, Mapping[str, int]]]:
    """The shards and the counts. What is to be remembered of them is on disk from here on, and no longer in memory."""
    division = divide(intake.items, labels, config, folder)
    write_units(Staging(folder).attachment(SPLITS_NAME), config.split, division.units)
    return division.plans, division.counts


def _read_bytes(entry: Entry) -> bytes:
    """An entry's encoded picture: from its input, from staging, or out of an earlier conversion's shard."""
    if entry.source.endswith(SHARD_SUFFIX):
        return read_encoded(Path(entry.source), entry.offset)
    return read_part(entry.source, entry.offset, entry.size_bytes)


def _say_known(intake: Intake, chunks: Sequence[Chunk]) -> None:
    if intake.known:
        console.say(f"{say_inputs(intake.known)} known from an earlier conversion and not read again.")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = "is a file" if folder.is_file() else f"cannot be made: {error.strerror}"
        raise DatasetError(
            f"dataset.records={folder} {what}.", next_step="Give another folder: dataset.records=DIR."
        ) from error


def count_cores() -> int:
    """Cores that this process may use: a container or a batch system may have given us fewer than there are."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check_samples(
    intake: Intake, labels: Sequence[str], rejected: Sequence[Rejected], folder: Path, config: ConvertConfig
) -> None:
    """Refuses a dataset without samples, and classes that nothing is left of."""
    found = intake.items.labels()
    empty = [label for label in labels if label not in found]
    where = f"{say_inputs(len(rejected))} left out, see {folder / REJECTED_NAME}"
    if not intake.items:
        first = f", such as {rejected[0].path}: {rejected[0].reason}" if rejected else ""
        raise DatasetError(f"Not one sample is left: {where}{first}.", next_step="Mend the inputs and run again.")
    if not empty:
        return
    shown = ", ".join(empty[:20]) + (", ..." if len(empty) > 20 else "")
    problem = f"{len(empty)} of {len(labels)} classes have 0 samples: {shown}; {where}."
    if not config.split.require_every_class:
        console.warn(problem)
        return
    if isinstance(config.dataset, VideoConfig):
        advice = f"Lower dataset.every_secs={config.dataset.every_secs:g} so that short segments are met"
    else:
        advice = "Add pictures, or remove the empty folders"
    raise DatasetError(problem, next_step=f"{advice}, or set split.require_every_class=false.")


def _write_rejected(folder: Path, rejected: Sequence[Rejected]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", "reason"])
    writer.writerows([printable(one.path), one.reason] for one in rejected)
    atomic.write_text(folder / REJECTED_NAME, text.getvalue())


def _count(manifest: Manifest) -> str:
    return console.count_of(sum(shard.samples for shard in manifest.shards), "sample")


def _run(config: Any) -> None:
    started = time.monotonic()
    manifest = convert(config)
    show(manifest, records_dir(config.dataset, config.split), time.monotonic() - started)


def main() -> None:
    """`python -m graphcore.convert`."""
    from graphcore.command import run_command

    run_command(_run, config_name="config", job="convert")


if __name__ == "__main__":
    main()
