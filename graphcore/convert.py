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
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from graphcore import atomic, console
from graphcore.config import (
    DatasetConfig,
    FractalsConfig,
    ImageFolderConfig,
    ShardsConfig,
    SplitConfig,
    SutureScenesConfig,
    VideoConfig,
)
from graphcore.errors import ConfigError, DatasetError
from graphcore.sources.choose import name_dataset, open_source
from graphcore.sources.files import printable
from graphcore.sources.freshness import explain_staleness
from graphcore.sources.intake import Intake, take_in
from graphcore.sources.item import Item, Rejected, Source
from graphcore.splits import SplitItem, assign_splits, find_gaps
from tfrecords.manifest import MANIFEST_NAME, InputInfo, Manifest, read_manifest, write_manifest
from tfrecords.plan import Entry, ShardPlan, plan_shards
from tfrecords.staging import Staging
from tfrecords.writer import begin, finish, write_dataset

logger = logging.getLogger(__name__)

RECORDS = Path("data/tfrecords")
REJECTED_NAME = "rejected.csv"

_VERSION = 1
"""Raised when the same inputs and options give other records: all that exist are stale then."""

_ROWS_SHOWN = 40
_MIB = 2**20


class ConvertConfig(Protocol):
    """The part of `graphcore.config.Config` that a conversion reads."""

    dataset: DatasetConfig
    split: SplitConfig
    shards: ShardsConfig


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
    folder = records_dir(config.dataset)
    source = open_source(config.dataset)
    options = describe_options(config)
    manifest, reason = _find_fresh(folder, source, options)
    if manifest is not None:
        console.say(f"Records in {folder} are up to date: {_count(manifest)} samples.")
        return manifest
    if reason:
        console.say(f"Records in {folder} are made again: {reason}.")
    manifest = _convert(config, folder, source, options)
    console.say(f"Records in {folder}: {_count(manifest)} samples in {time.monotonic() - started:.1f} s.")
    return manifest


def is_fresh(config: ConvertConfig) -> bool:
    """Whether `convert` would return at once: by sizes and times, by contents only where those differ."""
    source = open_source(config.dataset)
    return _find_fresh(records_dir(config.dataset), source, describe_options(config))[0] is not None


def records_dir(dataset: DatasetConfig) -> Path:
    """Where a dataset's records are."""
    return Path(dataset.records) if dataset.records else RECORDS / name_dataset(dataset)


def describe_options(config: ConvertConfig) -> dict[str, Any]:
    """Every option that decides the records, by its full name. Where the inputs lie and who works on them do
    not."""
    dataset, split = config.dataset, config.split
    options: dict[str, Any] = {"version": _VERSION, "dataset.name": name_dataset(dataset)}
    names = ["kind", "size", "format", "quality", "max_pixels"]
    if isinstance(dataset, VideoConfig):
        names += ["every_secs"]
    if isinstance(dataset, ImageFolderConfig):
        names += ["wrongly_named"]
    if isinstance(dataset, (FractalsConfig, SutureScenesConfig)):
        names += ["seed"]
    options |= {f"dataset.{name}": getattr(dataset, name) for name in names}
    options |= {f"split.{name}": share for name, share in split.shares().items()}
    options |= {"split.group_by": split.group_by, "split.require_every_class": split.require_every_class}
    return options | {"shards.size_mib": config.shards.size_mib}


def _find_fresh(folder: Path, source: Source, options: dict[str, Any]) -> tuple[Manifest | None, str]:
    """The manifest of records that are up to date, else why they are not; "" where there are none yet."""
    if not (folder / MANIFEST_NAME).exists():
        return None, ""
    manifest = read_manifest(folder)
    reason, current = explain_staleness(manifest, folder, source.inputs, options)
    if reason:
        return None, reason
    if current != manifest:
        write_manifest(folder, current)
    return current, ""


def _convert(config: ConvertConfig, folder: Path, source: Source, options: dict[str, Any]) -> Manifest:
    _check_grouping(config.dataset, config.split.group_by)
    workers = config.shards.workers or _count_cores()
    chunks, unread = source.plan_chunks(workers)
    _make_folder(folder)
    staging = Staging(folder)
    with staging.exclusive():
        begin(folder)
        intake = take_in(chunks, staging, workers, source.unit)
        rejected = sorted([*unread, *intake.rejected], key=lambda one: (one.path, one.reason))
        _write_rejected(folder, rejected)
        labels = source.name_classes(intake.items)
        _check_samples(intake, labels, rejected, folder, config)
        plans = _plan(intake.items, labels, config)
        with console.progress("Writing", len(intake.items), "samples") as advance:
            shards = write_dataset(folder, plans, workers=workers, on_progress=advance)
        manifest = Manifest(
            name=name_dataset(config.dataset),
            kind=config.dataset.kind,
            labels=labels,
            counts=_count_labels(plans, labels, config.split),
            shards=tuple(shards),
            options=options,
            inputs=_describe_inputs(source, intake),
            rejected=len(rejected),
        )
        finish(folder, manifest)
    if rejected:
        console.warn(f"{_say_inputs(len(rejected))} left out; {folder / REJECTED_NAME} says why, such as "
                     f"{rejected[0].path}: {rejected[0].reason}")  # fmt: skip
    return manifest


