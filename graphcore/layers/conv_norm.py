"""The arg_scope of the MobileNets: every convolution with batch norm and an activation, trained or frozen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim

BATCH_NORM_EPSILON = 0.001

# Not the identical UPDATE_OPS string but a tuple that holds it: slim adds to every collection named here.
UPDATE_OPS = (tf1.GraphKeys.UPDATE_OPS,)


def conv_norm_arg_scope(
    is_training: bool | tf.Tensor = False,
    weight_decay: float = 0.0,
    batch_norm_decay: float = 0.99,
    updates_collections: Sequence[str] | None = UPDATE_OPS,
    activation: Callable[[tf.Tensor], tf.Tensor] = tf.nn.relu6,
) -> Any:
    """Returns an arg_scope for `slim.conv2d` and `slim.separable_conv2d`: fused batch norm, He initialisation.

    In training mode the moving mean and variance must be updated while the network trains. There are two
    ways:

    - `updates_collections=UPDATE_OPS` (the default): the update operations are in the graph's collection
      `tf1.GraphKeys.UPDATE_OPS`. Run them with the train op: `slim.learning.create_train_op(loss, optimizer)`
      does so by itself, and by hand it is `tf.group(minimize_op,
      *tf1.get_collection(tf1.GraphKeys.UPDATE_OPS))`.
    - `updates_collections=None`: in place. Each batch norm's output waits for its updates, so whoever runs
      the loss runs them. Use it inside a while_loop, where operations cannot be fetched from outside.

    In inference mode (`is_training=False`) there are no update operations at all: frozen statistics cannot
    drift.

    Args:
        is_training: whether batch norm uses the batch's statistics; a bool, or a bool scalar tensor.
        weight_decay: factor of the L2 penalty on the weights of full convolutions, added to the graph's
            regularization losses. Depthwise filters have too few weights to need it (MobileNet v1's paper,
            arXiv:1704.04861, section 3.2).
        batch_norm_decay: how much of the moving statistics each step keeps. 0.99 settles within some hundred
            steps; 0.9997, the figure for ImageNet, would leave a short training with the statistics of its
            start.
        updates_collections: see above.
        activation: what follows each batch norm unless a layer says otherwise.
    """
    regularizer = slim.l2_regularizer(weight_decay) if weight_decay else None
    batch_norm = {
        "is_training": is_training,
        "center": True,
        "scale": True,
        "decay": batch_norm_decay,
        "epsilon": BATCH_NORM_EPSILON,
        "updates_collections": updates_collections,
    }
    layers = [slim.conv2d, slim.separable_conv2d]
    with (
        slim.arg_scope(layers, normalizer_fn=slim.batch_norm, activation_fn=activation, padding="SAME"),
        slim.arg_scope([slim.batch_norm], **batch_norm),
        slim.arg_scope([slim.conv2d], weights_initializer=_he_initializer(), weights_regularizer=regularizer),
        slim.arg_scope([slim.separable_conv2d], weights_initializer=_depthwise_initializer) as scope,
    ):
        return scope


def _he_initializer() -> Any:
    # Keeps the scale of activations through many layers, so that features of random weights are usable too.
    # Source: He et al., "Delving Deep into Rectifiers", arXiv:1502.01852, section 2.2.
    return tf1.variance_scaling_initializer(scale=2.0, mode="fan_in", distribution="truncated_normal")


def _depthwise_initializer(shape: Sequence[int], dtype: Any = tf.float32, partition_info: Any = None) -> tf.Tensor:
    # A depthwise filter sees height x width inputs; TensorFlow's own fan-in would count the channels as well and
    # shrink the output.
    height, width = shape[:2]
    return tf1.truncated_normal_initializer(stddev=(2.0 / (height * width)) ** 0.5)(shape, dtype)
