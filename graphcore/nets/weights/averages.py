"""Moving averages in a checkpoint: which it has, and the checkpoint as if it held them in place of the plain weights.

Slim keeps the average of `NAME` as `NAME/ExponentialMovingAverage`. Batch norm's own statistics often have none, and
are taken as they are.

Source: tf.train.ExponentialMovingAverage, the names that its `variables_to_restore` looks for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from graphcore.errors import CheckpointError

SUFFIX = "/ExponentialMovingAverage"

Value = TypeVar("Value")


def has_averages(names: Iterable[str]) -> bool:
    """Whether any variable has a moving average beside it."""
    return any(name.endswith(SUFFIX) for name in names)


def take_averages(values: Mapping[str, Value], title: str) -> dict[str, Value]:
    """Puts averages in the place of what they are the averages of.

    Args:
        values: whatever there is by variable name: arrays, or shapes.
        title: what messages call the checkpoint.

    Returns:
        As many as there are plain names; those that have no average as they were.

    Raises:
        CheckpointError: there is no average at all.
    """
    if not has_averages(values):
        raise CheckpointError(
            f"backbone.use_ema=true, and {title} has no moving averages: none of its {len(values)} names ends in "
            f"{SUFFIX}.",
            next_step="Set backbone.use_ema=false to take the weights as they are.",
        )
    plain = {name: value for name, value in values.items() if not name.endswith(SUFFIX)}
    averages = {name.removesuffix(SUFFIX): value for name, value in values.items() if name.endswith(SUFFIX)}
    return plain | averages
