"""VGG 16 and 19: 3x3 convolutions, five poolings, two fully connected layers written as convolutions.

The layers are those of tf_slim.nets.vgg, which cannot be cut below its last one. Features are fc7, 4096 numbers, or
the mean of an earlier layer's maps, which needs no fixed picture size.

Source: Simonyan and Zisserman, arXiv:1409.1556, table 1, columns D and E.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf
from graphcore.layers import slim
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

# Convolutions before each pooling.
CONVOLUTIONS = {"vgg_16": (2, 2, 3, 3, 3), "vgg_19": (2, 2, 4, 4, 4)}
DEPTHS = (64, 128, 256, 512, 512)
HIDDEN_SIZE = 4096
HIDDEN = ("fc6", "fc7")
LOGITS_SCOPE = "fc8"
# fc6 looks at all 7x7 positions that this size leaves after five poolings.
IMAGE_SIZE = 224
FC6_KERNEL = 7
KEEP_PROB = 0.5


def make_backbone(name: str, width: float, image_size: int, end_point: str | None = None) -> Backbone:
    """Makes "vgg_16" or "vgg_19"; see `nets.factory.get_backbone`.

    Raises:
        ConfigError: as `make_pooled_backbone`; or a fully connected layer is asked for at another size than 224.
    """
    network = PooledNetwork(
        scope=name,
        depths=_list_depths(CONVOLUTIONS[name]),
        build_layers=partial(_build_layers, CONVOLUTIONS[name]),
        build_logits=_build_logits,
        get_arg_scope=vgg_arg_scope,
        logits_scopes=(LOGITS_SCOPE,),
        checkpoint_classes=1000,
        get_input_spec=InputSpec.off_means,
        prefix=f"{name}/",
    )
    layer = network.require_end_point(end_point)
    if layer in HIDDEN and image_size != IMAGE_SIZE:
        raise ConfigError(
            f"backbone.image_size is {image_size}, and {layer} of {name} needs {IMAGE_SIZE}.",
            next_step=f"Set backbone.image_size={IMAGE_SIZE}, or backbone.end_point=pool5.",
        )
    return make_pooled_backbone(network, name, width, image_size, end_point)


def vgg_arg_scope(
    is_training: bool | tf.Tensor = False,
    weight_decay: float = 0.0,
    batch_norm_decay: float = 0.99,
    updates_collections: Sequence[str] | None = None,
) -> Any:
    """Returns the arg_scope of VGG: ReLU, dropout, no batch norm, so that the last two options mean nothing here.

    Args:
        is_training: whether dropout drops; a bool, or a bool scalar tensor.
        weight_decay: factor of the L2 penalty on weights, added to the graph's regularization losses.
        batch_norm_decay: taken because every network takes it.
        updates_collections: likewise.
    """
    del batch_norm_decay, updates_collections
    regularizer = slim.l2_regularizer(weight_decay) if weight_decay else None
    with (
        slim.arg_scope([slim.conv2d], activation_fn=tf.nn.relu, weights_regularizer=regularizer),
        slim.arg_scope([slim.dropout], is_training=is_training, keep_prob=KEEP_PROB) as scope,
    ):
        return scope


def _list_depths(convolutions: tuple[int, ...]) -> dict[str, int]:
    depths: dict[str, int] = {}
    for number, (count, depth) in enumerate(zip(convolutions, DEPTHS, strict=True), start=1):
        layers = [f"conv{number}/conv{number}_{layer}" for layer in range(1, count + 1)]
        depths |= dict.fromkeys([*layers, f"pool{number}"], depth)
    return {**depths, **dict.fromkeys(HIDDEN, HIDDEN_SIZE)}


def _build_layers(convolutions: tuple[int, ...], images: tf.Tensor, end_point: str) -> tuple[tf.Tensor, EndPoints]:
    return build_steps(images, _plan_steps(convolutions), end_point)


def _plan_steps(convolutions: tuple[int, ...]) -> Iterator[Step]:
    for name, depth in _list_depths(convolutions).items():
        if name.startswith("pool"):
            yield name, partial(slim.max_pool2d, kernel_size=2, stride=2, scope=name)
        elif name.startswith("conv"):
            yield name, partial(slim.conv2d, num_outputs=depth, kernel_size=3, scope=name)
    yield "fc6", partial(slim.conv2d, num_outputs=HIDDEN_SIZE, kernel_size=FC6_KERNEL, padding="VALID", scope="fc6")
    yield "fc7", _build_fc7


def _build_fc7(net: tf.Tensor) -> tf.Tensor:
    return slim.conv2d(slim.dropout(net, scope="dropout6"), HIDDEN_SIZE, 1, scope="fc7")


def _build_logits(net: tf.Tensor, num_classes: int) -> tf.Tensor:
    return build_conv_logits(slim.dropout(net, scope="dropout7"), num_classes, LOGITS_SCOPE)
