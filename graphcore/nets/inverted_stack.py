"""What MobileNet v2 and v3 share: a 3x3 convolution, a stack of inverted residuals, a 1x1 convolution, a mean."""

from __future__ import annotations

from typing import Any

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.conv_norm import conv_norm_arg_scope
from graphcore.layers.inverted_residual import OUTPUT, inverted_residual
from graphcore.nets.backbone import Backbone
from graphcore.nets.input_spec import InputSpec
from graphcore.nets.inverted_plan import InvertedStack

LOGITS_SCOPE = "Logits"
LOGITS_LAYER = "Conv2d_1c_1x1"
STEM_STRIDE = 2


def make_stack_backbone(
    name: str, width: float, image_size: int, stack: InvertedStack, end_point: str | None = None
) -> Backbone:
    """Makes the backbone of a planned network, pooled at `end_point`.

    Raises:
        ConfigError: there is no such end point.
    """
    layer = stack.require_end_point(end_point)

    def build(images: tf.Tensor, is_training: bool | tf.Tensor = False, **options: Any) -> Any:
        return build_inverted_stack(stack, images, is_training=is_training, final_endpoint=layer, **options)

    return Backbone(
        name=name,
        width=width,
        build=build,
        input_spec=InputSpec(image_size),
        feature_size=stack.end_point_depths()[layer],
        scope=stack.scope,
        end_point=layer,
        logits_scopes=(f"{stack.scope}/{LOGITS_SCOPE}",),
    )


def build_inverted_stack(
    stack: InvertedStack,
    images: tf.Tensor,
    num_classes: int | None = None,
    is_training: bool | tf.Tensor = False,
    final_endpoint: str | None = None,
    reuse: bool | None = None,
    **arg_scope_options: Any,
) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
    """Builds the network.

    Args:
        stack: what to build.
        images: float32 [batch, height, width, 3] in [-1, 1]; sides that are multiples of 32 waste nothing.
        num_classes: outputs of the network's own last layer; None for none.
        is_training: see `conv_norm_arg_scope`.
        final_endpoint: the last layer that is built, one of `stack.end_point_depths()`; None for the last convolution.
        reuse: whether to take the variables of an earlier call.
        **arg_scope_options: weight_decay, batch_norm_decay, updates_collections of `conv_norm_arg_scope`.

    Returns:
        (net, end_points). `net` is float32 [batch, maps of the final end point], the pooled features; or with
        `num_classes` the logits, float32 [batch, num_classes]. `end_points` has every layer by slim's name for it
        ("layer_2", "layer_2/expansion_output" ...), and "features"; with classes also "Logits" and "Predictions"
        (softmax).
    """
    final = stack.require_end_point(final_endpoint)
    end_points: dict[str, tf.Tensor] = {}
    with (
        tf1.variable_scope(stack.scope, values=[images], reuse=reuse),
        slim.arg_scope(conv_norm_arg_scope(is_training, activation=stack.activation, **arg_scope_options)),
    ):
        net = _build_convolutions(images, stack, final, end_points)
        net = tf.reduce_mean(net, axis=[1, 2], keepdims=True, name="pooled")
        if stack.hidden_size and final in (stack.last, stack.hidden):
            end_points[f"layer_{len(stack.blocks) + 3}"] = net
        if final == stack.hidden:
            net = end_points[stack.hidden] = _build_hidden(net, stack)
        end_points["features"] = tf.squeeze(net, axis=[1, 2], name="features")
        if num_classes is None:
            return end_points["features"], end_points
        if stack.hidden_size and final != stack.hidden:
            net = end_points[stack.hidden] = _build_hidden(net, stack)
        logits = _build_logits(net, num_classes)
        end_points["Logits"] = logits
        end_points["Predictions"] = tf.nn.softmax(logits, name="Predictions")
        return logits, end_points


def _build_convolutions(
    images: tf.Tensor, stack: InvertedStack, final: str, end_points: dict[str, tf.Tensor]
) -> tf.Tensor:
    net = slim.conv2d(images, stack.stem_depth, 3, stride=STEM_STRIDE, scope="Conv")
    end_points["layer_1"] = net
    for index, block in enumerate(stack.blocks):
        layer = f"layer_{index + 2}"
        if final in end_points:
            break
        part = final.removeprefix(f"{layer}/") if final.startswith(f"{layer}/") else OUTPUT
        parts = inverted_residual(net, block, f"expanded_conv_{index}" if index else "expanded_conv", part)
        end_points |= {f"{layer}/{name}": tensor for name, tensor in parts.items()}
        net = parts[part]
        if part == OUTPUT:
            end_points[layer] = net
    if final not in end_points:
        net = end_points[stack.last] = slim.conv2d(net, stack.last_depth, 1, scope="Conv_1")
    return net


def _build_hidden(features: tf.Tensor, stack: InvertedStack) -> tf.Tensor:
    return slim.conv2d(features, stack.hidden_size, 1, normalizer_fn=None, scope="Conv_2")


def _build_logits(features: tf.Tensor, num_classes: int) -> tf.Tensor:
    with tf1.variable_scope(LOGITS_SCOPE):
        logits = slim.conv2d(features, num_classes, 1, activation_fn=None, normalizer_fn=None, scope=LOGITS_LAYER)
        return tf.squeeze(logits, axis=[1, 2], name="logits")
