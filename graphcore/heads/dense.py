"""One fully connected slim layer: what every head is made of."""

from __future__ import annotations

import warnings
from typing import Any

from graphcore.graph.runtime import tf1
from graphcore.layers import slim

# Small enough that the first loss is that of a guess.
INITIAL_STDDEV = 0.001


def build_dense(features: Any, width: int, scope: str, **options: Any) -> Any:
    """Adds the layer; a second one of the same scope shares its variables.

    Args:
        features: float32 [batch, dimension].
        width: how many outputs.
        scope: of the variables "weights" and "biases".
        options: those of `slim.fully_connected`; no activation unless one is given.

    Returns:
        float32 [batch, width].
    """
    with warnings.catch_warnings():
        # slim calls a method of TensorFlow that warns about itself; the caller can do nothing about it.
        warnings.simplefilter("ignore")
        return slim.fully_connected(
            features, width, **{"activation_fn": None} | options, scope=scope, reuse=tf1.AUTO_REUSE
        )


def build_logits(features: Any, num_classes: int, scope: str, seed: int = 0) -> Any:
    """Adds a last layer of weights near 0: float32 [batch, dimension] to float32 [batch, num_classes].

    `seed` is that of the initial weights.
    """
    initializer = tf1.truncated_normal_initializer(stddev=INITIAL_STDDEV, seed=seed)
    return build_dense(features, num_classes, scope, weights_initializer=initializer)
