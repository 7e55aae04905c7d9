"""The linear head: one fully connected slim layer on pooled features."""

from __future__ import annotations

import warnings
from typing import Any

from graphcore.graph.runtime import tf1
from graphcore.layers import slim

# Part of every checkpoint's contract: the head's variables are found under these names.
SCOPE = "head/linear"
WEIGHTS = f"{SCOPE}/weights"
BIASES = f"{SCOPE}/biases"
# Small enough that the first loss is that of a guess.
INITIAL_STDDEV = 0.001


def build_linear_head(features: Any, num_classes: int, seed: int = 0) -> tuple[Any, dict[str, Any]]:
    """Adds the layer.

    Args:
        features: float32 [batch, dimension], pooled features of a backbone.
        num_classes: how many logits.
        seed: of the initial weights.

    Returns:
        logits float32 [batch, num_classes], and end_points with "logits" and their softmax, "probabilities".
    """
    with warnings.catch_warnings():
        # slim calls a method of TensorFlow that warns about itself; the caller can do nothing about it.
        warnings.simplefilter("ignore")
        logits = slim.fully_connected(
            features,
            num_classes,
            activation_fn=None,
            weights_initializer=tf1.truncated_normal_initializer(stddev=INITIAL_STDDEV, seed=seed),
            scope=SCOPE,
            reuse=tf1.AUTO_REUSE,
        )
    return logits, {"logits": logits, "probabilities": tf1.nn.softmax(logits)}