def _say_inputs(count: int) -> str:
    return "1 input was" if count == 1 else f"{count} inputs were"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = "is a file" if folder.is_file() else f"cannot be made: {error.strerror}"
        raise DatasetError(
            f"dataset.records={folder} {what}.", next_step="Give another folder: dataset.records=DIR."
        ) from error


def _count_cores() -> int:
    # Not cpu_count: a container or a batch system may have given us fewer.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check_samples(
    intake: Intake, labels: Sequence[str], rejected: Sequence[Rejected], folder: Path, config: ConvertConfig
) -> None:
    """Refuses a dataset without samples, and classes that nothing is left of."""
    found = {item.text for item in intake.items}
    empty = [label for label in labels if label not in found]
    where = f"{_say_inputs(len(rejected))} left out, see {folder / REJECTED_NAME}"
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


def _plan(items: Sequence[Item], labels: Sequence[str], config: ConvertConfig) -> list[ShardPlan]:
    groups = [_find_group(item, config.split.group_by) for item in items]
    samples = [SplitItem(item.identity, item.text, group) for item, group in zip(items, groups, strict=True)]
    splits = assign_splits(samples, config.split)
    for label, missing in find_gaps([item.text for item in items], splits, config.split).items():
        console.warn(f"class {label} is missing from {', '.join(missing)}")
    numbers = {label: number for number, label in enumerate(labels)}
    entries = (
        _make_entry(item, split, numbers[item.text], group)
        for item, split, group in zip(items, splits, groups, strict=True)
    )
    return plan_shards(entries, int(config.shards.size_mib * _MIB))


def _check_grouping(dataset: DatasetConfig, group_by: str) -> None:
    if group_by != "file" and not isinstance(dataset, VideoConfig):
        raise ConfigError(f"split.group_by={group_by} needs videos; these are pictures.", choices=("file",))


def _find_group(item: Item, group_by: str) -> str:
    """What must not straddle splits, and must be known: a guess would leak test samples into training."""
    if group_by == "file":
        return ""
    group = item.video_id if group_by == "video" else item.subject
    if not group:
        problem = f"The annotations name no subject for video {item.video_id}; split.group_by=subject needs one."
        raise ConfigError(problem, choices=("file", "video"))
    return group


def _make_entry(item: Item, split: str, label: int, group: str) -> Entry:
    return Entry(
        key=item.key,
        split=split,
        label=label,
        text=item.text,
        filename=item.filename,
        format=item.format,
        height=item.height,
        width=item.width,
        size_bytes=item.size_bytes,
        source=item.source,
        offset=item.offset,
        video_id=item.video_id,
        time_secs=item.time_secs,
        group=group,
        digest=item.digest,
    )


def _count_labels(plans: Sequence[ShardPlan], labels: Sequence[str], split: SplitConfig) -> dict[str, dict[str, int]]:
    counts = {name: dict.fromkeys(labels, 0) for name, share in split.shares().items() if share > 0}
    for plan in plans:
        for entry in plan.entries:
            counts[plan.split][entry.text] += 1
    return counts


def _describe_inputs(source: Source, intake: Intake) -> dict[str, InputInfo]:
    """Every input, also those that were never read: a change of any makes the records stale."""
    unread = {name: file.describe() for name, file in source.inputs.items() if name not in intake.infos}
    infos = {**unread, **intake.infos}
    return {name: infos[name] for name in sorted(infos)}


def _write_rejected(folder: Path, rejected: Sequence[Rejected]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", "reason"])
    writer.writerows([printable(one.path), one.reason] for one in rejected)
    atomic.write_text(folder / REJECTED_NAME, text.getvalue())


def _count(manifest: Manifest) -> int:
    return sum(shard.samples for shard in manifest.shards)


def show(manifest: Manifest, folder: Path, seconds: float) -> None:
    """Prints the classes' counts in each split, and what was written."""
    splits = list(manifest.counts)
    rows: list[list[Any]] = [
        [label, *(manifest.counts[split].get(label, 0) for split in splits)] for label in manifest.labels
    ]
    rest = rows[_ROWS_SHOWN:]
    if rest:
        sums = [sum(row[column] for row in rest) for column in range(1, len(splits) + 1)]
        rows = [*rows[:_ROWS_SHOWN], [f"{len(rest)} more", *sums]]
    rows.append(["all", *(manifest.samples(split) for split in splits)])
    console.show_table(f"{manifest.name} ({manifest.kind})", ["class", *splits], rows)
    size_mib = sum(shard.size_bytes for shard in manifest.shards) / _MIB
    facts = [
        f"{len(manifest.shards)} shards",
        f"{size_mib:.1f} MiB",
        f"{manifest.rejected} rejected",
        f"{seconds:.1f} s",
    ]
    console.say(f"{folder}: {', '.join(facts)}")


def _run(config: Any) -> None:
    started = time.monotonic()
    manifest = convert(config)
    show(manifest, records_dir(config.dataset), time.monotonic() - started)


def main() -> None:
    """`python -m graphcore.convert`."""
    from graphcore.command import run_command

    run_command(_run, config_name="config", job="convert")


if __name__ == "__main__":
    main()
