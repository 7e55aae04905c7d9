"""The linear head: one fully connected slim layer on pooled features, softmax."""

from __future__ import annotations

from typing import Any

from graphcore.config import HeadConfig
from graphcore.graph.runtime import tf1
from graphcore.heads.dense import build_logits
from graphcore.heads.head import Head

# Part of every checkpoint's contract: the head's variables are found under these names.
SCOPE = "head/linear"
WEIGHTS = f"{SCOPE}/weights"
BIASES = f"{SCOPE}/biases"


def make_head(config: HeadConfig, num_classes: int, seed: int) -> Head:
    """Makes the head; see `factory.get_head`."""
    return make_linear_head(num_classes, seed)


def make_linear_head(num_classes: int, seed: int, scope: str = SCOPE) -> Head:
    """Makes a linear head whose variables "weights" and "biases" lie in `scope`; `seed` is of its initial weights."""

    def build(features: Any, is_training: bool = False, step: Any = None) -> tuple[Any, dict[str, Any]]:
        return build_linear_head(features, num_classes, seed, scope)

    return Head("linear", num_classes, scope, (f"{scope}/weights",), build)


def build_linear_head(features: Any, num_classes: int, seed: int = 0, scope: str = SCOPE) -> tuple[Any, dict[str, Any]]:
    """Adds the layer.

    Args:
        features: float32 [batch, dimension], pooled features of a backbone.
        num_classes: how many logits.
        seed: of the initial weights.
        scope: of the variables.

    Returns:
        logits float32 [batch, num_classes], and end_points with "logits" and their softmax, "probabilities".
    """
    logits = build_logits(features, num_classes, scope, seed)
    return logits, {"logits": logits, "probabilities": tf1.nn.softmax(logits)}
