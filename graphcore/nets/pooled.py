"""The frame of every network that has one width: layers up to an end point, their mean as features, logits on top.

A network gives this module its layers and its numbers; the contract of `Backbone.build` is kept here, once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.nets.backbone import Backbone, require_choice, require_end_point
from graphcore.nets.input_spec import InputSpec

EndPoints = dict[str, tf.Tensor]
# One layer or one module: its end point's name, and what builds it.
Step = tuple[str, Callable[[tf.Tensor], tf.Tensor]]


@dataclass(frozen=True)
class PooledNetwork:
    """A network with one width, as a plan.

    Attributes:
        scope: variable scope.
        depths: maps of every layer that can be pooled, by end point, from the first to the last.
        build_layers: (images, end point) -> (net, end_points): all layers up to the end point, none above it.
        build_logits: (features [batch, 1, 1, depth], classes) -> logits [batch, classes]: the network's own last layer.
        get_arg_scope: (is_training, weight_decay, batch_norm_decay, updates_collections) -> arg_scope for both.
        logits_scopes: of the last layer and of auxiliary ones in the released checkpoints, below `scope`.
        checkpoint_classes: outputs of the last layer in the released checkpoints.
        get_input_spec: image size -> how the released checkpoint wants its pictures.
        min_size: the smallest side that leaves a map at the last layer, pixels.
        prefix: what slim puts before an end point's name ("vgg_16/"); users may leave it out.
    """

    scope: str
    depths: Mapping[str, int]
    build_layers: Callable[[tf.Tensor, str], tuple[tf.Tensor, EndPoints]]
    build_logits: Callable[[tf.Tensor, int], tf.Tensor]
    get_arg_scope: Callable[..., Any]
    logits_scopes: tuple[str, ...]
    checkpoint_classes: int = 1001
    get_input_spec: Callable[[int], InputSpec] = InputSpec
    min_size: int = 32
    prefix: str = ""

    def require_end_point(self, end_point: str | None) -> str:
        """The layer that is pooled, without prefix: the last, or the one that is asked for."""
        return require_end_point(end_point.removeprefix(self.prefix) if end_point else None, [*self.depths])


def make_pooled_backbone(
    network: PooledNetwork, name: str, width: float, image_size: int, end_point: str | None = None
) -> Backbone:
    """Makes a backbone of a plan; see `nets.factory.get_backbone`.

    Raises:
        ConfigError: width is not 1, the pictures are too small, or there is no such end point.
    """
    require_choice(name, "backbone.width", width, (1.0,))
    layer = network.require_end_point(end_point)
    if image_size < network.min_size:
        raise ConfigError(
            f"backbone.image_size is {image_size}, and {name} needs at least {network.min_size}.",
            next_step=f"Set backbone.image_size={network.min_size} or more.",
        )

    def build(images: tf.Tensor, is_training: bool | tf.Tensor = False, **options: Any) -> Any:
        return build_pooled(network, images, layer, is_training, **options)

    return Backbone(
        name=name,
        width=width,
        build=build,
        input_spec=network.get_input_spec(image_size),
        feature_size=network.depths[layer],
        scope=network.scope,
        end_point=network.prefix + layer,
        checkpoint_classes=network.checkpoint_classes,
        logits_scopes=tuple(f"{network.scope}/{scope}" for scope in network.logits_scopes),
    )


def build_pooled(
    network: PooledNetwork,
    images: tf.Tensor,
    end_point: str,
    is_training: bool | tf.Tensor = False,
    num_classes: int | None = None,
    reuse: bool | None = None,
    **arg_scope_options: Any,
) -> tuple[tf.Tensor, EndPoints]:
    """Builds a network up to `end_point`, and the mean of that layer over height and width.

    Args:
        network: what to build.
        images: float32 [batch, height, width, 3] in the range of the network's input specification.
        end_point: one of `network.depths`; nothing above it is built.
        is_training: whether batch norm uses the batch's statistics; a bool, or a bool scalar tensor.
        num_classes: outputs of the network's own last layer, which goes on top of the features; None for none.
        reuse: whether to take the variables of an earlier call.
        **arg_scope_options: weight_decay, batch_norm_decay, updates_collections; see `relu_norm_arg_scope`.

    Returns:
        (net, end_points). `net` is the features, float32 [batch, depth of the end point]; or with `num_classes` the
        logits, float32 [batch, num_classes]. `end_points` has every layer by slim's name, "global_pool" (the features
        with height and width 1) and "features"; with classes also "Logits" and "Predictions" (softmax).
    """
    with (
        tf1.variable_scope(network.scope, values=[images], reuse=reuse),
        slim.arg_scope(network.get_arg_scope(is_training=is_training, **arg_scope_options)),
    ):
        net, layers = network.build_layers(images, end_point)
        end_points = {network.prefix + name: layer for name, layer in layers.items()}
        if net.shape.as_list()[1:3] != [1, 1]:
            net = tf.reduce_mean(net, axis=[1, 2], keepdims=True, name="global_pool")
        end_points["global_pool"] = net
        end_points["features"] = tf.squeeze(net, axis=[1, 2], name="features")
        if num_classes is None:
            return end_points["features"], end_points
        logits = network.build_logits(net, num_classes)
        end_points["Logits"] = logits
        end_points["Predictions"] = tf.nn.softmax(logits, name="Predictions")
        return logits, end_points


def build_steps(net: tf.Tensor, steps: Iterable[Step], last: str) -> tuple[tf.Tensor, EndPoints]:
    """Builds steps one on another until the one that is called `last`; none is built after it."""
    end_points: EndPoints = {}
    for name, build in steps:
        net = end_points[name] = build(net)
        if name == last:
            break
    return net, end_points


def build_conv_logits(net: tf.Tensor, num_classes: int, scope: str) -> tf.Tensor:
    """A last layer as a 1x1 convolution: features [batch, 1, 1, depth] to logits [batch, num_classes]."""
    logits = slim.conv2d(net, num_classes, 1, activation_fn=None, normalizer_fn=None, scope=scope)
    return tf.squeeze(logits, axis=[1, 2], name="logits")


def build_dense_logits(net: tf.Tensor, num_classes: int, keep_prob: float = 0.8) -> tf.Tensor:
    """A last layer as the later Inceptions have it, dropout before it, under the scope "Logits/Logits"."""
    with tf1.variable_scope("Logits"):
        features = tf.squeeze(slim.dropout(net, keep_prob), axis=[1, 2], name="PreLogitsFlatten")
        return slim.fully_connected(features, num_classes, activation_fn=None, scope="Logits")
