"""The chances that decide how one training picture is changed: numbers drawn once a picture, each with a
place of its own.

Draws are a function of the seed and the sample's place in the training, never of the thread that happens to
decode it, so a resumed training sees exactly what an unbroken one would have seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphcore.graph.runtime import tf

# image, draws float32 [DRAWS] uniform in [0, 1) -> image
Step = Callable[[Any, Any], Any]

TOP, LEFT, SCALE, FLIP, BRIGHTNESS, AREA, ASPECT = range(7)
COLOR = 7  # and the three after it
RAND = 11  # two a layer
MAX_RAND_LAYERS = 16
DRAWS = RAND + 2 * MAX_RAND_LAYERS


def build_draws(seed: int, index: Any) -> Any:
    """float32 [DRAWS] in [0, 1) for the sample at `index` (int64 scalar) of the whole training."""
    return tf.random.stateless_uniform([DRAWS], seed=tf.stack([tf.constant(seed, tf.int64), tf.cast(index, tf.int64)]))


def spread(draw: Any, amount: Any) -> Any:
    """Turns a draw in [0, 1) into one in [-amount, amount)."""
    return (2.0 * draw - 1.0) * amount
