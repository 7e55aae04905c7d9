"""The source that a dataset's options name, drawing graphcore's own samples first where they are asked
for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from graphcore import storage
from graphcore.config import (
    DatasetConfig,
    FractalsConfig,
    ImageFolderConfig,
    ImageListConfig,
    PicturesConfig,
    ProceduresConfig,
    RecordFilesConfig,
    SutureScenesConfig,
    VideoConfig,
)
from graphcore.errors import ConfigError
from graphcore.sources.annotations.model import ReadOptions
from graphcore.sources.item import Source
from graphcore.sources.normalise import PictureOptions

SAMPLES = Path("data/samples")
ANNOTATIONS = "annotations.json"
"""The marks of videos where nothing else is given, beside them."""
KINDS = ("image_folder", "image_list", "video", "record_files", "fractals", "suture_scenes", "procedures")


def open_source(dataset: DatasetConfig) -> Source:
    """Lists a dataset's inputs; reads none of them.

    Raises:
        ConfigError: an option that must be given is not.
        DatasetError: the inputs are missing.
    """
    pictures = PictureOptions(dataset.size, dataset.format, dataset.quality, dataset.max_pixels)
    if isinstance(dataset, PicturesConfig):
        pictures = replace(pictures, take_wrongly_named=dataset.wrongly_named == "take")
    if isinstance(dataset, ImageListConfig):
        return _open_list(dataset, pictures)
    if isinstance(dataset, ImageFolderConfig):
        return _open_folder(dataset, pictures)
    if isinstance(dataset, RecordFilesConfig):
        return _open_records(dataset, pictures)
    if isinstance(dataset, VideoConfig):
        return _open_videos(dataset, pictures)
    raise ConfigError(f"dataset.kind={dataset.kind} is not known.", choices=KINDS)


def name_dataset(dataset: DatasetConfig) -> str:
    """The dataset's name: as given, else that of the list or folder its inputs lie in."""
    if dataset.name:
        return dataset.name
    listed = getattr(dataset, "list", None)
    if listed:
        return PurePosixPath(listed).stem or dataset.kind
    given = getattr(dataset, "dir", None) or getattr(dataset, "videos", None)
    if given and storage.is_remote(given):
        return PurePosixPath(given.partition("://")[2]).name or dataset.kind
    return (Path(given).absolute().resolve().name if given else "") or dataset.kind


def locate_videos(dataset: VideoConfig) -> tuple[Path, Path]:
    """The folder of a dataset's videos, and its marks; of samples as well, though none is drawn.

    Raises:
        ConfigError: nobody says where they lie.
    """
    if dataset.videos is not None:
        videos = storage.to_path(dataset.videos, "dataset.videos")
        given = dataset.annotations
        return videos, videos / ANNOTATIONS if given is None else storage.to_path(given, "dataset.annotations")
    if isinstance(dataset, SutureScenesConfig):
        return _name_scenes(dataset), _name_scenes(dataset) / ANNOTATIONS
    if isinstance(dataset, ProceduresConfig):
        from graphcore.sources.samples.procedures import SPREADSHEET

        return _name_procedures(dataset), _name_procedures(dataset) / SPREADSHEET
    raise ConfigError("Nothing is given for dataset.videos.", next_step="Add dataset.videos=DIR, the folder of videos.")


def has_inputs(dataset: DatasetConfig) -> bool:
    """Whether it is said what the dataset is made of: its inputs are named, or drawn by graphcore itself."""
    named = any(getattr(dataset, name, None) for name in ("dir", "videos", "list"))
    return named or isinstance(dataset, (FractalsConfig, SutureScenesConfig, ProceduresConfig))


def _open_list(dataset: ImageListConfig, pictures: PictureOptions) -> Source:
    from graphcore.sources.image_list import ListOptions, open_image_list

    if dataset.list is None:
        raise ConfigError(
            "Nothing is given for dataset.list.", next_step="Add dataset.list=FILE, a table of paths and labels."
        )
    options = ListOptions(
        columns=dataset.columns or {},
        label_separator=dataset.label_separator,
        multi_label=dataset.multi_label,
        include=tuple(dataset.include),
    )
    folder = None if dataset.dir is None else storage.to_path(dataset.dir, "dataset.dir")
    return open_image_list(storage.to_path(dataset.list, "dataset.list"), folder, pictures, options)


def _open_folder(dataset: ImageFolderConfig, pictures: PictureOptions) -> Source:
    from graphcore.sources.image_folder import open_image_folder

    return open_image_folder(
        _find_pictures(dataset),
        pictures,
        include=tuple(dataset.include),
        pattern=dataset.pattern,
        nested_classes=dataset.nested_classes,
    )


