"""Options of the training itself, of what it writes down on its way, and of what is exported from it."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphcore.config.checks import UNBOUNDED, between, one_of
from graphcore.errors import ConfigError

EXPORT_FORMATS = ("frozen", "saved_model", "backbone")
# Of nodes and scopes in every exported graph; TensorFlow tells names apart by more than their case.
_TAKEN_NAMES = (
    *("decodejpeg", "decodejpeg/contents", "decode", "prepare", "input", "features"),
    *("trained_head", "temporal_head"),
)
OBJECTIVES = ("validation/accuracy", "validation/mean_average_precision", "validation/loss")


@dataclass
class TrainerConfig:
    """What is trained and for how long; every length is in optimiser steps."""

    name: str = "frozen"
    steps: int = 500
    batch_size: int = 100
    sampling: str = "natural"
    eval_every_steps: int = 50
    patience: int = 0
    objective: str | None = None
    checkpoint_every_steps: int = 500
    checkpoint_every_secs: float = 600.0

    def __post_init__(self) -> None:
        one_of("trainer.name", self.name, ("frozen", "finetune"))
        for name in ("steps", "batch_size", "eval_every_steps", "checkpoint_every_steps"):
            between(f"trainer.{name}", getattr(self, name), 1, UNBOUNDED)
        one_of("trainer.sampling", self.sampling, ("natural", "uniform"))
        between("trainer.patience", self.patience, 0, UNBOUNDED)
        between("trainer.checkpoint_every_secs", self.checkpoint_every_secs, 0.1, UNBOUNDED, "seconds")
        if self.objective is not None:
            one_of("trainer.objective", self.objective, OBJECTIVES)


@dataclass
class FinetuneConfig(TrainerConfig):
    """The whole network under training, or some of its scopes."""

    trainable_scopes: list[str] | None = None
    learning_rate_multipliers: dict[str, float] | None = None
    batch_norm: str = "auto"
    weight_decay: float = 4e-5
    ema_decay: float = 0.0
    accumulate_steps: int = 1
    precision: str = "float32"
    train_image_size: int | None = None
    threads: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        one_of("trainer.batch_norm", self.batch_norm, ("auto", "train", "frozen"))
        one_of("trainer.precision", self.precision, ("float32", "mixed"))
        between("trainer.weight_decay", self.weight_decay, 0, 1e3)
        between("trainer.ema_decay", self.ema_decay, 0, 0.9999999)
        between("trainer.accumulate_steps", self.accumulate_steps, 1, UNBOUNDED)
        between("trainer.threads", self.threads, 0, 4096)
        if self.train_image_size is not None:
            between("trainer.train_image_size", self.train_image_size, 8, 4096, "pixels, or null")
        if self.trainable_scopes is not None and not self.trainable_scopes:
            raise ConfigError(
                "trainer.trainable_scopes=[] leaves nothing of the backbone to train.",
                next_step="Choose trainer=frozen, or name scopes.",
            )
        for scope, factor in (self.learning_rate_multipliers or {}).items():
            between(f"trainer.learning_rate_multipliers.{scope}", factor, 0, 1e6)


@dataclass
class SummariesConfig:
    """What TensorBoard gets to see besides scalars."""

    histograms: bool = True
    images: int = 16
    mistakes: int = 16
    confusion_matrix: bool = True
    pr_curves: bool = True
    projector: int = 1000
    profile_steps: int = 0

    def __post_init__(self) -> None:
        for name in ("images", "mistakes"):
            between(f"summaries.{name}", getattr(self, name), 0, 1024, "pictures")
        between("summaries.projector", self.projector, 0, 100_000, "samples")
        between("summaries.profile_steps", self.profile_steps, 0, UNBOUNDED, "steps")


@dataclass
class FinalTestConfig:
    """How the finished training is tested."""

    top_k: int = 5
    show_mistakes: int = 0
    relax_secs: float = 0.0
    resamples: int = 1000

    def __post_init__(self) -> None:
        between("test.top_k", self.top_k, 1, 1_000_000)
        between("test.show_mistakes", self.show_mistakes, 0, 1_000_000, "samples")
        between("test.relax_secs", self.relax_secs, 0, 86_400, "seconds")
        between("test.resamples", self.resamples, 0, 1_000_000)


@dataclass
class SegmentsConfig:
    """How the frames of a video become segments; null is chosen on the validation split."""

    enter: float | None = None
    leave: float | None = None
    min_secs: float | None = None
    merge_secs: float | None = None

    def __post_init__(self) -> None:
        for name, high, unit in (
            ("enter", 1, "or null"),
            ("leave", 1, "or null"),
            ("min_secs", 1e6, "seconds, or null"),
            ("merge_secs", 1e6, "seconds, or null"),
        ):
            value = getattr(self, name)
            if value is not None:
                between(f"segments.{name}", value, 0, high, unit)
        if self.enter is not None and self.leave is not None and self.leave > self.enter:
            raise ConfigError(
                f"segments.leave={self.leave:g} is above segments.enter={self.enter:g}: a segment would end before it "
                "could begin.",
                next_step="Give leave no more than enter.",
            )


@dataclass
class ProductsConfig:
    """What a finished training is exported to, and on its way."""

    formats: list[str] = field(default_factory=lambda: ["frozen"])
    output_name: str = "final_result"
    every_steps: int = 0

    def __post_init__(self) -> None:
        between("export.every_steps", self.every_steps, 0, UNBOUNDED, "steps")
        for name in self.formats:
            one_of("export.formats", name, EXPORT_FORMATS)
        if not self.formats:
            raise ConfigError("export.formats is empty: there is nothing to export.", choices=EXPORT_FORMATS)
        if self.output_name.lower() in _TAKEN_NAMES or self.output_name.endswith("/"):
            raise ConfigError(
                f"export.output_name={self.output_name} is a name that the exported graph needs itself, or no node's.",
                next_step="Choose another: final_result.",
            )
        first, rest = self.output_name[:1], self.output_name[1:]
        if not (first.isascii() and first.isalnum()) or not all(
            c.isascii() and (c.isalnum() or c in "_.-/") for c in rest
        ):
            raise ConfigError(
                f"export.output_name={self.output_name} cannot be the name of a node.",
                next_step="Letters, digits and _ . - / are taken, a letter or digit first: final_result.",
            )
