"""The options of each command as a whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from omegaconf import MISSING

from graphcore.config.checks import LARGEST_SEED, UNBOUNDED, between, one_of
from graphcore.config.division import AuditConfig, ShardsConfig, SplitConfig
from graphcore.config.learning import FinalTestConfig, ProductsConfig, SegmentsConfig, SummariesConfig, TrainerConfig
from graphcore.config.network import HEADS, AugmentConfig, BackboneConfig, HeadConfig, SequenceHeadConfig
from graphcore.config.optimizers import SEQUENCE_RATE, USUAL_RATE, OptimizerConfig
from graphcore.config.pictures import DatasetConfig
from graphcore.config.schedules import ScheduleConfig
from graphcore.config.videos import ANNOTATION_FORMATS, WRITTEN_FORMATS, VideoConfig
from graphcore.errors import ConfigError


@dataclass
class Config:
    """Everything that convert and train need to know."""

    dataset: DatasetConfig = MISSING
    split: SplitConfig = field(default_factory=SplitConfig)
    audit: AuditConfig = field(default_factory=AuditConfig)
    shards: ShardsConfig = field(default_factory=ShardsConfig)
    backbone: BackboneConfig = field(default_factory=BackboneConfig)
    head: HeadConfig = field(default_factory=HeadConfig)
    augment: AugmentConfig = field(default_factory=AugmentConfig)
    optimizer: OptimizerConfig = MISSING
    schedule: ScheduleConfig = MISSING
    trainer: TrainerConfig = field(default_factory=TrainerConfig)
    summaries: SummariesConfig = field(default_factory=SummariesConfig)
    test: FinalTestConfig = field(default_factory=FinalTestConfig)
    segments: SegmentsConfig = field(default_factory=SegmentsConfig)
    export: ProductsConfig = field(default_factory=ProductsConfig)
    seed: int = 0

    def __post_init__(self) -> None:
        between("seed", self.seed, 0, LARGEST_SEED)
        self.split.settle_groups(isinstance(self.dataset, VideoConfig))
        if isinstance(self.optimizer, OptimizerConfig) and self.optimizer.learning_rate is None:
            self.optimizer.learning_rate = choose_rate(self.head)


def choose_rate(head: HeadConfig) -> float:
    """The learning rate that suits a head, where `optimizer.learning_rate` is null."""
    return SEQUENCE_RATE if isinstance(head, SequenceHeadConfig) else USUAL_RATE


@dataclass
class EvaluateConfig:
    """`python -m graphcore.evaluate`."""

    run: str = MISSING
    split: str = "test"
    top_k: int = 5
    show_mistakes: int = 0
    relax_secs: float = 0.0
    resamples: int = 1000
    records: str | None = None
    dataset: DatasetConfig | None = None
    heads: list[str] | None = None
    watch: bool = False
    timeout_secs: float = 3600.0
    segments: SegmentsConfig = field(default_factory=SegmentsConfig)

    def __post_init__(self) -> None:
        one_of("split", self.split, ("train", "validation", "test"))
        between("top_k", self.top_k, 1, 1_000_000)
        between("show_mistakes", self.show_mistakes, 0, 1_000_000, "samples")
        between("relax_secs", self.relax_secs, 0, 86_400, "seconds")
        between("resamples", self.resamples, 0, 1_000_000)
        between("timeout_secs", self.timeout_secs, 0, UNBOUNDED, "seconds")
        for name in self.heads or ():
            one_of("heads", name, tuple(HEADS))
        if self.heads == []:
            raise ConfigError("heads=[] names no head.", choices=HEADS, next_step="Name some, or leave heads out.")
        self._refuse_two_jobs()

    def _refuse_two_jobs(self) -> None:
        jobs = {"dataset": self.dataset is not None, "heads": self.heads is not None, "watch": self.watch}
        asked = [name for name, is_asked in jobs.items() if is_asked]
        if len(asked) > 1:
            raise ConfigError(
                f"{' and '.join(asked)} are evaluations of different kinds.", next_step="Ask for one at a time."
            )


@dataclass
class CompareConfig:
    """`python -m graphcore.compare`."""

    runs: list[str] = MISSING
    split: str = "test"
    metric: str | None = None
    resamples: int = 10_000
    json: str | None = None

    def __post_init__(self) -> None:
        one_of("split", self.split, ("train", "validation", "test"))
        between("resamples", self.resamples, 100, 1_000_000)


@dataclass
class PredictConfig:
    """`python -m graphcore.predict`."""

    run: str = MISSING
    inputs: list[str] = MISSING
    top: int = 5
    every_secs: float | None = None
    csv: str | None = None
    json: str | None = None
    annotations: str | None = None
    annotation_format: str | None = None
    frames: bool = False
    calibrate: bool = False
    segments: SegmentsConfig = field(default_factory=SegmentsConfig)
    batch_size: int = 32

    def __post_init__(self) -> None:
        if self.annotation_format in set(ANNOTATION_FORMATS) - set(WRITTEN_FORMATS):
            raise ConfigError(
                f"annotation_format={self.annotation_format} is read, not written.", choices=WRITTEN_FORMATS
            )
        if self.annotation_format is not None:
            one_of("annotation_format", self.annotation_format, WRITTEN_FORMATS)
        if self.every_secs is not None:
            between("every_secs", self.every_secs, 0.001, 86_400, "seconds, or null")
        between("top", self.top, 1, 1_000_000)
        between("batch_size", self.batch_size, 1, 65_536)


@dataclass
class ExportConfig:
    """`python -m graphcore.export`."""

    run: str = MISSING
    formats: list[str] = field(default_factory=lambda: ["frozen"])
    output_name: str | None = None


@dataclass
class SweepConfig:
    """`python -m graphcore.sweep`."""

    dir: str = MISSING
    metric: str | None = None
    average_over: list[str] = field(default_factory=lambda: ["seed", "split.fold"])


@dataclass
class TensorboardConfig:
    """`python -m graphcore.tensorboard`."""

    run: str = MISSING
    port: int = 6006
    browser: bool = False

    def __post_init__(self) -> None:
        between("port", self.port, 0, 65_535)
