"""The cosine head: how near the features' direction is to one direction a class, whatever their lengths; softmax.

A class of few pictures cannot win or lose by the length of its weights, which is why it does well with few of them.

Source: Gidaris and Komodakis, "Dynamic Few-Shot Visual Learning without Forgetting", CVPR 2018, section 3.2.
"""

from __future__ import annotations

from typing import Any

from graphcore.config import CosineHeadConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.head import Head
from graphcore.layers import slim

# Part of every checkpoint's contract.
SCOPE = "head/cosine"
WEIGHTS = f"{SCOPE}/weights"
SCALE = f"{SCOPE}/scale"


def make_head(config: CosineHeadConfig, num_classes: int, seed: int) -> Head:
    """Makes the head; see `factory.get_head`."""

    def build(features: Any, is_training: bool = False, step: Any = None) -> tuple[Any, dict[str, Any]]:
        return build_cosine_head(features, num_classes, config.scale, config.learn_scale, seed)

    return Head("cosine", num_classes, SCOPE, (WEIGHTS,), build)


def build_cosine_head(
    features: Any, num_classes: int, scale: float = 16.0, learn_scale: bool = False, seed: int = 0
) -> tuple[Any, dict[str, Any]]:
    """Adds the layer.

    Args:
        features: float32 [batch, dimension]; of a row of zeros every cosine is 0.
        num_classes: how many logits.
        scale: what cosines are multiplied by: with 1 no softmax over many classes could come near certainty.
        learn_scale: whether the scale is a variable, trained from `scale` on.
        seed: of the initial directions.

    Returns:
        logits float32 [batch, num_classes] in [-scale, scale], and end_points with "logits", "cosines" and the softmax
        of the logits, "probabilities".
    """
    with tf1.variable_scope(SCOPE, reuse=tf1.AUTO_REUSE):
        # Directions of a length near 1: a gradient grows as what it is taken by shrinks.
        initializer = tf1.variance_scaling_initializer(scale=1.0, mode="fan_in", seed=seed)
        shape = [features.shape[1], num_classes]
        weights = slim.model_variable("weights", shape, tf.float32, initializer=initializer)
        factor = slim.model_variable("scale", [], initializer=tf1.constant_initializer(scale)) if learn_scale else scale
    cosines = tf.matmul(tf.math.l2_normalize(features, axis=1), tf.math.l2_normalize(weights, axis=0))
    logits = cosines * factor
    return logits, {"logits": logits, "cosines": cosines, "probabilities": tf.nn.softmax(logits)}
