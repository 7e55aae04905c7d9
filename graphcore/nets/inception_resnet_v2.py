"""Inception-ResNet v2: Inception modules whose outputs are scaled and added to what came in.

Built here with slim under the names and depths of the released checkpoint, which are not quite the paper's; its
auxiliary head is not built.

Source: Szegedy et al., arXiv:1602.07261, figures 15 to 19, and section 3.3 (scaling of the residuals).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.branches import Layer, branch
from graphcore.nets.backbone import Backbone
from graphcore.nets.inception import plan_dense_inception
from graphcore.nets.pooled import (
    Step,
    make_pooled_backbone,
)

SCOPE = "InceptionResnetV2"
MIN_SIZE = 75
# End point -> maps. "PreAuxLogits" is the last of the 17x17 modules, where the auxiliary head began; slim has no name
# for the last of the others, which go by their scope.
DEPTHS = {
    **{"Conv2d_1a_3x3": 32, "Conv2d_2a_3x3": 32, "Conv2d_2b_3x3": 64, "MaxPool_3a_3x3": 64},
    **{"Conv2d_3b_1x1": 80, "Conv2d_4a_3x3": 192, "MaxPool_5a_3x3": 192},
    **{"Mixed_5b": 320, "Repeat": 320, "Mixed_6a": 1088, "PreAuxLogits": 1088},
    **{"Mixed_7a": 2080, "Repeat_2": 2080, "Block8": 2080, "Conv2d_7b_1x1": 1536},
}
# The branches of a residual module, by its size in the scope's name.
BRANCHES: dict[str, tuple[tuple[Layer, ...], ...]] = {
    "block35": ((("1x1", 32),), (("0a_1x1", 32), ("0b_3x3", 32)), (("0a_1x1", 32), ("0b_3x3", 48), ("0c_3x3", 64))),
    "block17": ((("1x1", 192),), (("0a_1x1", 128), ("0b_1x7", 160), ("0c_7x1", 192))),
    "block8": ((("1x1", 192),), (("0a_1x1", 192), ("0b_1x3", 224), ("0c_3x1", 256))),
}
SCALES = {"block35": 0.17, "block17": 0.1, "block8": 0.2}


def make_backbone(name: str, width: float, image_size: int, end_point: str | None = None) -> Backbone:
    """Makes "inception_resnet_v2"; see `nets.factory.get_backbone`."""
    network = plan_dense_inception(SCOPE, DEPTHS, _plan_steps, MIN_SIZE)
    return make_pooled_backbone(network, name, width, image_size, end_point)


def _plan_steps() -> Iterator[Step]:
    yield _conv("Conv2d_1a_3x3", 3, stride=2, padding="VALID")
    yield _conv("Conv2d_2a_3x3", 3, padding="VALID")
    yield _conv("Conv2d_2b_3x3", 3)
    yield _pool("MaxPool_3a_3x3")
    yield _conv("Conv2d_3b_1x1", 1, padding="VALID")
    yield _conv("Conv2d_4a_3x3", 3, padding="VALID")
    yield _pool("MaxPool_5a_3x3")
    yield "Mixed_5b", _mixed_5b
    yield "Repeat", partial(_repeat, "Repeat", "block35", 10)
    yield "Mixed_6a", _mixed_6a
    yield "PreAuxLogits", partial(_repeat, "Repeat_1", "block17", 20)
    yield "Mixed_7a", _mixed_7a
    yield "Repeat_2", partial(_repeat, "Repeat_2", "block8", 9)
    # The last residual is neither scaled nor followed by an activation.
    yield "Block8", partial(_residual, "Block8", "block8", 1.0, None)
    yield _conv("Conv2d_7b_1x1", 1)


def _conv(name: str, kernel: int, stride: int = 1, padding: str = "SAME") -> Step:
    return name, partial(
        slim.conv2d, num_outputs=DEPTHS[name], kernel_size=kernel, stride=stride, padding=padding, scope=name
    )


def _pool(name: str) -> Step:
    return name, partial(slim.max_pool2d, kernel_size=3, stride=2, padding="VALID", scope=name)


# Strided and unpadded: it halves the maps.
_halving = partial(branch, stride=2, padding="VALID")


def _mixed_5b(net: tf.Tensor) -> tf.Tensor:
    with tf1.variable_scope("Mixed_5b"):
        branches = [
            branch(net, 0, ("1x1", 96)),
            branch(net, 1, ("0a_1x1", 48), ("0b_5x5", 64)),
            branch(net, 2, ("0a_1x1", 64), ("0b_3x3", 96), ("0c_3x3", 96)),
            branch(net, 3, ("0b_1x1", 64), pool="AvgPool_0a_3x3"),
        ]
        return tf.concat(branches, 3)


def _mixed_6a(net: tf.Tensor) -> tf.Tensor:
    with tf1.variable_scope("Mixed_6a"):
        branches = [
            _halving(net, 0, ("1a_3x3", 384)),
            _halving(net, 1, ("0a_1x1", 256), ("0b_3x3", 256), ("1a_3x3", 384)),
            _halving(net, 2, pool="MaxPool_1a_3x3"),
        ]
        return tf.concat(branches, 3)


def _mixed_7a(net: tf.Tensor) -> tf.Tensor:
    with tf1.variable_scope("Mixed_7a"):
        branches = [
            _halving(net, 0, ("0a_1x1", 256), ("1a_3x3", 384)),
            _halving(net, 1, ("0a_1x1", 256), ("1a_3x3", 288)),
            _halving(net, 2, ("0a_1x1", 256), ("0b_3x3", 288), ("1a_3x3", 320)),
            _halving(net, 3, pool="MaxPool_1a_3x3"),
        ]
        return tf.concat(branches, 3)


def _repeat(scope: str, block: str, count: int, net: tf.Tensor) -> tf.Tensor:
    with tf1.variable_scope(scope):
        for number in range(1, count + 1):
            net = _residual(f"{block}_{number}", block, SCALES[block], tf.nn.relu, net)
    return net


def _residual(
    scope: str, block: str, scale: float, activation: Callable[[tf.Tensor], tf.Tensor] | None, net: tf.Tensor
) -> tf.Tensor:
    with tf1.variable_scope(scope):
        mixed = tf.concat([branch(net, number, *layers) for number, layers in enumerate(BRANCHES[block])], 3)
        depth = net.shape.as_list()[3]
        residual = slim.conv2d(mixed, depth, 1, normalizer_fn=None, activation_fn=None, scope="Conv2d_1x1")
        net = net + scale * residual
        return activation(net) if activation else net
