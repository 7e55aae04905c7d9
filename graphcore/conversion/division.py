"""Items to shards: each finds its group and split, and what was decided once is remembered.

`splits.json` beside the records says where every group and picture went. Data that is added later is divided
without moving anybody who is there.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from json.encoder import encode_basestring as _quote
from pathlib import Path, PurePosixPath
from typing import Any

from graphcore import console
from graphcore.config import DatasetConfig, SplitConfig, VideoConfig
from graphcore.conversion.made import Made
from graphcore.conversion.options import ConvertConfig, describe_split, find_relatives
from graphcore.errors import ConfigError
from graphcore.sources.item import Item
from graphcore.splits.assign import Assignment, SplitItem, assign_splits, find_gaps
from graphcore.splits.item import list_labels
from tfrecords.plan import Entry, ShardPlan, plan_shards

SPLITS_NAME = "splits.json"

_MIB = 2**20

# Where a subject may be named: of pictures, and of videos.
_NAME_SUBJECTS = (
    "A subject is named by a column subject of dataset.list, or by folders: "
    "'dataset.pattern={subject}/{class}/{name}'.",
    'A subject is named by "subject" in our JSON, by a column subject of a spreadsheet, or by the names of the files: '
    "'dataset.recordings={subject}_{recording}'.",
)


@dataclass(frozen=True)
class Division:
    """Who goes where.

    Attributes:
        plans: the shards.
        units: the split of each group or picture, to be remembered.
        counts: samples by split, then by class name.
    """

    plans: list[ShardPlan]
    units: Mapping[str, str]
    counts: Mapping[str, Mapping[str, int]]


def check_grouping(dataset: DatasetConfig, split: SplitConfig) -> None:
    """Refuses what pictures cannot be divided by.

    Raises:
        ConfigError: naming the choices.
    """
    if isinstance(dataset, VideoConfig):
        return
    if split.group_by in ("video", "recording"):
        problem = f"split.group_by={split.group_by} needs videos; these are pictures."
        raise ConfigError(problem, choices=("file", "subject"))
    if split.stratify_by == "time":
        problem = "split.stratify_by=time needs videos; these are pictures."
        raise ConfigError(problem, choices=("none", "samples"))


def divide(items: Sequence[Item], labels: Sequence[str], config: ConvertConfig, folder: Path) -> Division:
    """Gives each item its split and shard.

    Args:
        items: the samples.
        labels: class names in the order of their numbers.
        config: the options.
        folder: of the records, where an earlier division is remembered.

    Raises:
        ConfigError: groups that are asked for are not known.
        DatasetError: a class cannot be in every split.
    """
    split = config.split
    assignment, counts = _assign(items, labels, config, folder)
    numbers = {label: number for number, label in enumerate(labels)}
    entries = Made(partial(_make_entry, numbers, split.grouping), items, assignment.splits)
    return Division(plan_shards(entries, int(config.shards.size_mib * _MIB)), assignment.units, counts)


def _assign(
    items: Sequence[Item], labels: Sequence[str], config: ConvertConfig, folder: Path
) -> tuple[Assignment, dict[str, dict[str, int]]]:
    """Gives each item its split, and counts."""
    split = config.split
    weights = [_measure_seconds(items, config.dataset)] if split.stratify_by == "time" else []
    samples = Made(partial(_make_sample, split.grouping), items, *weights)
    assignment = assign_splits(samples, split, read_units(folder, split))
    found = [_find_label(item) for item in items]
    for label, missing in find_gaps(found, assignment.splits, split).items():
        console.warn(f"class {label} is missing from {', '.join(missing)}")
    return assignment, count_labels(found, assignment.splits, labels, split)


def find_group(item: Item, group_by: str) -> str:
    """What must not straddle splits, and must be known: a guess would leak test samples into training.

    Raises:
        ConfigError: the inputs do not say it.
    """
    if group_by == "file":
        return item.group
    if item.group:
        raise ConfigError(
            f"The list keeps {item.key} in the group {item.group}, which split.group_by={group_by} would divide.",
            next_step="Leave split.group_by=file, which keeps the list's groups whole, or take its group column out.",
        )
    # A video is a file, also where several make up a recording; a recording is what all of its cameras saw.
    video = PurePosixPath(item.filename).with_suffix("").as_posix()
    group = {"video": video, "recording": item.recording, "subject": item.subject}[group_by]
    if not group:
        whose = f"video {item.video_id}" if item.video_id else f"picture {item.key}"
        raise ConfigError(
            f"The inputs name no subject for {whose}; split.group_by=subject needs one.",
            choices=("file", "video", "recording") if item.video_id else ("file",),
            next_step=_NAME_SUBJECTS[bool(item.video_id)],
        )
    return group


def read_units(folder: Path, split: SplitConfig) -> dict[str, str]:
    """Where an earlier conversion by the same options put everybody; its own first, then that of other folds."""
    wanted = json.loads(json.dumps(describe_split(split)))
    units: dict[str, str] = {}
    for place in (folder, *(find_relatives(folder) if split.folds else ())):
        try:
            found = json.loads((place / SPLITS_NAME).read_bytes())
            if found["options"] == wanted:
                units = {str(unit): sys.intern(str(name)) for unit, name in found["units"].items()} | units
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # none yet, or damaged: divided anew
    return units


def write_units(path: Path, split: SplitConfig, units: Mapping[str, str]) -> None:
    """Writes what `read_units` reads, unit by unit: sorted or as text all at once they would be as large again."""
    with path.open("w", encoding="utf-8") as file:
        head = json.dumps({"options": describe_split(split), "units": {}}, indent=1, ensure_ascii=False)
        file.write(head.removesuffix("{}\n}"))
        begin = "{"
        for unit in sorted(units):
            file.write(f"{begin}\n  {_quote(unit)}: {_quote(units[unit])}")
            begin = ","
        file.write("\n }\n}\n" if units else "{}\n}\n")


def count_labels(
    found: Sequence[str | tuple[str, ...]], splits: Sequence[str], labels: Sequence[str], split: SplitConfig
) -> dict[str, dict[str, int]]:
    """Samples of each class in each split.

    Args:
        found: for each sample the name of its class, or the names of its classes.
        splits: for each sample its split.
        labels: all class names.
        split: says which splits there are; one without a share counts where it has samples.
    """
    used = set(splits)
    names = [name for name, share in split.shares().items() if share > 0 or name in used]
    counts = {name: dict.fromkeys(labels, 0) for name in names}
    for (several, name), count in Counter(zip(found, splits, strict=True)).items():
        for label in list_labels(several):
            counts[name][label] += count
    return counts


def _find_label(item: Item) -> str | tuple[str, ...]:
    return item.text if item.labels is None else item.labels


def _measure_seconds(items: Sequence[Item], dataset: DatasetConfig) -> list[float]:
    """How long each frame stands for: until the next of its video, as far as frames usually lie apart."""
    usual = getattr(dataset, "every_secs", 1.0)
    moments = [(item.video_id, item.time_secs or 0.0) for item in items]
    seconds = [usual] * len(items)
    for index, following in itertools.pairwise(sorted(range(len(items)), key=moments.__getitem__)):
        (video, start), (same, end) = moments[index], moments[following]
        if video == same:
            seconds[index] = min(end - start, 2 * usual)
    return seconds


def _make_sample(group_by: str, item: Item, weight: float = 1.0) -> SplitItem:
    return SplitItem(item.identity, _find_label(item), find_group(item, group_by), item.split, weight)


def _make_entry(numbers: Mapping[str, int], group_by: str, item: Item, split: str) -> Entry:
    several: Any = None if item.labels is None else tuple(sorted(numbers[label] for label in item.labels))
    return Entry(
        key=item.key,
        split=split,
        label=numbers[item.text] if item.text else -1,
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
        group=find_group(item, group_by),
        digest=item.digest,
        crc=item.crc,
        labels=several,
        subject=item.subject,
    )
