"""The loss of a head that learns from stretches of videos: what each frame is, and that labels rarely change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from graphcore.config import HeadConfig
from graphcore.graph.runtime import tf
from graphcore.heads.losses import build_loss
from graphcore.heads.temporal import SequenceHead


def build_sequence_loss(
    stages: Sequence[Any],
    labels: Any,
    mask: Any,
    head: SequenceHead,
    config: HeadConfig,
    class_weights: np.ndarray | None = None,
) -> tuple[Any, Any]:
    """The loss without weight decay: over the stages the sum of `losses.build_loss` of all frames, and of
    `head.smoothing` times `build_roughness`.

    Args:
        stages: float32 [sequences, frames, classes], logits of each stage.
        labels: int32 [sequences, frames] in [0, classes); anything where the mask is false.
        mask: bool [sequences, frames], true where there is a frame; at least one is.
        head: smoothing and smoothing_clamp are read.
        config: class weights, label smoothing and focal loss; see `losses.build_loss`.
        class_weights: float32 [classes] or None.

    Returns:
        Two float32 scalars: the loss, and what `losses.build_loss` says of the last stage alone, which is to be laid
        beside the loss of a validation split.

    Source: Farha and Gall, "MS-TCN", arXiv:1903.01945, section 3.3.
    """
    frames = find_frames(mask)
    of_frames = tf.gather(tf.reshape(labels, [-1]), frames)
    losses = [build_loss(gather_frames(stage, frames), of_frames, config, class_weights) for stage in stages]
    answer = losses[-1]
    if head.smoothing:
        losses += [head.smoothing * build_roughness(stage, mask, head.smoothing_clamp) for stage in stages]
    return tf.add_n(losses), answer


def build_roughness(logits: Any, mask: Any, clamp: float) -> Any:
    """The truncated squared change of log scores from frame to frame, a float32 scalar.

    The mean over classes and over all pairs of frames that follow each other, 0 where there is no pair. Of a pair only
    the later frame is pulled: the earlier one's scores count as given.

    Args:
        logits: float32 [sequences, frames, classes].
        mask: bool [sequences, frames].
        clamp: a change beyond it costs clamp ** 2 and pulls no more.

    Source: Farha and Gall, arXiv:1903.01945, equations 8 to 10.
    """
    scores = tf.nn.log_softmax(logits)
    changes = tf.minimum(tf.math.squared_difference(scores[:, 1:], tf.stop_gradient(scores[:, :-1])), clamp**2)
    pairs = tf.cast(mask[:, 1:] & mask[:, :-1], tf.float32)
    sums = tf.reduce_sum(tf.reduce_mean(changes, axis=2) * pairs)
    return sums / tf.maximum(tf.reduce_sum(pairs), 1.0)


def find_frames(mask: Any) -> Any:
    """int64 [real frames]: where the frames lie once sequences and frames are one dimension."""
    return tf.where(tf.reshape(mask, [-1]))[:, 0]


def gather_frames(net: Any, frames: Any) -> Any:
    """float32 [sequences, frames, maps] to [real frames, maps]; `frames` is what `find_frames` gives."""
    return tf.gather(tf.reshape(net, [-1, net.shape[2]]), frames)
