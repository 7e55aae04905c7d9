"""Opens the source that a dataset's options name, drawing graphcore's own samples first where they are asked
for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from graphcore.config import DatasetConfig, FractalsConfig, ImageFolderConfig, SutureScenesConfig, VideoConfig
from graphcore.errors import ConfigError
from graphcore.sources.image_folder import open_image_folder
from graphcore.sources.item import Source
from graphcore.sources.normalise import PictureOptions
from graphcore.sources.video_folder import open_video_folder

SAMPLES = Path("data/samples")
KINDS = ("image_folder", "video", "fractals", "suture_scenes")


def open_source(dataset: DatasetConfig) -> Source:
    """Lists a dataset's inputs; reads none of them.

    Raises:
        ConfigError: an option that must be given is not.
        DatasetError: the inputs are missing.
    """
    options = PictureOptions(dataset.size, dataset.format, dataset.quality, dataset.max_pixels)
    if isinstance(dataset, ImageFolderConfig):
        options = replace(options, take_wrongly_named=dataset.wrongly_named == "take")
        return open_image_folder(_find_pictures(dataset), options)
    if isinstance(dataset, VideoConfig):
        videos, annotations = _find_videos(dataset)
        return open_video_folder(videos, annotations, dataset.every_secs, options)
    raise ConfigError(f"dataset.kind={dataset.kind} is not known.", choices=KINDS)


def name_dataset(dataset: DatasetConfig) -> str:
    """The dataset's name: as given, else that of the folder its inputs lie in."""
    if dataset.name:
        return dataset.name
    given = getattr(dataset, "dir", None) or getattr(dataset, "videos", None)
    return (Path(given).absolute().resolve().name if given else "") or dataset.kind


def _find_pictures(dataset: ImageFolderConfig) -> Path:
    if dataset.dir is not None:
        return Path(dataset.dir)
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


def _find_videos(dataset: VideoConfig) -> tuple[Path, Path | None]:
    annotations = Path(dataset.annotations) if dataset.annotations is not None else None
    if dataset.videos is not None:
        return Path(dataset.videos), annotations
    if not isinstance(dataset, SutureScenesConfig):
        raise ConfigError(
            "Nothing is given for dataset.videos.", next_step="Add dataset.videos=DIR, the folder of videos."
        )
    if annotations is not None:
        raise ConfigError(
            f"dataset.annotations={annotations} is given, dataset.videos is not.",
            next_step="Add dataset.videos=DIR.",
        )
    from graphcore.sources.samples.suture_scenes import draw_suture_scenes

    shape = f"{dataset.drawn_width}x{dataset.drawn_height}-{dataset.fps}fps"
    folder = SAMPLES / f"suture_scenes-{dataset.scenes}x{dataset.scene_secs:g}s-{shape}-seed{dataset.seed}"
    return draw_suture_scenes(
        folder,
        dataset.scenes,
        dataset.scene_secs,
        dataset.drawn_width,
        dataset.drawn_height,
        dataset.fps,
        dataset.seed,
    )
