"""The arg_scope of Inception and ResNet: every convolution with batch norm and ReLU, in training and in inference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim

# Not the identical UPDATE_OPS string but a tuple that holds it: slim adds to every collection named here.
UPDATE_OPS = (tf1.GraphKeys.UPDATE_OPS,)


def relu_norm_arg_scope(
    epsilon: float,
    scale: bool,
    is_training: bool | tf.Tensor = False,
    weight_decay: float = 0.0,
    batch_norm_decay: float = 0.99,
    updates_collections: Sequence[str] | None = UPDATE_OPS,
) -> Any:
    """Returns an arg_scope for `slim.conv2d`, `slim.fully_connected`, `slim.batch_norm` and `slim.dropout`.

    Args:
        epsilon: what batch norm adds to the variance.
        scale: whether batch norm has a gamma.
        is_training: whether batch norm uses the batch's statistics, and dropout drops; a bool, or a bool scalar tensor.
        weight_decay: factor of the L2 penalty on weights, added to the graph's regularization losses.
        batch_norm_decay: how much of the moving statistics each step keeps.
        updates_collections: where the updates of the moving statistics go; None for in place, which a while_loop needs.
    """
    regularizer = slim.l2_regularizer(weight_decay) if weight_decay else None
    batch_norm = {
        "center": True,
        "scale": scale,
        "decay": batch_norm_decay,
        "epsilon": epsilon,
        "fused": True,
        "updates_collections": updates_collections,
    }
    with (
        slim.arg_scope([slim.batch_norm], **batch_norm),
        slim.arg_scope([slim.batch_norm, slim.dropout], is_training=is_training),
        slim.arg_scope([slim.conv2d, slim.fully_connected], weights_regularizer=regularizer),
        slim.arg_scope(
            [slim.conv2d],
            activation_fn=tf.nn.relu,
            normalizer_fn=slim.batch_norm,
            weights_initializer=slim.variance_scaling_initializer(),
        ) as scope,
    ):
        return scope
