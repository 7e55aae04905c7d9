"""The learning rate as a function of the step."""

from __future__ import annotations

import math
from typing import Any

from graphcore.config import CosineConfig, ExponentialConfig, ScheduleConfig
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf


def build_learning_rate(
    step: Any, base: float, config: ScheduleConfig, total_steps: int, steps_per_epoch: int = 1
) -> Any:
    """The learning rate of one step.

    Args:
        step: int64 scalar; 0 is the first.
        base: the rate before any decay.
        config: which schedule. A warmup climbs linearly to `base`, and the decay begins where it ends.
        total_steps: steps of the whole training; a decay without its own length spans what the warmup leaves.
        steps_per_epoch: steps that one pass over the training split takes.

    Returns:
        float32 scalar.

    Raises:
        ConfigError: there is no such schedule.
    """
    now = tf.cast(step, tf.float32)
    after_warmup = tf.maximum(now - config.warmup_steps, 0.0)
    rate = base * _build_factor(after_warmup, config, max(1, total_steps - config.warmup_steps))
    if not config.warmup_steps:
        return rate
    return tf.where(now < config.warmup_steps, base * (now + 1.0) / config.warmup_steps, rate)


def depends_on_total(config: ScheduleConfig) -> bool:
    """Whether another number of steps would change the rate of any of them."""
    return config.name != "fixed" and getattr(config, "decay_steps", None) is None


def _build_factor(step: Any, config: ScheduleConfig, remaining_steps: int) -> Any:
    decay_steps = getattr(config, "decay_steps", None) or remaining_steps
    progress = step / float(decay_steps)
    if config.name == "fixed":
        return tf.constant(1.0)
    if config.name == "exponential":
        rate = config.decay_rate if isinstance(config, ExponentialConfig) else ExponentialConfig.decay_rate
        return tf.pow(tf.constant(rate, tf.float32), progress)
    if config.name == "cosine":
        end = config.end_factor if isinstance(config, CosineConfig) else CosineConfig.end_factor
        return end + (1.0 - end) * 0.5 * (1.0 + tf.cos(math.pi * tf.minimum(progress, 1.0)))
    raise ConfigError(f"schedule.name={config.name} is not known.", choices=("fixed", "exponential", "cosine"))
