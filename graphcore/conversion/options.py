"""Which options decide the records, and where the records go."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Protocol

from graphcore import storage
from graphcore.config import (
    DatasetConfig,
    FractalsConfig,
    ImageFolderConfig,
    ImageListConfig,
    PicturesConfig,
    ProceduresConfig,
    RecordFilesConfig,
    ShardsConfig,
    SplitConfig,
    SutureScenesConfig,
    VideoConfig,
)
from graphcore.errors import ConfigError
from graphcore.sources.choose import name_dataset

RECORDS = Path("data/tfrecords")

_VERSION = 2
"""Raised when the same inputs and options give other records: all that exist are stale then."""

_COMMON = ("kind", "size", "format", "quality", "max_pixels")
_VIDEO = (
    "annotation_format", "annotation_fps", "frame_base", "columns", "tiers", "labels", "overlap",
    "boundary_margin_secs", "recordings", "every_secs", "sampling", "keyframe_tolerance_secs",
)  # fmt: skip
_BY_KIND: tuple[tuple[type, tuple[str, ...]], ...] = (
    (PicturesConfig, ("include", "wrongly_named")),
    (ImageFolderConfig, ("pattern", "nested_classes")),
    (ImageListConfig, ("columns", "label_separator", "multi_label")),
    (RecordFilesConfig, ("prefix", "labels_offset")),
    (VideoConfig, _VIDEO),
    (FractalsConfig, ("seed",)),
    (SutureScenesConfig, ("seed",)),
    (ProceduresConfig, ("seed",)),
)
_FOLD_FOLDER = re.compile(r"fold-\d+-of-\d+")


class ConvertConfig(Protocol):
    """The part of `graphcore.config.Config` that a conversion reads."""

    dataset: DatasetConfig
    split: SplitConfig
    shards: ShardsConfig


def describe_options(config: ConvertConfig) -> dict[str, Any]:
    """Every option that decides the records, by its full name. Where the inputs lie and who works on them do
    not."""
    dataset = config.dataset
    options: dict[str, Any] = {"version": _VERSION, "dataset.name": name_dataset(dataset)}
    names = list(_COMMON) + [name for kind, own in _BY_KIND if isinstance(dataset, kind) for name in own]
    options |= {f"dataset.{name}": getattr(dataset, name) for name in names}
    options |= describe_split(config.split) | {"split.fold": config.split.fold}
    options |= {"split.require_every_class": config.split.require_every_class}
    options |= {"shards.size_mib": config.shards.size_mib}
    return json.loads(json.dumps(options))  # as they come back from dataset.json, where keys of mappings are text


def describe_split(split: SplitConfig) -> dict[str, Any]:
    """The options that decide who belongs together and where; the same for all folds of one division."""
    names = ("train", "validation", "test", "group_by", "validation_groups", "test_groups", "folds")
    return {f"split.{name}": getattr(split, name) for name in (*names, "stratify_by", "given")}


def records_dir(dataset: DatasetConfig, split: SplitConfig | None = None) -> Path:
    """Where a dataset's records are on this machine: each fold's in a folder of its own, remote ones in a mirror."""
    mirror = find_mirror(dataset, split)
    if mirror is not None:
        return mirror.local
    base = Path(dataset.records) if dataset.records else RECORDS / name_dataset(dataset)
    _check_apart(dataset, base)
    return base / name_fold(split) if split is not None and split.folds else base


def _check_apart(dataset: DatasetConfig, folder: Path) -> None:
    """Refuses records among the inputs: the next conversion would take them for a class, or for new inputs."""
    if not isinstance(dataset, (ImageFolderConfig, RecordFilesConfig)) or not dataset.dir:
        return
    if storage.is_remote(dataset.dir):
        return
    if folder.resolve().is_relative_to(storage.to_path(dataset.dir, "dataset.dir").resolve()):
        raise ConfigError(
            f"dataset.records={folder} lies in dataset.dir={dataset.dir}, whose "
            f"{'files are inputs' if isinstance(dataset, RecordFilesConfig) else 'folders are classes'}.",
            next_step=f"Give a folder elsewhere: dataset.records=DIR, such as records/{name_dataset(dataset)}.",
        )


def find_mirror(dataset: DatasetConfig, split: SplitConfig | None = None) -> storage.Mirror | None:
    """What carries the records to and from a remote address; None where they stay on this machine."""
    if not dataset.records or not storage.is_remote(dataset.records):
        return None
    return storage.Mirror(dataset.records, name_fold(split) if split is not None else "")


def name_fold(split: SplitConfig) -> str:
    """The folder of a fold's records; "" where there are no folds."""
    return f"fold-{split.fold}-of-{split.folds}" if split.folds else ""


def find_relatives(folder: Path) -> list[Path]:
    """Folders of records of the same dataset: other folds, and the undivided one. Their pictures may be taken."""
    base = folder.parent if _FOLD_FOLDER.fullmatch(folder.name) else folder
    if not base.is_dir():
        return []
    folds = sorted(path for path in base.iterdir() if _FOLD_FOLDER.fullmatch(path.name))
    return [path for path in (base, *folds) if path != folder]
