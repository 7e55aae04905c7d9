"""The whole of a dataset as one split to test on, in records of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from graphcore.config import DatasetConfig, ShardsConfig, SplitConfig
from graphcore.conversion.options import RECORDS, records_dir
from graphcore.convert import convert
from graphcore.errors import ConfigError
from graphcore.sources.choose import name_dataset
from tfrecords.errors import RecordsError
from tfrecords.manifest import MANIFEST_NAME, Manifest, read_outline

# The one split of such records.
SPLIT = "test"
# How pictures and frames are made; where they lie and what their annotations are called is each dataset's own. A choice
# of labels is not followed either: one that is annotated nowhere would be refused.
FOLLOWED = (
    *("size", "format", "quality", "max_pixels", "wrongly_named"),
    *("every_secs", "sampling", "keyframe_tolerance_secs", "boundary_margin_secs", "overlap"),
)


@dataclass
class WholeSplitConfig(SplitConfig):
    """Everything is tested on, whatever the inputs say of splits."""

    train: float = 0.0
    validation: float = 0.0
    test: float = 100.0
    given: str = "ignore"
    require_every_class: bool = False

    def __post_init__(self) -> None:
        """A plain `SplitConfig` refuses to leave nothing to train on."""


@dataclass
class WholeConfig:
    """What `convert` is to know."""

    dataset: DatasetConfig
    split: SplitConfig = field(default_factory=WholeSplitConfig)
    shards: ShardsConfig = field(default_factory=ShardsConfig)


def choose_followed(options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a run's dataset that another one is converted by, by short name ("size").

    Args:
        options: `Run.dataset_options`.
    """
    named = {name.removeprefix("dataset."): value for name, value in options.items()}
    return {name: named[name] for name in FOLLOWED if name in named}


def convert_whole(dataset: DatasetConfig, apart_from: Path) -> tuple[Path, Manifest]:
    """Converts the whole of a dataset, unless that was done before.

    Args:
        dataset: `records=None` is data/tfrecords/<name>-evaluated.
        apart_from: a folder of records that is never taken.

    Returns:
        The folder of its records, and what it holds.

    Raises:
        ConfigError: its records would take the place of others.
        DatasetError: it cannot be converted.
    """
    if dataset.records is None:
        dataset = replace(dataset, records=str(RECORDS / f"{name_dataset(dataset)}-evaluated"))
    folder = records_dir(dataset)
    _refuse_other_records(folder, apart_from)
    return folder, convert(WholeConfig(dataset))


def _refuse_other_records(folder: Path, apart_from: Path) -> None:
    try:
        is_divided = any(split != SPLIT for split in read_outline(folder).splits)
    except RecordsError:
        if (folder / MANIFEST_NAME).exists():
            raise
        is_divided = False
    if is_divided or folder.resolve() == apart_from.resolve():
        raise ConfigError(
            f"dataset.records={folder} holds records that were divided for training, and would be replaced.",
            next_step="Leave dataset.records out, or give a folder of its own.",
        )
