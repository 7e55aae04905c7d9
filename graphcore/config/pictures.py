"""Options of datasets: what all have, and those made of pictures."""

from __future__ import annotations

from dataclasses import dataclass, field

from omegaconf import MISSING

from graphcore.config.checks import LARGEST_SEED, UNBOUNDED, between, known_keys, one_of
from graphcore.errors import ConfigError


@dataclass
class DatasetConfig:
    """What is to be classified and where its records go. Lengths in pixels."""

    kind: str = MISSING
    name: str | None = None
    records: str | None = None
    size: int | None = None
    format: str = "jpeg"
    quality: int = 95
    max_pixels: int = 100_000_000

    def __post_init__(self) -> None:
        if self.name is not None and (not self.name.strip(". ") or set(self.name) & set("/\\\0")):
            raise ConfigError(
                f"dataset.name={self.name} cannot be the name of a folder.",
                next_step="Give a plain name; dataset.records=DIR places the records anywhere.",
            )
        one_of("dataset.format", self.format, ("jpeg", "png"))
        between("dataset.quality", self.quality, 1, 100)
        between("dataset.max_pixels", self.max_pixels, 1, UNBOUNDED)
        if self.size is not None:
            between("dataset.size", self.size, 8, 16384, "pixels on the shorter side, or null")


@dataclass
class PicturesConfig(DatasetConfig):
    """Pictures, whichever way they are labelled."""

    dir: str | None = None
    include: list[str] = field(default_factory=lambda: ["*"])
    wrongly_named: str = "reject"

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("dataset.wrongly_named", self.wrongly_named, ("reject", "take"))
        if not self.include:
            raise ConfigError(
                "dataset.include=[] takes no file.", next_step="Say which: 'dataset.include=[\"*.jpg\"]'."
            )


@dataclass
class ImageFolderConfig(PicturesConfig):
    """A folder per class, or per split and class, or any tree that a pattern describes."""

    pattern: str | None = None
    nested_classes: bool = False


@dataclass
class ImageListConfig(PicturesConfig):
    """A table or JSON of pictures with their labels."""

    list: str | None = None
    columns: dict[str, str] | None = None
    label_separator: str = ";"
    multi_label: bool | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        known_keys("dataset.columns", self.columns or {}, ("path", "label", "split", "group", "subject"))
        if not self.label_separator.strip():
            raise ConfigError("dataset.label_separator is empty.", next_step="Give a sign such as ; or |.")


@dataclass
class RecordFilesConfig(DatasetConfig):
    """TFRecords in slim's schema."""

    dir: str | None = None
    prefix: str | None = None
    labels_file: str | None = None
    labels_offset: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        between("dataset.labels_offset", self.labels_offset, 0, UNBOUNDED)


@dataclass
class FractalsConfig(ImageFolderConfig):
    """Class folders of fractals, drawn by graphcore itself when `dir` is null."""

    classes: int = 100
    per_class: int = 100
    drawn_size: int = 144
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        between("dataset.seed", self.seed, 0, LARGEST_SEED)
        between("dataset.classes", self.classes, 2, 10_000)
        between("dataset.per_class", self.per_class, 3, 100_000)
        between("dataset.drawn_size", self.drawn_size, 32, 1024, "pixels")
