"""Inception v4: a branched stem, four A, seven B and three C modules, with a reduction between the kinds.

Built here with slim under the names of the released checkpoint; its auxiliary head is not built.

Source: Szegedy et al., arXiv:1602.07261, figures 3 to 9.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.branches import branch
from graphcore.nets.backbone import Backbone
from graphcore.nets.inception import plan_dense_inception
from graphcore.nets.pooled import (
    Step,
    make_pooled_backbone,
)

SCOPE = "InceptionV4"
MIN_SIZE = 75
# End point -> maps.
DEPTHS = {
    **{"Conv2d_1a_3x3": 32, "Conv2d_2a_3x3": 32, "Conv2d_2b_3x3": 64, "Mixed_3a": 160, "Mixed_4a": 192},
    **{f"Mixed_5{letter}": 384 for letter in "abcde"},
    **{f"Mixed_6{letter}": 1024 for letter in "abcdefgh"},
    **{f"Mixed_7{letter}": 1536 for letter in "abcd"},
}


def make_backbone(name: str, width: float, image_size: int, end_point: str | None = None) -> Backbone:
    """Makes "inception_v4"; see `nets.factory.get_backbone`."""
    network = plan_dense_inception(SCOPE, DEPTHS, _plan_steps, MIN_SIZE)
    return make_pooled_backbone(network, name, width, image_size, end_point)


def _plan_steps() -> Iterator[Step]:
    conv = slim.conv2d
    yield (
        "Conv2d_1a_3x3",
        partial(conv, num_outputs=32, kernel_size=3, stride=2, padding="VALID", scope="Conv2d_1a_3x3"),
    )
    yield "Conv2d_2a_3x3", partial(conv, num_outputs=32, kernel_size=3, padding="VALID", scope="Conv2d_2a_3x3")
    yield "Conv2d_2b_3x3", partial(conv, num_outputs=64, kernel_size=3, scope="Conv2d_2b_3x3")
    yield _module("Mixed_3a", _stem_3a)
    yield _module("Mixed_4a", _stem_4a)
    yield _module("Mixed_5a", _stem_5a)
    for letter in "bcde":
        yield _module(f"Mixed_5{letter}", _inception_a)
    yield _module("Mixed_6a", _reduction_a)
    for letter in "bcdefgh":
        yield _module(f"Mixed_6{letter}", _inception_b)
    yield _module("Mixed_7a", _reduction_b)
    for letter in "bcd":
        yield _module(f"Mixed_7{letter}", _inception_c)


def _module(name: str, build_branches: Callable[[tf.Tensor], list[tf.Tensor]]) -> Step:
    def build(net: tf.Tensor) -> tf.Tensor:
        with tf1.variable_scope(name):
            return tf.concat(build_branches(net), 3)

    return name, build


# Strided and unpadded: it halves the maps.
_halving = partial(branch, stride=2, padding="VALID")


def _stem_3a(net: tf.Tensor) -> list[tf.Tensor]:
    return [_halving(net, 0, pool="MaxPool_0a_3x3"), _halving(net, 1, ("0a_3x3", 96))]


def _stem_4a(net: tf.Tensor) -> list[tf.Tensor]:
    long = (("0a_1x1", 64), ("0b_1x7", 64), ("0c_7x1", 64), ("1a_3x3", 96))
    return [
        branch(net, 0, ("0a_1x1", 64), ("1a_3x3", 96), padding="VALID"),
        branch(net, 1, *long, padding="VALID"),
    ]


def _stem_5a(net: tf.Tensor) -> list[tf.Tensor]:
    return [_halving(net, 0, ("1a_3x3", 192)), _halving(net, 1, pool="MaxPool_1a_3x3")]


def _inception_a(net: tf.Tensor) -> list[tf.Tensor]:
    return [
        branch(net, 0, ("0a_1x1", 96)),
        branch(net, 1, ("0a_1x1", 64), ("0b_3x3", 96)),
        branch(net, 2, ("0a_1x1", 64), ("0b_3x3", 96), ("0c_3x3", 96)),
        branch(net, 3, ("0b_1x1", 96), pool="AvgPool_0a_3x3"),
    ]


def _reduction_a(net: tf.Tensor) -> list[tf.Tensor]:
    return [
        _halving(net, 0, ("1a_3x3", 384)),
        _halving(net, 1, ("0a_1x1", 192), ("0b_3x3", 224), ("1a_3x3", 256)),
        _halving(net, 2, pool="MaxPool_1a_3x3"),
    ]


def _inception_b(net: tf.Tensor) -> list[tf.Tensor]:
    long = (("0a_1x1", 192), ("0b_7x1", 192), ("0c_1x7", 224), ("0d_7x1", 224), ("0e_1x7", 256))
    return [
        branch(net, 0, ("0a_1x1", 384)),
        branch(net, 1, ("0a_1x1", 192), ("0b_1x7", 224), ("0c_7x1", 256)),
        branch(net, 2, *long),
        branch(net, 3, ("0b_1x1", 128), pool="AvgPool_0a_3x3"),
    ]


def _reduction_b(net: tf.Tensor) -> list[tf.Tensor]:
    return [
        _halving(net, 0, ("0a_1x1", 192), ("1a_3x3", 192)),
        _halving(net, 1, ("0a_1x1", 256), ("0b_1x7", 256), ("0c_7x1", 320), ("1a_3x3", 320)),
        _halving(net, 2, pool="MaxPool_1a_3x3"),
    ]


def _inception_c(net: tf.Tensor) -> list[tf.Tensor]:
    chain = (("0a_1x1", 384), ("0b_3x1", 448), ("0c_1x3", 512))
    return [
        branch(net, 0, ("0a_1x1", 256)),
        branch(net, 1, ("0a_1x1", 384), fork=[("0b_1x3", 256), ("0c_3x1", 256)]),
        branch(net, 2, *chain, fork=[("0d_1x3", 256), ("0e_3x1", 256)]),
        branch(net, 3, ("0b_1x1", 256), pool="AvgPool_0a_3x3"),
    ]
