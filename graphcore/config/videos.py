"""Options of datasets made of videos and what people marked in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from graphcore.config.checks import LARGEST_SEED, between, known_keys, one_of
from graphcore.config.pictures import DatasetConfig
from graphcore.errors import ConfigError

ANNOTATION_FORMATS = (
    "graphcore",
    "spreadsheet",
    "elan",
    "boris",
    "cvat",
    "label_studio",
    "via",
    "cholec80",
    "activitynet",
    "ms_tcn",
)
"""What `dataset.annotation_format` may name; "auto" recognises the file."""

WRITTEN_FORMATS = ("graphcore", "ms_tcn", "elan", "label_studio", "via", "activitynet")
"""What the `annotation_format` of predict may name."""


SEGMENT_COLUMNS = ("video", "recording", "start", "end", "label", "subject", "camera", "split")
"""What a column of a spreadsheet of segments may mean."""


@dataclass
class VideoConfig(DatasetConfig):
    """A folder of videos and their annotated segments, in any labelling tool's format."""

    videos: str | None = None
    annotations: str | None = None
    annotation_format: str = "auto"
    annotation_fps: float | None = None
    frame_base: int | None = None
    columns: dict[str, str] | None = None
    tiers: list[str] | None = None
    labels: Any = None
    overlap: str = "error"
    boundary_margin_secs: float = 0.0
    recordings: Any = None
    every_secs: float = 4.0
    sampling: str = "exact"
    keyframe_tolerance_secs: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        between("dataset.every_secs", self.every_secs, 0.001, 86_400, "seconds")
        one_of("dataset.annotation_format", self.annotation_format, ("auto", *ANNOTATION_FORMATS))
        if self.annotation_fps is not None:
            between("dataset.annotation_fps", self.annotation_fps, 0.001, 100_000, "frames a second, or null")
        if self.frame_base not in (None, 0, 1):
            raise ConfigError(f"dataset.frame_base={self.frame_base} is not known.", choices=("0", "1", "null"))
        known_keys("dataset.columns", self.columns or {}, SEGMENT_COLUMNS)
        _check_labels(self.labels)
        one_of("dataset.overlap", self.overlap, ("error", "first", "last", "shortest"))
        between("dataset.boundary_margin_secs", self.boundary_margin_secs, 0, 86_400, "seconds")
        if not isinstance(self.recordings, (str, list, dict, type(None))):
            raise ConfigError(
                f"dataset.recordings={self.recordings} is neither a pattern nor a list.",
                next_step="Give a pattern of file names such as '{subject}_{camera}_{chapter}', or lists of files.",
            )
        one_of("dataset.sampling", self.sampling, ("exact", "keyframe"))
        if self.keyframe_tolerance_secs is not None:
            if self.sampling != "keyframe":
                raise ConfigError(
                    f"dataset.keyframe_tolerance_secs={self.keyframe_tolerance_secs:g} does nothing with "
                    f"dataset.sampling={self.sampling}.",
                    next_step="Add dataset.sampling=keyframe, or leave it out.",
                )
            between("dataset.keyframe_tolerance_secs", self.keyframe_tolerance_secs, 0, 86_400, "seconds, or null")


def _check_labels(labels: Any) -> None:
    """A list chooses labels; a mapping renames them, and drops those mapped to null."""
    if labels is None or (isinstance(labels, list) and labels and all(isinstance(one, str) for one in labels)):
        return
    if isinstance(labels, dict) and all(
        isinstance(old, str) and (new is None or (isinstance(new, str) and new.strip())) for old, new in labels.items()
    ):
        return
    raise ConfigError(
        f"dataset.labels={labels} is neither a list of labels nor a mapping of them.",
        next_step="Choose: 'dataset.labels=[suturing,cutting]'; rename and drop: 'dataset.labels={stitch: suturing, "
        "idle: null}'.",
    )


@dataclass
class DrawnVideoConfig(VideoConfig):
    """Videos that graphcore draws itself when `videos` is null; sides in pixels."""

    drawn_width: int = 192
    drawn_height: int = 144
    fps: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        between("dataset.seed", self.seed, 0, LARGEST_SEED)
        between("dataset.drawn_width", self.drawn_width, 64, 1920, "pixels")
        between("dataset.drawn_height", self.drawn_height, 64, 1080, "pixels")
        between("dataset.fps", self.fps, 1, 60)


@dataclass
class SutureScenesConfig(DrawnVideoConfig):
    """Videos of a suture scene."""

    scenes: int = 40
    scene_secs: float = 24.0

    def __post_init__(self) -> None:
        super().__post_init__()
        between("dataset.scenes", self.scenes, 3, 1000)
        between("dataset.scene_secs", self.scene_secs, 8, 3600, "seconds")


@dataclass
class ProceduresConfig(DrawnVideoConfig):
    """Recordings of procedures in chapters, with a spreadsheet."""

    subjects: int = 7
    cameras: int = 2
    chapters: int = 2
    chapter_secs: float = 16.0

    def __post_init__(self) -> None:
        super().__post_init__()
        between("dataset.subjects", self.subjects, 3, 100)
        between("dataset.cameras", self.cameras, 1, 8)
        between("dataset.chapters", self.chapters, 1, 20)
        between("dataset.chapter_secs", self.chapter_secs, 8, 3600, "seconds")
