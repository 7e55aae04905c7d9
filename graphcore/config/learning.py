"""Options of the optimiser, its schedule and the training itself."""

from __future__ import annotations

from dataclasses import dataclass

from graphcore.config.checks import UNBOUNDED, between, one_of


@dataclass
class OptimizerConfig:
    """The optimiser of the loss."""

    name: str = "adam"
    learning_rate: float = 0.01

    def __post_init__(self) -> None:
        one_of("optimizer.name", self.name, ("adam", "sgd"))
        between("optimizer.learning_rate", self.learning_rate, 0, 1e6)


@dataclass
class AdamConfig(OptimizerConfig):
    """Adam (Kingma and Ba, 2015)."""

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        super().__post_init__()
        between("optimizer.beta1", self.beta1, 0, 0.999999)
        between("optimizer.beta2", self.beta2, 0, 0.999999)
        between("optimizer.epsilon", self.epsilon, 1e-30, 1e3)


@dataclass
class SgdConfig(OptimizerConfig):
    """Stochastic gradient descent, with momentum where it is not 0."""

    momentum: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        between("optimizer.momentum", self.momentum, 0, 0.999999)


@dataclass
class ScheduleConfig:
    """How the learning rate changes; `decay_steps=null` spans the whole training."""

    name: str = "fixed"
    warmup_steps: int = 0

    def __post_init__(self) -> None:
        one_of("schedule.name", self.name, ("fixed", "exponential", "cosine"))
        between("schedule.warmup_steps", self.warmup_steps, 0, UNBOUNDED)


@dataclass
class ExponentialConfig(ScheduleConfig):
    """learning_rate * decay_rate ** (step / decay_steps)."""

    decay_steps: int | None = None
    decay_rate: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_decay_steps(self.decay_steps)
        between("schedule.decay_rate", self.decay_rate, 1e-30, 1)


@dataclass
class CosineConfig(ScheduleConfig):
    """Half a cosine from learning_rate down to learning_rate * end_factor over decay_steps."""

    decay_steps: int | None = None
    end_factor: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_decay_steps(self.decay_steps)
        between("schedule.end_factor", self.end_factor, 0, 1)


def _check_decay_steps(decay_steps: int | None) -> None:
    if decay_steps is not None:
        between("schedule.decay_steps", decay_steps, 1, UNBOUNDED, "steps, or null for the whole training")


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
        one_of("trainer.name", self.name, ("frozen", "finetune"))
        for name in ("steps", "batch_size", "eval_every_steps", "checkpoint_every_steps"):
            between(f"trainer.{name}", getattr(self, name), 1, UNBOUNDED)
        between("trainer.patience", self.patience, 0, UNBOUNDED)
        one_of("trainer.objective", self.objective, ("validation/accuracy", "validation/loss"))
