"""MobileNet v1: a 3x3 convolution, then thirteen pairs of depthwise 3x3 and pointwise 1x1 convolutions.

Scope strings are the contract with the released slim checkpoints: any of the 16 (width, size) variants
restores by name. Without classes the network returns its pooled features, which is what a new head is trained
on.

Source: Howard et al., "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
arXiv:1704.04861, table 1 (layers), sections 3.3 and 3.4 (width and resolution).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
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
BATCH_NORM_EPSILON = 0.001

# Not the identical UPDATE_OPS string but a tuple that holds it: slim adds to every collection named here.
UPDATE_OPS = (tf1.GraphKeys.UPDATE_OPS,)


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


def mobilenet_v1_arg_scope(
    is_training: bool | tf.Tensor = False,
    weight_decay: float = 0.0,
    batch_norm_decay: float = 0.99,
    updates_collections: Sequence[str] | None = UPDATE_OPS,
) -> Any:
    """Returns the arg_scope under which `mobilenet_v1` builds: fused batch norm, ReLU6, He initialisation.

    In training mode the moving mean and variance must be updated while the network trains. There are two
    ways:

    - `updates_collections=UPDATE_OPS` (the default): the update operations are in the graph's collection
      `tf1.GraphKeys.UPDATE_OPS`. Run them with the train op: `slim.learning.create_train_op(loss, optimizer)`
      does so by itself, and by hand it is `tf.group(minimize_op,
      *tf1.get_collection(tf1.GraphKeys.UPDATE_OPS))`.
    - `updates_collections=None`: in place. Each batch norm's output waits for its updates, so whoever runs
      the loss runs them. Use it inside a while_loop, where operations cannot be fetched from outside.

    In inference mode (`is_training=False`) there are no update operations at all: frozen statistics cannot
    drift.

    Args:
        is_training: whether batch norm uses the batch's statistics; a bool, or a bool scalar tensor.
        weight_decay: factor of the L2 penalty on the weights of full convolutions, added to the graph's
            regularization losses. Depthwise filters have too few weights to need it (paper, section 3.2).
        batch_norm_decay: how much of the moving statistics each step keeps. 0.99 settles within some hundred
            steps; 0.9997, the figure for ImageNet, would leave a short training with the statistics of its
            start.
        updates_collections: see above.
    """
    regularizer = slim.l2_regularizer(weight_decay) if weight_decay else None
    batch_norm = {
        "is_training": is_training,
        "center": True,
        "scale": True,
        "decay": batch_norm_decay,
        "epsilon": BATCH_NORM_EPSILON,
        "updates_collections": updates_collections,
    }
    layers = [slim.conv2d, slim.separable_conv2d]
    with (
        slim.arg_scope(layers, normalizer_fn=slim.batch_norm, activation_fn=tf.nn.relu6, padding="SAME"),
        slim.arg_scope([slim.batch_norm], **batch_norm),
        slim.arg_scope([slim.conv2d], weights_initializer=_he_initializer(), weights_regularizer=regularizer),
        slim.arg_scope([slim.separable_conv2d], weights_initializer=_depthwise_initializer()) as scope,
    ):
        return scope


def _he_initializer() -> Any:
    # Keeps the scale of activations through 27 layers, so that features of random weights are usable too.
    # Source: He et al., "Delving Deep into Rectifiers", arXiv:1502.01852, section 2.2.
    return tf1.variance_scaling_initializer(scale=2.0, mode="fan_in", distribution="truncated_normal")


def _depthwise_initializer() -> Any:
    # A depthwise filter sees 9 inputs; TensorFlow's own fan-in would count 9 x channels and shrink the
    # output.
    return tf1.truncated_normal_initializer(stddev=(2.0 / 9.0) ** 0.5)


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
        is_training: see `mobilenet_v1_arg_scope`.
        scope: variable scope; the checkpoints use the default.
        reuse: whether to take the variables of an earlier call.
        **arg_scope_options: weight_decay, batch_norm_decay, updates_collections of `mobilenet_v1_arg_scope`.

    Returns:
        (net, end_points). `net` is float32 [batch, feature_size(width, final_endpoint)], the pooled features,
        at least 0 and at most 6; or with `num_classes` the logits, float32 [batch, num_classes]. `end_points` has every
        layer by its scope, and "features"; with classes also "Logits" and "Predictions" (softmax).
    """
    end_points: dict[str, tf.Tensor] = {}
    with (
        tf1.variable_scope(scope, "MobilenetV1", [images], reuse=reuse),
        slim.arg_scope(mobilenet_v1_arg_scope(is_training, **arg_scope_options)),
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


def guess_width(shapes: Mapping[str, Sequence[int]]) -> float | None:
    """Returns the width of the network that has these variables, None if they are not a MobileNet v1's."""
    shape = shapes.get(f"{SCOPE}/Conv2d_{len(BLOCKS)}_pointwise/weights")
    if shape is None or len(shape) != 4:
        return None
    return next((width for width in WIDTHS if feature_size(width) == shape[-1]), None)
