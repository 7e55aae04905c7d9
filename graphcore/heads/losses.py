"""The loss of a classifier: fused softmax cross-entropy, classes weighted or not, with L2 weight decay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from graphcore.config import HeadConfig
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf

CLASS_WEIGHTS = ("none", "balanced")


def plan_class_weights(counts: np.ndarray, mode: str) -> np.ndarray | None:
    """The weight of each class in the loss.

    Args:
        counts: int [classes], training samples of each class.
        mode: "none", or "balanced" for weights inverse to the counts that average 1 over the samples.

    Returns:
        float32 [classes], or None where all weigh the same; a class without samples weighs 0.

    Raises:
        ConfigError: `mode` is not known.
    """
    if mode not in CLASS_WEIGHTS:
        raise ConfigError(f"head.class_weights={mode} is not known.", choices=CLASS_WEIGHTS)
    if mode == "none":
        return None
    counts = np.asarray(counts, np.float64)
    present = counts > 0
    weights = np.zeros_like(counts)
    weights[present] = counts.sum() / (present.sum() * counts[present])
    return weights.astype(np.float32)


def build_loss(logits: Any, labels: Any, config: HeadConfig, class_weights: np.ndarray | None = None) -> Any:
    """The loss that a head is trained on, a float32 scalar: the mean over a batch, without weight decay.

    Args:
        logits: float32 [batch, classes].
        labels: int32 [batch] in [0, classes); of a multi-label head float32 [batch, classes] of 0 and 1.
        config: head, label_smoothing and focal_gamma are read.
        class_weights: float32 [classes] or None; see `plan_class_weights`.
    """
    return build_cross_entropy(logits, labels, class_weights)


def build_correct(logits: Any, labels: Any, multi_label: bool = False) -> Any:
    """float32 scalar: how much of a batch is right, in samples.

    Of a multi-label head each sample counts the share of its labels, given and not given, that are right at 0.5.
    """
    if multi_label:
        right = tf.equal(logits > 0, labels > 0.5)
        return tf.reduce_sum(tf.reduce_mean(tf.cast(right, tf.float32), axis=1))
    return tf.reduce_sum(tf.cast(tf.equal(tf.argmax(logits, 1, tf.int32), labels), tf.float32))


def build_cross_entropy(logits: Any, labels: Any, class_weights: np.ndarray | None = None) -> Any:
    """Mean cross-entropy of a batch.

    Args:
        logits: float32 [batch, classes].
        labels: int32 [batch] in [0, classes).
        class_weights: float32 [classes] or None.

    Returns:
        float32 scalar. Weights scale each sample's share of the mean and are not normalised within the batch,
        so that every batch pulls with its own weight.
    """
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    if class_weights is not None:
        losses *= tf.gather(tf.constant(class_weights), labels)
    return tf.reduce_mean(losses)


def build_weight_decay(weights: Iterable[Any], factor: float) -> Any:
    """float32 scalar: `factor` times half the sum of squares of `weights`."""
    if not factor:
        return tf.constant(0.0)
    return factor * tf.add_n([tf.nn.l2_loss(tensor) for tensor in weights])
