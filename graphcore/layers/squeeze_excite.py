"""Squeeze and excite: every map is weighed by a factor that all maps' means decide.

Source: Hu et al., "Squeeze-and-Excitation Networks", arXiv:1709.01507; with a hard sigmoid and a quarter of the maps as
in Howard et al., arXiv:1905.02244, section 5.3.
"""

from __future__ import annotations

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.hard_swish import hard_sigmoid
from graphcore.layers.round_depth import round_depth

SQUEEZE_FACTOR = 4


def squeeze_excite(net: tf.Tensor, scope: str = "squeeze_excite") -> tf.Tensor:
    """Weighs the maps of `net`.

    Its two 1x1 convolutions are called Conv and Conv_1, as in the released checkpoints; they have biases and no batch
    norm, so the surrounding arg_scope decides their initialisation and weight decay alone.

    Args:
        net: float32 [batch, height, width, depth], depth known.
        scope: variable scope.

    Returns:
        float32 of the same shape.
    """
    depth = tf.compat.dimension_value(net.shape[-1])
    with (
        tf1.variable_scope(scope),
        slim.arg_scope([slim.conv2d], normalizer_fn=None),
    ):
        means = tf.reduce_mean(net, axis=[1, 2], keepdims=True, name="squeeze")
        squeezed = slim.conv2d(means, round_depth(depth / SQUEEZE_FACTOR), 1, activation_fn=tf.nn.relu, scope="Conv")
        weights = slim.conv2d(squeezed, depth, 1, activation_fn=hard_sigmoid, scope="Conv_1")
        return tf.multiply(net, weights, name="excite")
