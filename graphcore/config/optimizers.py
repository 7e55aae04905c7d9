"""Options of the optimisers, the seven that slim's scripts knew."""

from __future__ import annotations

from dataclasses import dataclass

from graphcore.config.checks import between, one_of

# Measured with Adam on the drawn suture videos, four-fold: at 0.01 heads that learn from stretches of video lose one to
# three points of accuracy against 0.003.
USUAL_RATE, SEQUENCE_RATE = 0.01, 0.003
OPTIMIZERS = ("adam", "sgd", "momentum", "rmsprop", "adagrad", "adadelta", "ftrl")


@dataclass
class OptimizerConfig:
    """The optimiser of the loss; `clip_norm` bounds the gradients' global norm, 0 for no bound.

    A learning rate of None becomes, within a `Config`, the one that suits the head.
    """

    name: str = "adam"
    learning_rate: float | None = 0.01
    clip_norm: float = 0.0

    def __post_init__(self) -> None:
        one_of("optimizer.name", self.name, OPTIMIZERS)
        if self.learning_rate is not None:
            between("optimizer.learning_rate", self.learning_rate, 0, 1e6, "or null")
        between("optimizer.clip_norm", self.clip_norm, 0, 1e9)

    @property
    def rate(self) -> float:
        """The learning rate."""
        return USUAL_RATE if self.learning_rate is None else self.learning_rate


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
        _check_epsilon(self.epsilon)


@dataclass
class SgdConfig(OptimizerConfig):
    """Stochastic gradient descent, with momentum where it is not 0."""

    momentum: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        between("optimizer.momentum", self.momentum, 0, 0.999999)


@dataclass
class MomentumConfig(OptimizerConfig):
    """Momentum (Polyak, 1964), or Nesterov's."""

    momentum: float = 0.9
    nesterov: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        between("optimizer.momentum", self.momentum, 0, 0.999999)


@dataclass
class RmspropConfig(OptimizerConfig):
    """RMSProp (Tieleman and Hinton, 2012)."""

    decay: float = 0.9
    momentum: float = 0.9
    epsilon: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        between("optimizer.decay", self.decay, 0, 0.999999)
        between("optimizer.momentum", self.momentum, 0, 0.999999)
        _check_epsilon(self.epsilon)


@dataclass
class AdagradConfig(OptimizerConfig):
    """AdaGrad (Duchi, Hazan and Singer, 2011)."""

    initial_accumulator_value: float = 0.1

    def __post_init__(self) -> None:
        super().__post_init__()
        between("optimizer.initial_accumulator_value", self.initial_accumulator_value, 1e-30, 1e6)


@dataclass
class AdadeltaConfig(OptimizerConfig):
    """AdaDelta (Zeiler, 2012)."""

    rho: float = 0.95
    epsilon: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        between("optimizer.rho", self.rho, 0, 0.999999)
        _check_epsilon(self.epsilon)


@dataclass
class FtrlConfig(OptimizerConfig):
    """Follow the regularised leader (McMahan and others, 2013)."""

    learning_rate_power: float = -0.5
    initial_accumulator_value: float = 0.1
    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        between("optimizer.learning_rate_power", self.learning_rate_power, -10, 0)
        between("optimizer.initial_accumulator_value", self.initial_accumulator_value, 0, 1e6)
        between("optimizer.l1", self.l1, 0, 1e6)
        between("optimizer.l2", self.l2, 0, 1e6)


def _check_epsilon(epsilon: float) -> None:
    between("optimizer.epsilon", epsilon, 1e-30, 1e3)
