"""Options of the learning rate's schedule."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphcore.config.checks import UNBOUNDED, between, one_of
from graphcore.errors import ConfigError

SCHEDULES = ("fixed", "exponential", "polynomial", "cosine", "piecewise")


@dataclass
class ScheduleConfig:
    """How the learning rate changes."""

    name: str = "fixed"
    warmup_steps: int = 0

    def __post_init__(self) -> None:
        one_of("schedule.name", self.name, SCHEDULES)
        between("schedule.warmup_steps", self.warmup_steps, 0, UNBOUNDED)


@dataclass
class DecayConfig(ScheduleConfig):
    """A decay over `decay_steps`, or `decay_epochs`; without either it spans the whole training."""

    decay_steps: int | None = None
    decay_epochs: float | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.decay_steps is not None:
            between("schedule.decay_steps", self.decay_steps, 1, UNBOUNDED, "steps, or null for the whole training")
        if self.decay_epochs is not None:
            between("schedule.decay_epochs", self.decay_epochs, 1e-6, UNBOUNDED, "epochs, or null")
        if self.decay_steps is not None and self.decay_epochs is not None:
            raise ConfigError(
                f"schedule.decay_steps={self.decay_steps} and schedule.decay_epochs={self.decay_epochs:g} "
                "say one thing twice.",
                next_step="Set one of them to null.",
            )


@dataclass
class ExponentialConfig(DecayConfig):
    """learning_rate * decay_rate ** (step / decay_steps), in whole numbers of decays with `staircase`."""

    decay_rate: float = 0.1
    staircase: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        between("schedule.decay_rate", self.decay_rate, 1e-30, 1)


@dataclass
class PolynomialConfig(DecayConfig):
    """From learning_rate down to learning_rate * end_factor as a power of what is left."""

    end_factor: float = 0.01
    power: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        between("schedule.end_factor", self.end_factor, 0, 1)
        between("schedule.power", self.power, 0.01, 100)


@dataclass
class CosineConfig(DecayConfig):
    """Half a cosine from learning_rate down to learning_rate * end_factor."""

    end_factor: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        between("schedule.end_factor", self.end_factor, 0, 1)


@dataclass
class PiecewiseConfig(ScheduleConfig):
    """learning_rate times one factor after another: `factors[i]` holds from step `boundaries[i]` on."""

    boundaries: list[int] = field(default_factory=lambda: [300, 400])
    factors: list[float] = field(default_factory=lambda: [0.1, 0.01])

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self.boundaries) != len(self.factors):
            raise ConfigError(
                f"schedule.boundaries has {len(self.boundaries)} steps, schedule.factors {len(self.factors)} numbers.",
                next_step="Give each boundary the factor that holds from it on.",
            )
        if any(later <= earlier for earlier, later in zip(self.boundaries, self.boundaries[1:], strict=False)):
            raise ConfigError(f"schedule.boundaries={self.boundaries} do not rise.", next_step="Order them.")
        for boundary in self.boundaries:
            between("schedule.boundaries", boundary, 1, UNBOUNDED, "steps")
        for factor in self.factors:
            between("schedule.factors", factor, 0, 1e6)
