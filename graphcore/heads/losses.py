"""The loss of a classifier: fused softmax or sigmoid cross-entropy, smoothed, weighted or focused, and weight decay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from graphcore.config import HeadConfig
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf
from graphcore.heads.factory import is_multi_label

CLASS_WEIGHTS = ("none", "balanced")
# Powers below 1 have no slope at 0, which a score of exactly 1 leads to.
_SMALLEST_MISS = 1e-7


def plan_class_weights(counts: np.ndarray, mode: str) -> np.ndarray | None:
    """The weight of each class in the loss.

    Args:
        counts: int [classes], training samples of each class; of several labels a sample, how often each is given.
        mode: "none", or "balanced" for weights inverse to the counts that average 1 over the samples (or over the
            labels given).

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

    Softmax heads: cross-entropy with the label, of which `label_smoothing` is spread evenly over all classes. Weights
    scale each sample's share of the mean by its class and are not normalised within the batch, so that every batch
    pulls with its own weight.

    Multi-label heads: the mean over classes of the sigmoid's cross-entropy; smoothing draws each target towards one
    half. Weights scale the labels that are given, not those that are not: a class that is rarely given would otherwise
    only be heard when it is absent.

    Both: focal_gamma multiplies each cross-entropy by (1 - score of the truth) to that power; the truth is the label
    before smoothing.

    Args:
        logits: float32 [batch, classes].
        labels: int32 [batch] in [0, classes); of a multi-label head also float32 [batch, classes] of 0 and 1.
        config: head, name, label_smoothing and focal_gamma are read.
        class_weights: float32 [classes] or None; see `plan_class_weights`.

    Source: Szegedy et al., "Rethinking the Inception Architecture", arXiv:1512.00567, section 7 (smoothing); Lin et
    al., "Focal Loss for Dense Object Detection", arXiv:1708.02002, section 3.
    """
    build = _build_sigmoid_losses if is_multi_label(config) else _build_softmax_losses
    return tf.reduce_mean(build(logits, labels, config, class_weights))


def _build_softmax_losses(logits: Any, labels: Any, config: HeadConfig, class_weights: np.ndarray | None) -> Any:
    exact = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
    losses = exact
    if config.label_smoothing:
        targets = _smooth(tf.one_hot(labels, logits.shape[1]), config.label_smoothing, 1 / logits.shape[1])
        losses = tf.nn.softmax_cross_entropy_with_logits(labels=targets, logits=logits)
    if config.focal_gamma:
        # The cross-entropy is -log of the label's score.
        losses *= _focus(-tf.math.expm1(-exact), config.focal_gamma)
    if class_weights is not None:
        losses *= tf.gather(tf.constant(class_weights), labels)
    return losses


def _build_sigmoid_losses(logits: Any, labels: Any, config: HeadConfig, class_weights: np.ndarray | None) -> Any:
    truth = _as_multi_hot(labels, logits.shape[1])
    targets = _smooth(truth, config.label_smoothing, 0.5) if config.label_smoothing else truth
    losses = tf.nn.sigmoid_cross_entropy_with_logits(labels=targets, logits=logits)
    if config.focal_gamma:
        losses *= _focus(tf.sigmoid(logits * (1 - 2 * truth)), config.focal_gamma)
    if class_weights is not None:
        losses *= 1 + truth * (tf.constant(class_weights) - 1)
    return losses


def _smooth(targets: Any, share: float, even: float) -> Any:
    return targets * (1 - share) + share * even


def _focus(missing: Any, gamma: float) -> Any:
    """`missing`: float32 in [0, 1], what the score of the truth lacks of 1."""
    return tf.pow(tf.maximum(missing, _SMALLEST_MISS), gamma)


def _as_multi_hot(labels: Any, num_classes: int) -> Any:
    if labels.shape.rank == 1:
        return tf.one_hot(tf.cast(labels, tf.int32), num_classes)
    return tf.cast(labels, tf.float32)


def build_correct(logits: Any, labels: Any, multi_label: bool = False) -> Any:
    """float32 scalar: how much of a batch is right, in samples.

    Of a multi-label head each sample counts the share of its labels, given and not given, that are right at 0.5.
    """
    if multi_label:
        right = tf.equal(logits > 0, _as_multi_hot(labels, logits.shape[1]) > 0.5)
        return tf.reduce_sum(tf.reduce_mean(tf.cast(right, tf.float32), axis=1))
    return tf.reduce_sum(tf.cast(tf.equal(tf.argmax(logits, 1, tf.int32), labels), tf.float32))


def build_weight_decay(weights: Iterable[Any], factor: Any) -> Any:
    """float32 scalar: `factor`, a number or a scalar, times half the sum of squares of `weights`."""
    if not tf.is_tensor(factor) and not factor:
        return tf.constant(0.0)
    return factor * tf.add_n([tf.nn.l2_loss(tensor) for tensor in weights])
