"""From the name in a configuration to one of TensorFlow's own optimisers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphcore.config import (
    AdadeltaConfig,
    AdagradConfig,
    AdamConfig,
    FtrlConfig,
    MomentumConfig,
    OptimizerConfig,
    RmspropConfig,
    SgdConfig,
)
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.training.ftrl import FtrlOptimizer

GetRate = Callable[[], Any]


def get_optimizer(config: OptimizerConfig, get_learning_rate: GetRate) -> Any:
    """Returns the optimiser.

    Args:
        config: which one, and its constants; a plain `OptimizerConfig` leaves those at their defaults.
        get_learning_rate: called each time updates are built; returns a float32 scalar tensor. A function
            rather than a tensor, so that a loop's body can compute the rate of its own step.

    Returns:
        A `tf.compat.v1.train.Optimizer`.

    Raises:
        ConfigError: there is no such optimiser.
    """
    if config.name not in _OPTIMIZERS:
        raise ConfigError(f"optimizer.name={config.name} is not known.", choices=tuple(_OPTIMIZERS))
    options, make = _OPTIMIZERS[config.name]
    return make(config if isinstance(config, options) else options(config.name), get_learning_rate)


def clip_gradients(gradients: Sequence[Any], clip_norm: float) -> list[Any]:
    """Shortens gradients together so that their global norm is at most `clip_norm`; 0 leaves them as they are.

    Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", arXiv:1211.5063.
    """
    if not clip_norm:
        return list(gradients)
    return tf.clip_by_global_norm(list(gradients), clip_norm)[0]


def _make_adam(config: AdamConfig, get_rate: GetRate) -> Any:
    return tf1.train.AdamOptimizer(get_rate, config.beta1, config.beta2, config.epsilon)


def _make_sgd(config: SgdConfig, get_rate: GetRate) -> Any:
    if config.momentum:
        return tf1.train.MomentumOptimizer(get_rate, config.momentum)
    return tf1.train.GradientDescentOptimizer(get_rate)


def _make_momentum(config: MomentumConfig, get_rate: GetRate) -> Any:
    return tf1.train.MomentumOptimizer(get_rate, config.momentum, use_nesterov=config.nesterov)


def _make_rmsprop(config: RmspropConfig, get_rate: GetRate) -> Any:
    return tf1.train.RMSPropOptimizer(get_rate, config.decay, config.momentum, config.epsilon)


def _make_adagrad(config: AdagradConfig, get_rate: GetRate) -> Any:
    return tf1.train.AdagradOptimizer(get_rate, config.initial_accumulator_value)


def _make_adadelta(config: AdadeltaConfig, get_rate: GetRate) -> Any:
    return tf1.train.AdadeltaOptimizer(get_rate, config.rho, config.epsilon)


def _make_ftrl(config: FtrlConfig, get_rate: GetRate) -> Any:
    return FtrlOptimizer(
        get_rate,
        learning_rate_power=config.learning_rate_power,
        initial_accumulator_value=config.initial_accumulator_value,
        l1_regularization_strength=config.l1,
        l2_regularization_strength=config.l2,
    )


# Name -> the class of its options, and what makes it of them.
_OPTIMIZERS: dict[str, tuple[type[OptimizerConfig], Callable[[Any, GetRate], Any]]] = {
    "adam": (AdamConfig, _make_adam),
    "sgd": (SgdConfig, _make_sgd),
    "momentum": (MomentumConfig, _make_momentum),
    "rmsprop": (RmspropConfig, _make_rmsprop),
    "adagrad": (AdagradConfig, _make_adagrad),
    "adadelta": (AdadeltaConfig, _make_adadelta),
    "ftrl": (FtrlConfig, _make_ftrl),
}
