"""The linear head: one fully connected slim layer on pooled features."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcore.errors import CheckpointError
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


@dataclass(frozen=True)
class HeadWeights:
    """A trained linear head as plain arrays.

    Attributes:
        weights: float32 [dimension, classes].
        biases: float32 [classes].
    """

    weights: np.ndarray
    biases: np.ndarray

    @classmethod
    def from_variables(cls, variables: Mapping[str, np.ndarray]) -> HeadWeights:
        """Picks the head out of a checkpoint's variables.

        Raises:
            CheckpointError: the head's variables are not among them.
        """
        missing = [name for name in (WEIGHTS, BIASES) if name not in variables]
        if missing:
            raise CheckpointError(f"The checkpoint holds no {missing[0]}.", choices=sorted(variables))
        return cls(variables[WEIGHTS], variables[BIASES])

    def to_variables(self) -> dict[str, np.ndarray]:
        """The arrays by the names of their variables."""
        return {WEIGHTS: self.weights, BIASES: self.biases}

    def logits(self, features: np.ndarray) -> np.ndarray:
        """float32 [n, dimension] features to float32 [n, classes] logits."""
        return features @ self.weights + self.biases

    def scores(self, features: np.ndarray) -> np.ndarray:
        """float32 [n, dimension] features to float32 [n, classes] softmax scores; rows sum to 1."""
        logits = self.logits(features)
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        return exponentials / exponentials.sum(axis=1, keepdims=True)
