"""Which rows of the features are the frames of which video: what heads that judge frames in time learn from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graphcore.config import Config
from graphcore.errors import ConfigError, DatasetError
from graphcore.features.store import FeatureSet
from graphcore.heads.factory import is_temporal
from graphcore.timelines.marks import NO_MARKS, Marks, read_marks
from tfrecords.manifest import read_manifest

_PICTURES = ("image_folder", "image_list", "fractals")


@dataclass(frozen=True)
class TrainingVideos:
    """The videos of the splits that a training looks at.

    Attributes:
        marks: of each split's samples.
    """

    marks: Mapping[str, Marks]

    @property
    def rows(self) -> dict[str, list[np.ndarray]]:
        """Of each split the rows of each video's frames, int64, in the order of time."""
        return {split: list(marks.find_videos().values()) for split, marks in self.marks.items()}

    @property
    def step_secs(self) -> float:
        """Seconds from a frame of the training videos to the next."""
        return self.marks["train"].measure_step()

    def require_keys(self, features: Mapping[str, FeatureSet]) -> None:
        """Makes sure that rows of the features are what the marks say.

        Raises:
            DatasetError: they are of other samples, or in another order.
        """
        for split, marks in self.marks.items():
            if features[split].keys != marks.keys:
                raise DatasetError(
                    f"The features of {split} are not in the order of its records.",
                    next_step="Remove backbone.features_dir and run again.",
                )


def read_training_videos(config: Config, records: Path) -> TrainingVideos | None:
    """Reads where the frames of the splits are from; None for a head that has no use for it.

    Raises:
        ConfigError: the head judges frames of videos, and samples are none.
    """
    if not is_temporal(config.head):
        return None
    manifest = read_manifest(records)
    marks = {
        split: read_marks(records, split) if manifest.samples(split) else NO_MARKS for split in ("train", "validation")
    }
    for split, found in marks.items():
        if len(found) and not found.are_frames:
            raise ConfigError(
                f"head={config.head.name} judges the frames of videos in time, and {split} samples of {records} are "
                "pictures.",
                next_step="Choose head=linear, mlp or cosine; or a dataset of videos.",
            )
    return TrainingVideos(marks)


def check_temporal_options(config: Config) -> None:
    """Refuses what a head for videos cannot do.

    Raises:
        ConfigError: there are no videos, it would have to draw single frames, or to train the backbone.
    """
    if not is_temporal(config.head):
        return
    name = config.head.name
    if config.dataset.kind in _PICTURES:  # records may hold frames all the same; see `read_training_videos`
        raise ConfigError(
            f"head={name} judges the frames of videos in time, and dataset={config.dataset.kind} is of pictures.",
            next_step="Choose head=linear, mlp or cosine; or a dataset of videos.",
        )
    if config.trainer.name != "frozen":
        raise ConfigError(
            f"head={name} learns from the features of whole videos, and trainer={config.trainer.name} changes them at "
            "each step.",
            next_step="Set trainer=frozen; or fine-tune with head=linear, export the backbone (export.formats="
            "[backbone]) and give it as backbone.checkpoint.",
        )
    if config.trainer.sampling != "natural":
        raise ConfigError(
            f"trainer.sampling={config.trainer.sampling} draws single frames, and head={name} learns from videos as "
            "they are.",
            next_step="Set head.class_weights=balanced to give rare classes more weight.",
        )
