"""The schema of every option: what may be set, of which type and range. `conf/*.yaml` holds the values.

Hydra composes the YAML against these classes, so a misspelt option is refused; `validate` methods check what a type
cannot say. Library code is handed these objects, never a DictConfig.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from omegaconf import MISSING

from graphcore.errors import ConfigError

LARGEST_SEED = 2**31 - 1
UNBOUNDED = 2**40
"""A limit that only keeps arithmetic safe; messages do not mention it."""


def _one_of(option: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ConfigError(f"{option}={value} is not known.", choices=choices)


def _between(option: str, value: float, low: float, high: float, meaning: str = "") -> None:
    if not (low <= value <= high) or math.isnan(value):
        allowed = f"{_show(low)} or more" if high >= UNBOUNDED else f"{_show(low)} to {_show(high)}"
        raise ConfigError(f"{option}={_show(value)} is out of range: {allowed}{' ' + meaning if meaning else ''}.")


def _show(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


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
        _one_of("dataset.format", self.format, ("jpeg", "png"))
        _between("dataset.quality", self.quality, 1, 100)
        _between("dataset.max_pixels", self.max_pixels, 1, UNBOUNDED)
        if self.size is not None:
            _between("dataset.size", self.size, 8, 16384, "pixels on the shorter side, or null")


@dataclass
class ImageFolderConfig(DatasetConfig):
    """A folder per class."""

    dir: str | None = None
    wrongly_named: str = "reject"

    def __post_init__(self) -> None:
        super().__post_init__()
        _one_of("dataset.wrongly_named", self.wrongly_named, ("reject", "take"))


@dataclass
class FractalsConfig(ImageFolderConfig):
    """Class folders of fractals, drawn by graphcore itself when `dir` is null."""

    classes: int = 100
    per_class: int = 100
    drawn_size: int = 144
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        _between("dataset.seed", self.seed, 0, LARGEST_SEED)
        _between("dataset.classes", self.classes, 2, 10_000)
        _between("dataset.per_class", self.per_class, 3, 100_000)
        _between("dataset.drawn_size", self.drawn_size, 32, 1024, "pixels")


@dataclass
class VideoConfig(DatasetConfig):
    """A folder of videos and one file of annotated segments."""

    videos: str | None = None
    annotations: str | None = None
    every_secs: float = 4.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _between("dataset.every_secs", self.every_secs, 0.001, 86_400, "seconds")


@dataclass
class SutureScenesConfig(VideoConfig):
    """Videos of a suture scene, drawn by graphcore itself when `videos` is null."""

    scenes: int = 40
    scene_secs: float = 24.0
    drawn_width: int = 192
    drawn_height: int = 144
    fps: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        _between("dataset.seed", self.seed, 0, LARGEST_SEED)
        _between("dataset.scenes", self.scenes, 3, 1000)
        _between("dataset.scene_secs", self.scene_secs, 8, 3600, "seconds")
        _between("dataset.drawn_width", self.drawn_width, 64, 1920, "pixels")
        _between("dataset.drawn_height", self.drawn_height, 64, 1080, "pixels")
        _between("dataset.fps", self.fps, 1, 60)


@dataclass
class SplitConfig:
    """How samples are divided; the three shares are percentages and sum to 100."""

    train: float = 80.0
    validation: float = 10.0
    test: float = 10.0
    group_by: str = "file"
    require_every_class: bool = True

    def __post_init__(self) -> None:
        for name, share in self.shares().items():
            _between(f"split.{name}", share, 0, 100, "percent")
        total = sum(self.shares().values())
        if abs(total - 100) > 1e-6:
            given = " ".join(f"split.{name}={share:g}" for name, share in self.shares().items())
            raise ConfigError(f"The shares of the splits sum to {total:g}, not 100: {given}.")
        if self.train == 0:
            raise ConfigError("split.train=0 leaves nothing to train on.")
        _one_of("split.group_by", self.group_by, ("file", "video", "subject"))

    def shares(self) -> dict[str, float]:
        """Percent by split, in the order train, validation, test."""
        return {"train": self.train, "validation": self.validation, "test": self.test}


@dataclass
class ShardsConfig:
    """How records are cut into files. `workers=0` uses every core."""

    size_mib: float = 64.0
    workers: int = 0

    def __post_init__(self) -> None:
        _between("shards.size_mib", self.size_mib, 0.001, 65_536, "MiB")
        _between("shards.workers", self.workers, 0, 1024)


@dataclass
class BackboneConfig:
    """The pretrained network below the new last layer."""

    name: str = "mobilenet_v1"
    width: float = 0.25
    image_size: int = 128
    checkpoint: str | None = "embedded"
    end_point: str | None = None
    features_dir: str = "data/features"
    batch_size: int = 64

    def __post_init__(self) -> None:
        _between("backbone.batch_size", self.batch_size, 1, 65_536)


@dataclass
class HeadConfig:
    """The new last layer and its loss."""

    name: str = "linear"
    class_weights: str = "none"
    weight_decay: float = 0.003

    def __post_init__(self) -> None:
        _one_of("head.name", self.name, ("linear",))
        _one_of("head.class_weights", self.class_weights, ("none", "balanced"))
        _between("head.weight_decay", self.weight_decay, 0, 1e3)


@dataclass
class AugmentConfig:
    """Random changes to training pictures; the amounts are percentages, 0 is off."""

    flip_left_right: bool = False
    random_crop: float = 0.0
    random_scale: float = 0.0
    random_brightness: float = 0.0

    def __post_init__(self) -> None:
        for name in ("random_crop", "random_scale", "random_brightness"):
            _between(f"augment.{name}", getattr(self, name), 0, 99, "percent")

    def is_off(self) -> bool:
        """Whether pictures stay as they are."""
        return not (self.flip_left_right or self.random_crop or self.random_scale or self.random_brightness)


@dataclass
class OptimizerConfig:
    """The optimiser of the loss."""

    name: str = "adam"
    learning_rate: float = 0.01

    def __post_init__(self) -> None:
        _one_of("optimizer.name", self.name, ("adam", "sgd"))
        _between("optimizer.learning_rate", self.learning_rate, 0, 1e6)


@dataclass
class AdamConfig(OptimizerConfig):
    """Adam (Kingma and Ba, 2015)."""

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        _between("optimizer.beta1", self.beta1, 0, 0.999999)
        _between("optimizer.beta2", self.beta2, 0, 0.999999)
        _between("optimizer.epsilon", self.epsilon, 1e-30, 1e3)


@dataclass
class SgdConfig(OptimizerConfig):
    """Stochastic gradient descent, with momentum where it is not 0."""

    momentum: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _between("optimizer.momentum", self.momentum, 0, 0.999999)


@dataclass
class ScheduleConfig:
    """How the learning rate changes; `decay_steps=null` spans the whole training."""

    name: str = "fixed"
    warmup_steps: int = 0

    def __post_init__(self) -> None:
        _one_of("schedule.name", self.name, ("fixed", "exponential", "cosine"))
        _between("schedule.warmup_steps", self.warmup_steps, 0, UNBOUNDED)


@dataclass
class ExponentialConfig(ScheduleConfig):
    """learning_rate * decay_rate ** (step / decay_steps)."""

    decay_steps: int | None = None
    decay_rate: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_decay_steps(self.decay_steps)
        _between("schedule.decay_rate", self.decay_rate, 1e-30, 1)


@dataclass
class CosineConfig(ScheduleConfig):
    """Half a cosine from learning_rate down to learning_rate * end_factor over decay_steps."""

    decay_steps: int | None = None
    end_factor: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_decay_steps(self.decay_steps)
        _between("schedule.end_factor", self.end_factor, 0, 1)


def _check_decay_steps(decay_steps: int | None) -> None:
    if decay_steps is not None:
        _between("schedule.decay_steps", decay_steps, 1, UNBOUNDED, "steps, or null for the whole training")


@dataclass
class TrainerConfig:
    """What is trained and for how long; every length is in optimiser steps."""

    name: str = "frozen"
    steps: int = 500
    batch_size: int = 100
    eval_every_steps: int = 50
    patience: int = 0
    objective: str = "validation/accuracy"
    checkpoint_every_steps: int = 500

    def __post_init__(self) -> None:
        _one_of("trainer.name", self.name, ("frozen", "finetune"))
        for name in ("steps", "batch_size", "eval_every_steps", "checkpoint_every_steps"):
            _between(f"trainer.{name}", getattr(self, name), 1, UNBOUNDED)
        _between("trainer.patience", self.patience, 0, UNBOUNDED)
        _one_of("trainer.objective", self.objective, ("validation/accuracy", "validation/loss"))


@dataclass
class Config:
    """Everything that convert and train need to know."""

    dataset: DatasetConfig = MISSING
    split: SplitConfig = field(default_factory=SplitConfig)
    shards: ShardsConfig = field(default_factory=ShardsConfig)
    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    head: HeadConfig = field(default_factory=HeadConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    optimizer: OptimizerConfig = MISSING
    schedule: ScheduleConfig = MISSING
    trainer: TrainerConfig = field(default_factory=TrainerConfig)
    seed: int = 0

    def __post_init__(self) -> None:
        _between("seed", self.seed, 0, LARGEST_SEED)


@dataclass
class EvaluateConfig:
    """`python -m graphcore.evaluate`."""

    run: str = MISSING
    split: str = "test"
    top_k: int = 5
    records: str | None = None

    def __post_init__(self) -> None:
        _one_of("split", self.split, ("train", "validation", "test"))
        _between("top_k", self.top_k, 1, 1_000_000)


@dataclass
class PredictConfig:
    """`python -m graphcore.predict`."""

    run: str = MISSING
    inputs: list[str] = MISSING
    top: int = 5
    every_secs: float | None = None
    csv: str | None = None
    json: str | None = None
    batch_size: int = 32

    def __post_init__(self) -> None:
        if self.every_secs is not None:
            _between("every_secs", self.every_secs, 0.001, 86_400, "seconds, or null")
        _between("top", self.top, 1, 1_000_000)
        _between("batch_size", self.batch_size, 1, 65_536)


@dataclass
class ExportConfig:
    """`python -m graphcore.export`."""

    run: str = MISSING
    formats: list[str] = field(default_factory=lambda: ["frozen"])
