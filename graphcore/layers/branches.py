"""Branches of an Inception module: chains of convolutions side by side, under slim's scope names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim

# What follows "Conv2d_" in a layer's scope ("0b_1x7"), and its depth.
Layer = tuple[str, int]


def kernel_of(layer: str) -> tuple[int, int]:
    """Returns height and width of the kernel that a layer's name tells: (1, 7) for "0b_1x7"."""
    height, width = re.findall(r"(\d+)x(\d+)$", layer)[0]
    return int(height), int(width)


def branch(
    net: tf.Tensor,
    number: int,
    *layers: Layer,
    pool: str | None = None,
    stride: int = 1,
    padding: str = "SAME",
    fork: Sequence[Layer] = (),
) -> tf.Tensor:
    """Builds branch `number` of the module in whose variable scope it is called.

    Args:
        net: float32 [batch, height, width, depth], the module's input.
        number: from 0.
        *layers: the chain; each layer's scope is "Conv2d_" and its name, its kernel what the name says.
        pool: "AvgPool_0a_3x3" or "MaxPool_1a_3x3" puts that pooling before the chain.
        stride: of the last link of the chain (the pooling where there is nothing else); all others have 1.
        padding: of that same last link; all others have "SAME".
        fork: layers that all start at the chain's end, their outputs side by side.
    """
    with tf1.variable_scope(f"Branch_{number}"):
        if pool:
            build_pool = slim.max_pool2d if pool.startswith("Max") else slim.avg_pool2d
            own = {"stride": 1, "padding": "SAME"} if layers else {"stride": stride, "padding": padding}
            net = build_pool(net, kernel_of(pool), scope=pool, **own)
        for index, layer in enumerate(layers):
            last = index == len(layers) - 1
            net = _conv(net, layer, stride if last else 1, padding if last else "SAME")
        return tf.concat([_conv(net, layer) for layer in fork], 3) if fork else net


def _conv(net: tf.Tensor, layer: Layer, stride: int = 1, padding: str = "SAME") -> tf.Tensor:
    name, depth = layer
    return slim.conv2d(net, depth, kernel_of(name), stride=stride, padding=padding, scope=f"Conv2d_{name}")
