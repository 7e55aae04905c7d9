"""Inception v1, v2 and v3 of tf_slim.nets, cut at an end point and pooled; the auxiliary head of v3 is not built.

Source: arXiv:1409.4842 (v1, here with batch norm, as released), arXiv:1502.03167 (v2), arXiv:1512.00567 (v3).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.relu_norm import relu_norm_arg_scope
from graphcore.nets.backbone import Backbone
from graphcore.nets.pooled import (
    EndPoints,
    PooledNetwork,
    Step,
    build_conv_logits,
    build_dense_logits,
    build_steps,
    make_pooled_backbone,
)

BATCH_NORM_EPSILON = 0.001
KEEP_PROB = 0.8
LOGITS_SCOPE = "Logits"
AUX_SCOPE = "AuxLogits"


@dataclass(frozen=True)
class InceptionVersion:
    """What tells the versions apart.

    Attributes:
        scope: variable scope in the released checkpoint.
        logits_layer: the last layer's scope under "Logits".
        min_size: pixels; smaller pictures leave no map at the last layer.
        has_aux: whether the released checkpoint has an auxiliary head.
        stem: end points and depths before the first module.
        modules: end points and depths from there on.
    """

    scope: str
    logits_layer: str
    min_size: int
    has_aux: bool
    stem: dict[str, int]
    modules: dict[str, int]


_STEM = {"Conv2d_1a_7x7": 64, "MaxPool_2a_3x3": 64, "Conv2d_2b_1x1": 64, "Conv2d_2c_3x3": 192, "MaxPool_3a_3x3": 192}
_MODULES_V1 = {
    **{"Mixed_3b": 256, "Mixed_3c": 480, "MaxPool_4a_3x3": 480},
    **{"Mixed_4b": 512, "Mixed_4c": 512, "Mixed_4d": 512, "Mixed_4e": 528, "Mixed_4f": 832},
    **{"MaxPool_5a_2x2": 832, "Mixed_5b": 832, "Mixed_5c": 1024},
}
_MODULES_V2 = {
    **{"Mixed_3b": 256, "Mixed_3c": 320},
    **{f"Mixed_4{letter}": 576 for letter in "abcde"},
    **{f"Mixed_5{letter}": 1024 for letter in "abc"},
}
_STEM_V3 = {
    **{"Conv2d_1a_3x3": 32, "Conv2d_2a_3x3": 32, "Conv2d_2b_3x3": 64, "MaxPool_3a_3x3": 64},
    **{"Conv2d_3b_1x1": 80, "Conv2d_4a_3x3": 192, "MaxPool_5a_3x3": 192},
}
_MODULES_V3 = {
    **{"Mixed_5b": 256, "Mixed_5c": 288, "Mixed_5d": 288},
    **{f"Mixed_6{letter}": 768 for letter in "abcde"},
    **{"Mixed_7a": 1280, "Mixed_7b": 2048, "Mixed_7c": 2048},
}
VERSIONS = {
    "inception_v1": InceptionVersion("InceptionV1", "Conv2d_0c_1x1", 32, False, _STEM, _MODULES_V1),
    "inception_v2": InceptionVersion("InceptionV2", "Conv2d_1c_1x1", 32, False, _STEM, _MODULES_V2),
    "inception_v3": InceptionVersion("InceptionV3", "Conv2d_1c_1x1", 75, True, _STEM_V3, _MODULES_V3),
}


def plan_dense_inception(
    scope: str, depths: Mapping[str, int], plan_steps: Callable[[], Iterable[Step]], min_size: int
) -> PooledNetwork:
    """The frame of Inception v4 and Inception-ResNet v2: steps one on another, a dense last layer, an auxiliary one."""
    return PooledNetwork(
        scope=scope,
        depths=depths,
        build_layers=lambda images, end_point: build_steps(images, plan_steps(), end_point),
        build_logits=build_dense_logits,
        get_arg_scope=inception_arg_scope,
        logits_scopes=(LOGITS_SCOPE, AUX_SCOPE),
        min_size=min_size,
    )


def make_backbone(name: str, width: float, image_size: int, end_point: str | None = None) -> Backbone:
    """Makes "inception_v1", "inception_v2" or "inception_v3"; see `nets.factory.get_backbone`."""
    version = VERSIONS[name]
    network = PooledNetwork(
        scope=version.scope,
        depths=version.stem | version.modules,
        build_layers=partial(_build_layers, name),
        build_logits=partial(_build_logits, version.logits_layer),
        get_arg_scope=inception_arg_scope,
        logits_scopes=(LOGITS_SCOPE, AUX_SCOPE) if version.has_aux else (LOGITS_SCOPE,),
        min_size=version.min_size,
    )
    return make_pooled_backbone(network, name, width, image_size, end_point)


def inception_arg_scope(**options: Any) -> Any:
    """`relu_norm_arg_scope` with batch norm as all released Inceptions have it: no gamma, epsilon 0.001."""
    return relu_norm_arg_scope(BATCH_NORM_EPSILON, False, **options)


def _build_layers(name: str, images: tf.Tensor, end_point: str) -> tuple[tf.Tensor, EndPoints]:
    # `slim` has been loaded and mended by now, and tf_slim.nets with it.
    nets = importlib.import_module(f"{slim.__name__}.nets.inception")
    return getattr(nets, f"{name}_base")(images, final_endpoint=end_point, scope=tf1.get_variable_scope())


def _build_logits(layer: str, net: tf.Tensor, num_classes: int) -> tf.Tensor:
    with tf1.variable_scope(LOGITS_SCOPE):
        return build_conv_logits(slim.dropout(net, KEEP_PROB), num_classes, layer)
