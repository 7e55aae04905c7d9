"""MobileNet v1: a 3x3 convolution, then thirteen pairs of depthwise 3x3 and pointwise 1x1 convolutions.

Scope strings are the contract with the released slim checkpoints: any of the 16 (width, size) variants
restores by name. Without classes the network returns its pooled features, which is what a new head is trained
on.

Source: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
arXiv:1704.04861, table 1 (layers), sections 3.3 and 3.4 (width and resolution).
"""

from __future__ import annotations

from typing import Any

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.conv_norm import conv_norm_arg_scope
from graphcore.nets.backbone import Backbone, require_choice, require_end_point
from graphcore.nets.input_spec import InputSpec

SCOPE = "MobilenetV1"
LOGITS_SCOPE = "Logits"
LOGITS_LAYER = "Conv2d_1c_1x1"
WIDTHS = (1.0, 0.75, 0.5, 0.25)
IMAGE_SIZES = (224, 192, 160, 128)

STEM_DEPTH = 32
STEM_STRIDE = 2
# (stride of the depthwise convolution, depth of the pointwise one at width 1), blocks 1 to 13.
BLOCKS = (
    (1, 64),
    (2, 128),
    (1, 128),
    (2, 256),
    (1, 256),
    (2, 512),
    *[(1, 512)] * 5,
    (2, 1024),
    (1, 1024),
)
# Layers whose pooled maps can be features.
END_POINTS = tuple(f"Conv2d_{number}_pointwise" for number in range(1, len(BLOCKS) + 1))
LAST = END_POINTS[-1]
# No layer is thinner than this, whatever the width; the released 0.25 checkpoints have 8 maps in their first
# layer.
MIN_DEPTH = 8


def make_backbone(name: str, width: float, image_size: int, end_point: str | None = None) -> Backbone:
    """Makes one of the 16 variants; see `nets.factory.get_backbone`."""
    require_choice(name, "backbone.width", width, WIDTHS)
    require_choice(name, "backbone.image_size", image_size, IMAGE_SIZES)
    layer = require_end_point(end_point, END_POINTS)

    def build(images: tf.Tensor, is_training: bool | tf.Tensor = False, **options: Any) -> Any:
        return mobilenet_v1(images, width=width, is_training=is_training, final_endpoint=layer, **options)

    return Backbone(
        name=name,
        width=width,
        build=build,
        input_spec=InputSpec(image_size),
        feature_size=feature_size(width, layer),
        scope=SCOPE,
        end_point=layer,
        logits_scopes=(f"{SCOPE}/{LOGITS_SCOPE}",),
    )


def scaled_depth(depth: int, width: float) -> int:
    """Returns the number of maps that a layer of `depth` maps has at `width`."""
    return max(int(depth * width), MIN_DEPTH)


def feature_size(width: float, end_point: str = LAST) -> int:
    """Returns the length of the pooled feature vector at `width`, from the layer `end_point`."""
    return scaled_depth(BLOCKS[END_POINTS.index(end_point)][1], width)


def mobilenet_v1(
    images: tf.Tensor,
    num_classes: int | None = None,
    width: float = 1.0,
    is_training: bool | tf.Tensor = False,
    final_endpoint: str = LAST,
    scope: str = SCOPE,
    reuse: bool | None = None,
    **arg_scope_options: Any,
) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
    """Builds the network.

    Args:
        images: float32 [batch, height, width, 3] in [-1, 1]; sides that are multiples of 32 waste nothing.
        num_classes: outputs of the network's own last layer; None for none.
        final_endpoint: the last layer that is built, one of `END_POINTS`.
        width: depth multiplier; the released checkpoints have those in `WIDTHS`.
        is_training: see `conv_norm_arg_scope`.
        scope: variable scope; the checkpoints use the default.
        reuse: whether to take the variables of an earlier call.
        **arg_scope_options: weight_decay, batch_norm_decay, updates_collections of `conv_norm_arg_scope`.

    Returns:
        (net, end_points). `net` is float32 [batch, feature_size(width, final_endpoint)], the pooled features,
        at least 0 and at most 6; or with `num_classes` the logits, float32 [batch, num_classes]. `end_points` has every
        layer by its scope, and "features"; with classes also "Logits" and "Predictions" (softmax).
    """
    end_points: dict[str, tf.Tensor] = {}
    with (
        tf1.variable_scope(scope, "MobilenetV1", [images], reuse=reuse),
        slim.arg_scope(conv_norm_arg_scope(is_training, **arg_scope_options)),
    ):
        net = _build_convolutions(images, width, final_endpoint, end_points)
        features = tf.reduce_mean(net, axis=[1, 2], keepdims=True, name="pooled")
        end_points["features"] = tf.squeeze(features, axis=[1, 2], name="features")
        if num_classes is None:
            return end_points["features"], end_points
        logits = _build_logits(features, num_classes)
        end_points["Logits"] = logits
        end_points["Predictions"] = tf.nn.softmax(logits, name="Predictions")
        return logits, end_points


def _build_convolutions(
    images: tf.Tensor, width: float, final_endpoint: str, end_points: dict[str, tf.Tensor]
) -> tf.Tensor:
    net = slim.conv2d(images, scaled_depth(STEM_DEPTH, width), 3, stride=STEM_STRIDE, scope="Conv2d_0")
    end_points["Conv2d_0"] = net
    for number, (stride, depth) in enumerate(BLOCKS, start=1):
        name = f"Conv2d_{number}_depthwise"
        # No outputs asked for makes slim's separable convolution a depthwise one alone.
        net = slim.separable_conv2d(net, None, 3, depth_multiplier=1, stride=stride, scope=name)
        end_points[name] = net
        name = f"Conv2d_{number}_pointwise"
        net = slim.conv2d(net, scaled_depth(depth, width), 1, scope=name)
        end_points[name] = net
        if name == final_endpoint:
            break
    return net


def _build_logits(features: tf.Tensor, num_classes: int) -> tf.Tensor:
    with tf1.variable_scope(LOGITS_SCOPE):
        logits = slim.conv2d(features, num_classes, 1, activation_fn=None, normalizer_fn=None, scope=LOGITS_LAYER)
        return tf.squeeze(logits, axis=[1, 2], name="logits")
