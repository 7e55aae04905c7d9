"""From the name in a configuration to one of TensorFlow's own optimisers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphcore.config import AdamConfig, OptimizerConfig, SgdConfig
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1


def get_optimizer(config: OptimizerConfig, get_learning_rate: Callable[[], Any]) -> Any:
    """Returns the optimiser.

    Args:
        config: which one, and its constants.
        get_learning_rate: called each time updates are built; returns a float32 scalar tensor. A function
            rather than a tensor, so that a loop's body can compute the rate of its own step.

    Returns:
        A `tf.compat.v1.train.Optimizer`.

    Raises:
        ConfigError: there is no such optimiser.
    """
    if config.name == "adam":
        adam = config if isinstance(config, AdamConfig) else AdamConfig()
        return tf1.train.AdamOptimizer(get_learning_rate, adam.beta1, adam.beta2, adam.epsilon)
    if config.name == "sgd":
        momentum = config.momentum if isinstance(config, SgdConfig) else 0.0
        if momentum:
            return tf1.train.MomentumOptimizer(get_learning_rate, momentum)
        return tf1.train.GradientDescentOptimizer(get_learning_rate)
    raise ConfigError(f"optimizer.name={config.name} is not known.", choices=("adam", "sgd"))


def clip_gradients(gradients: Sequence[Any], clip_norm: float) -> list[Any]:
    """Shortens gradients together so that their global norm is at most `clip_norm`; 0 leaves them as they are.

    Source: Pascanu, Mikolov and Bengio, "On the difficulty of training recurrent neural networks", arXiv:1211.5063.
    """
    if not clip_norm:
        return list(gradients)
    return tf.clip_by_global_norm(list(gradients), clip_norm)[0]
