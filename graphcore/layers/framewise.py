"""A fully connected layer that sees each frame of a sequence by itself: a convolution over time of kernel 1."""

from __future__ import annotations

from typing import Any

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.seeded import get_seeded_initializer


@slim.add_arg_scope
def framewise(
    net: Any,
    maps: int,
    activation_fn: Any = None,
    weights_initializer: Any = None,
    seed: int | None = None,
    reuse: Any = None,
    scope: str | None = None,
) -> Any:
    """Adds the layer.

    Args:
        net: float32 [sequences, frames, dimension], dimension known.
        maps: how many outputs a frame has.
        activation_fn: what follows; None for nothing.
        weights_initializer: of "weights" [dimension, maps]; None for a variance of 1 / dimension by `seed`.
        seed: of the initial weights.
        reuse: as slim's layers have it.
        scope: of the variables "weights" and "biases".

    Returns:
        float32 [sequences, frames, maps].
    """
    dimension = net.shape[2]
    with tf1.variable_scope(scope, "Framewise", [net], reuse=reuse) as layer:
        initializer = weights_initializer or get_seeded_initializer(1.0, seed, layer.name)
        weights = slim.model_variable("weights", [dimension, maps], initializer=initializer)
        biases = slim.model_variable("biases", [maps], initializer=tf1.zeros_initializer())
        # slim.fully_connected was tried: of three dimensions it makes a general contraction, a dozen operations about
        # one product, and of two it took half as long again to build.
        product = tf.nn.bias_add(tf.matmul(tf.reshape(net, [-1, dimension]), weights), biases)
        if activation_fn is not None:
            product = activation_fn(product)
        return tf.reshape(product, [tf.shape(net)[0], tf.shape(net)[1], maps])