def _find_pictures(dataset: ImageFolderConfig) -> Path:
    if dataset.dir is not None:
        return storage.to_path(dataset.dir, "dataset.dir")
    if not isinstance(dataset, FractalsConfig):
        raise ConfigError(
            "Nothing is given for dataset.dir.",
            next_step="Add dataset.dir=DIR, the folder that holds one folder per class.",
        )
    from graphcore.sources.samples.fractals import draw_fractals

    shape = f"{dataset.classes}x{dataset.per_class}-{dataset.drawn_size}px-seed{dataset.seed}"
    folder = SAMPLES / f"fractals-{shape}"
    draw_fractals(folder, dataset.classes, dataset.per_class, dataset.drawn_size, dataset.seed)
    return folder


def _open_records(dataset: RecordFilesConfig, pictures: PictureOptions) -> Source:
    from graphcore.sources.record_files import open_record_files
    from graphcore.sources.record_samples import RecordOptions

    if dataset.dir is None:
        raise ConfigError(
            "Nothing is given for dataset.dir.", next_step="Add dataset.dir=DIR, the folder of the .tfrecord files."
        )
    labels = None if dataset.labels_file is None else storage.to_path(dataset.labels_file, "dataset.labels_file")
    options = RecordOptions(pictures, {}, dataset.labels_offset)
    return open_record_files(storage.to_path(dataset.dir, "dataset.dir"), options, dataset.prefix, labels)


def _open_videos(dataset: VideoConfig, pictures: PictureOptions) -> Source:
    # PyAV takes 60 ms to import, and photos need none of it.
    from graphcore.sources.frames.sample import SamplingOptions
    from graphcore.sources.video_folder import VideoFolderOptions, open_video_folder

    videos, annotations, recordings = _find_videos(dataset)
    options = VideoFolderOptions(
        sampling=SamplingOptions(
            every_secs=dataset.every_secs,
            sampling=dataset.sampling,
            keyframe_tolerance_secs=dataset.keyframe_tolerance_secs,
            size=dataset.size,
            max_pixels=dataset.max_pixels,
        ),
        pictures=pictures,
        format=dataset.annotation_format,
        reading=ReadOptions(
            fps=dataset.annotation_fps,
            frame_base=dataset.frame_base,
            columns=dataset.columns or {},
            tiers=None if dataset.tiers is None else tuple(dataset.tiers),
        ),
        labels=dataset.labels,
        overlap=dataset.overlap,
        margin_secs=dataset.boundary_margin_secs,
        recordings=recordings,
    )
    return open_video_folder(videos, annotations, options)


def _find_videos(dataset: VideoConfig) -> tuple[Path, Path | None, Any]:
    """The folder of videos, the annotations, and which files make up a recording."""
    given = dataset.annotations
    annotations = None if given is None else storage.to_path(given, "dataset.annotations")
    if dataset.videos is not None:
        return storage.to_path(dataset.videos, "dataset.videos"), annotations, dataset.recordings
    if not isinstance(dataset, (SutureScenesConfig, ProceduresConfig)):
        raise ConfigError(
            "Nothing is given for dataset.videos.", next_step="Add dataset.videos=DIR, the folder of videos."
        )
    for name in ("annotations", "recordings"):
        if getattr(dataset, name) is not None:
            raise ConfigError(
                f"dataset.{name}={getattr(dataset, name)} is given, dataset.videos is not.",
                next_step="Add dataset.videos=DIR.",
            )
    return _draw_procedures(dataset) if isinstance(dataset, ProceduresConfig) else _draw_scenes(dataset)


def _draw_scenes(dataset: SutureScenesConfig) -> tuple[Path, Path, None]:
    from graphcore.sources.samples.suture_scenes import draw_suture_scenes

    size = (dataset.drawn_width, dataset.drawn_height, dataset.fps, dataset.seed)
    return *draw_suture_scenes(_name_scenes(dataset), dataset.scenes, dataset.scene_secs, *size), None


def _name_scenes(dataset: SutureScenesConfig) -> Path:
    shape = f"{dataset.drawn_width}x{dataset.drawn_height}-{dataset.fps}fps"
    return SAMPLES / f"suture_scenes-{dataset.scenes}x{dataset.scene_secs:g}s-{shape}-seed{dataset.seed}"


def _draw_procedures(dataset: ProceduresConfig) -> tuple[Path, Path, str]:
    from graphcore.sources.samples.procedures import PATTERN, Sample, draw_procedures

    sample = Sample(
        subjects=dataset.subjects,
        cameras=dataset.cameras,
        chapters=dataset.chapters,
        chapter_secs=dataset.chapter_secs,
        width=dataset.drawn_width,
        height=dataset.drawn_height,
        fps=dataset.fps,
        seed=dataset.seed,
    )
    return *draw_procedures(_name_procedures(dataset), sample), PATTERN


def _name_procedures(dataset: ProceduresConfig) -> Path:
    counts = f"{dataset.subjects}x{dataset.cameras}x{dataset.chapters}x{dataset.chapter_secs:g}s"
    shape = f"{dataset.drawn_width}x{dataset.drawn_height}-{dataset.fps}fps"
    return SAMPLES / f"procedures-{counts}-{shape}-seed{dataset.seed}"
