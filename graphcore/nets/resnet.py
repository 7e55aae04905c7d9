"""ResNet v1 and v2 with 50, 101 and 152 layers, of the units in tf_slim.nets.

As in slim the stride of a block lies in its last unit, and v2 ends with a batch norm of its own, "postnorm".

Source: He et al., arXiv:1512.03385, table 1 (v1); arXiv:1603.05027, figure 1 (v2).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from functools import partial
from typing import Any

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.relu_norm import relu_norm_arg_scope
from graphcore.nets.backbone import Backbone
from graphcore.nets.input_spec import InputSpec
from graphcore.nets.pooled import (
    EndPoints,
    PooledNetwork,
    Step,
    build_conv_logits,
    build_steps,
    make_pooled_backbone,
)

BATCH_NORM_EPSILON = 1e-5
LOGITS_SCOPE = "logits"
STEM_DEPTH = 64
# Number of layers -> units in each of the four blocks.
UNITS = {"50": (3, 4, 6, 3), "101": (3, 4, 23, 3), "152": (3, 8, 36, 3)}
# Maps in the middle of a block's units; four times as many go out.
BASE_DEPTHS = (64, 128, 256, 512)
EXPANSION = 4
# Stride of a block's last unit.
STRIDES = (2, 2, 2, 1)


def make_backbone(name: str, width: float, image_size: int, end_point: str | None = None) -> Backbone:
    """Makes "resnet_v1_50" to "resnet_v2_152"; see `nets.factory.get_backbone`."""
    version, layers = name.removeprefix("resnet_").split("_")
    network = PooledNetwork(
        scope=name,
        depths=_list_depths(version, UNITS[layers]),
        build_layers=partial(_build_layers, version, UNITS[layers]),
        build_logits=partial(build_conv_logits, scope=LOGITS_SCOPE),
        get_arg_scope=partial(relu_norm_arg_scope, BATCH_NORM_EPSILON, True),
        logits_scopes=(LOGITS_SCOPE,),
        checkpoint_classes=1000 if version == "v1" else 1001,
        get_input_spec=InputSpec.off_means if version == "v1" else InputSpec,
        prefix=f"{name}/",
    )
    return make_pooled_backbone(network, name, width, image_size, end_point)


def _list_depths(version: str, units: tuple[int, ...]) -> dict[str, int]:
    depths = {"conv1": STEM_DEPTH, "pool1": STEM_DEPTH}
    for number, (count, base_depth) in enumerate(zip(units, BASE_DEPTHS, strict=True), start=1):
        names = [f"block{number}/unit_{unit}/bottleneck_{version}" for unit in range(1, count + 1)]
        depths |= dict.fromkeys([*names, f"block{number}"], EXPANSION * base_depth)
    return depths | ({"postnorm": EXPANSION * BASE_DEPTHS[-1]} if version == "v2" else {})


def _build_layers(
    version: str, units: tuple[int, ...], images: tf.Tensor, end_point: str
) -> tuple[tf.Tensor, EndPoints]:
    return build_steps(images, _plan_steps(version, units), end_point)


def _plan_steps(version: str, units: tuple[int, ...]) -> Iterator[Step]:
    # `slim` has been loaded and mended by now, and tf_slim.nets with it.
    nets = importlib.import_module(f"{slim.__name__}.nets")
    yield "conv1", partial(_build_stem, nets.resnet_utils.conv2d_same, version)
    yield "pool1", partial(slim.max_pool2d, kernel_size=3, stride=2, padding="SAME", scope="pool1")
    bottleneck = getattr(nets, f"resnet_{version}").bottleneck
    for number, (count, base_depth, last_stride) in enumerate(zip(units, BASE_DEPTHS, STRIDES, strict=True), start=1):
        for unit in range(1, count + 1):
            scope, stride = f"block{number}/unit_{unit}", last_stride if unit == count else 1
            yield f"{scope}/bottleneck_{version}", partial(_build_unit, bottleneck, scope, base_depth, stride)
        yield f"block{number}", _keep
    if version == "v2":
        yield "postnorm", partial(slim.batch_norm, activation_fn=tf.nn.relu, scope="postnorm")


def _build_stem(conv2d_same: Any, version: str, images: tf.Tensor) -> tf.Tensor:
    # In v2 the first unit normalises what comes in.
    plain = {"activation_fn": None, "normalizer_fn": None} if version == "v2" else {}
    with slim.arg_scope([slim.conv2d], **plain):
        return conv2d_same(images, STEM_DEPTH, 7, stride=2, scope="conv1")


def _build_unit(bottleneck: Any, scope: str, base_depth: int, stride: int, net: tf.Tensor) -> tf.Tensor:
    with tf1.variable_scope(scope):
        return bottleneck(net, EXPANSION * base_depth, base_depth, stride)


def _keep(net: tf.Tensor) -> tf.Tensor:
    return net
