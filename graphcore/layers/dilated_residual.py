"""The layer of temporal convolutional networks: three frames far apart, ReLU, a mix of the maps, added to the input.

Source: Farha and Gall, "MS-TCN: Multi-Stage Temporal Convolutional Network for Action Segmentation", CVPR 2019,
arXiv:1903.01945, section 3.1; the causal one is of Czempiel et al., "TeCNO", arXiv:2003.10751, section 2.2.
"""

from __future__ import annotations

from typing import Any

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.framewise import framewise
from graphcore.layers.masking import hide_padding
from graphcore.layers.seeded import get_seeded_initializer

KERNEL = 3


@slim.add_arg_scope
def dilated_residual(
    net: Any,
    dilation: int,
    mask: Any | None = None,
    causal: bool = False,
    dropout: float = 0.0,
    is_training: bool = False,
    seed: int | None = None,
    reuse: Any = None,
    scope: str | None = None,
) -> Any:
    """Adds the layer.

    Args:
        net: float32 [sequences, frames, maps], maps known; 0 where the mask is false.
        dilation: how many frames apart the three are.
        mask: bool [sequences, frames], true where there is a frame; None where all are.
        causal: whether the three are a frame and two before it, rather than one on each side.
        dropout: share of what is added that is left out in training; see `layers.drawing.draw_by`.
        is_training: whether dropout acts.
        seed: of the initial weights.
        reuse: as slim's layers have it.
        scope: below it are dilated/{weights [3, maps, maps], biases} and project/{weights [maps, maps], biases}.

    Returns:
        float32 of the same shape; 0 where the mask is false.
    """
    maps = net.shape[2]
    with tf1.variable_scope(scope, "DilatedResidual", [net], reuse=reuse):
        added = tf.nn.relu(_convolve(net, dilation, causal, seed))
        added = framewise(added, maps, seed=seed, scope="project")
        if is_training and dropout:
            added = slim.dropout(added, keep_prob=1 - dropout, is_training=True, scope="dropout")
        return hide_padding(net + added, mask)


def _convolve(net: Any, dilation: int, causal: bool, seed: int | None) -> Any:
    """Puts the three frames side by side and takes one product.

    Of ten layers of 64 maps on 2 x 48 and 1 x 1024 frames, one thread, forwards and backwards together: this 0.6 and
    4.5 ms. Dropped: the same with Python's slices, whose gradient is slow, 1.1 and 9.7 ms; one product to three times
    the maps, shifted and summed, 1.0 and 10.0 ms; tf.nn.convolution with dilations, which rearranges the frames
    first, 3.5 and 4.9 ms; tf.nn.conv2d with dilations 1.7 and 10.5 ms; a gradient of its own 0.6 and 4.1 ms.
    """
    maps = net.shape[2]
    with tf1.variable_scope("dilated") as layer:
        initializer = get_seeded_initializer(1.0, seed, layer.name)
        weights = slim.model_variable("weights", [KERNEL, maps, maps], initializer=initializer)
        biases = slim.model_variable("biases", [maps], initializer=tf1.zeros_initializer())
    offsets = [-2 * dilation, -dilation, 0] if causal else [-dilation, 0, dilation]
    product = tf.matmul(
        tf.reshape(_gather(net, offsets), [-1, KERNEL * maps]), tf.reshape(weights, [KERNEL * maps, maps])
    )
    return tf.reshape(tf.nn.bias_add(product, biases), tf.shape(net))


def _gather(net: Any, offsets: list[int]) -> Any:
    """float32 [sequences, frames, offsets * maps]: to each frame those at `offsets` from it, 0 where none is."""
    frames = tf.shape(net)[1]
    return tf.concat([_shift(net, offset, frames) for offset in offsets], axis=2)


def _shift(net: Any, offset: int, frames: Any) -> Any:
    if not offset:
        return net
    # Beyond the frames there is nothing but zeros: a short video in deep layers must not cost what a long one does.
    far = tf.minimum(abs(offset), frames)
    edges, begin = ([far, 0], [0, 0, 0]) if offset < 0 else ([0, far], [0, far, 0])
    return tf.slice(tf.pad(net, [[0, 0], edges, [0, 0]]), begin, [-1, frames, -1])
