"""The learning rate as a function of the step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from graphcore.config import (
    CosineConfig,
    DecayConfig,
    ExponentialConfig,
    PiecewiseConfig,
    PolynomialConfig,
    ScheduleConfig,
)
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf


def build_learning_rate(
    step: Any, base: Any, config: ScheduleConfig, total_steps: int, steps_per_epoch: int = 1
) -> Any:
    """The learning rate of one step.

    Args:
        step: int64 scalar; 0 is the first.
        base: the rate before any decay, a number or a float32 scalar.
        config: which schedule. A warmup climbs linearly to `base`, and the decay begins where it ends; the boundaries
            of a piecewise schedule are steps of the training, warmup included.
        total_steps: steps of the whole training; a decay without its own length spans what the warmup leaves.
        steps_per_epoch: steps that one pass over the training split takes.

    Returns:
        float32 scalar.

    Raises:
        ConfigError: there is no such schedule.
    """
    now = tf.cast(step, tf.float32)
    if config.name == "fixed":
        rate = tf.convert_to_tensor(base, tf.float32)
    elif config.name == "piecewise":
        rate = base * _build_piecewise(step, config if isinstance(config, PiecewiseConfig) else PiecewiseConfig())
    else:
        decay_steps = plan_decay_steps(config, total_steps, steps_per_epoch)
        rate = base * _build_decay(tf.maximum(now - config.warmup_steps, 0.0) / float(decay_steps), config)
    if not config.warmup_steps:
        return rate
    return tf.where(now < config.warmup_steps, base * (now + 1.0) / config.warmup_steps, rate)


def depends_on_total(config: ScheduleConfig) -> bool:
    """Whether another number of steps would change the rate of any of them."""
    if config.name in ("fixed", "piecewise"):
        return False
    return getattr(config, "decay_steps", None) is None and getattr(config, "decay_epochs", None) is None


def plan_decay_steps(config: ScheduleConfig, total_steps: int, steps_per_epoch: int) -> int:
    """The length of a decay in steps, at least 1: its own, in steps or in epochs, or all that the warmup leaves."""
    if isinstance(config, DecayConfig) and config.decay_steps is not None:
        return config.decay_steps
    if isinstance(config, DecayConfig) and config.decay_epochs is not None:
        return max(1, round(config.decay_epochs * steps_per_epoch))
    return max(1, total_steps - config.warmup_steps)


def _build_piecewise(step: Any, config: PiecewiseConfig) -> Any:
    factors = tf.constant([1.0, *config.factors], tf.float32)
    passed = tf.cast(tf.cast(step, tf.int64) >= tf.constant(config.boundaries, tf.int64), tf.int32)
    return tf.gather(factors, tf.reduce_sum(passed))


def _build_decay(progress: Any, config: ScheduleConfig) -> Any:
    """`progress`: float32 scalar, 0 where the decay begins and 1 where it has gone on for its length."""
    if config.name not in _DECAYS:
        raise ConfigError(f"schedule.name={config.name} is not known.", choices=("fixed", *_DECAYS, "piecewise"))
    options, build = _DECAYS[config.name]
    return build(progress, config if isinstance(config, options) else options(config.name))


def _build_exponential(progress: Any, config: ExponentialConfig) -> Any:
    decays = tf.floor(progress) if config.staircase else progress
    return tf.pow(tf.constant(config.decay_rate, tf.float32), decays)


def _build_polynomial(progress: Any, config: PolynomialConfig) -> Any:
    left = 1.0 - tf.minimum(progress, 1.0)
    return config.end_factor + (1.0 - config.end_factor) * tf.pow(left, config.power)


def _build_cosine(progress: Any, config: CosineConfig) -> Any:
    half_wave = 0.5 * (1.0 + tf.cos(math.pi * tf.minimum(progress, 1.0)))
    return config.end_factor + (1.0 - config.end_factor) * half_wave


# Name -> the class of its options, and what builds its factor of them.
_DECAYS: dict[str, tuple[type[ScheduleConfig], Callable[[Any, Any], Any]]] = {
    "exponential": (ExponentialConfig, _build_exponential),
    "polynomial": (PolynomialConfig, _build_polynomial),
    "cosine": (CosineConfig, _build_cosine),
}
