"""MobileNet v2 and v3 compute what an independent implementation computes with the same weights."""

import re

import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.nets.factory import get_backbone


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "width", "size"),
    [
        ("mobilenet_v2", 1.0, 160),
        ("mobilenet_v2", 0.35, 96),
        ("mobilenet_v3_small", 1.0, 160),
        ("mobilenet_v3_large", 0.75, 128),
    ],
)
def test_values_are_those_of_keras_with_the_same_weights(name, width, size):
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, 1, [2, size, size, 3]).astype(np.float32)
    backbone = get_backbone(name, width, size)
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(1)
        logits, end_points = backbone.build(tf.constant(images), num_classes=1001)
        session.run(tf1.global_variables_initializer())
        variables = {variable.op.name: variable for variable in tf1.global_variables()}
        values = {key: draw_value(rng, key, value) for key, value in session.run(variables).items()}
        session.run(
            [variable.initializer for variable in variables.values()],
            {variable.initializer.inputs[1]: values[key] for key, variable in variables.items()},
        )
        ours = session.run([end_points["features"], logits])
    theirs = run_keras(name, width, images, {key.partition("/")[2]: value for key, value in values.items()})
    for found, expected in zip(ours, theirs, strict=True):
        assert expected.std() > 0.1
        np.testing.assert_allclose(found, expected, atol=1e-3 * expected.std())


def draw_value(rng, name, value):
    """Batch norm and biases far from their start, so that none can be forgotten."""
    if name.endswith(("gamma", "moving_variance")):
        return rng.uniform(0.5, 1.5, value.shape).astype(np.float32)
    if name.endswith(("beta", "moving_mean", "biases")):
        return rng.normal(0, 0.3, value.shape).astype(np.float32)
    return value


def run_keras(name, width, images, values):
    """(pooled features, logits) of keras.applications with our values, all of which must find a place."""
    models = {"2": "MobileNetV2", "small": "MobileNetV3Small", "large": "MobileNetV3Large"}
    options = {} if name == "mobilenet_v2" else {"include_preprocessing": False}
    build = getattr(tf.keras.applications, models[re.split("_v?", name)[-1]])
    model = build(images.shape[1:], width, weights=None, classes=1001, classifier_activation=None, **options)
    left = dict(values)
    for layer in model.layers:
        if layer.weights:
            wanted = name_as_slim_does(layer)
            layer.set_weights([left.pop(key).reshape(w.shape) for key, w in zip(wanted, layer.weights, strict=True)])
    assert not left
    pooled = [layer for layer in model.layers if isinstance(layer, tf.keras.layers.GlobalAveragePooling2D)][-1]
    outputs = tf.keras.Model(model.input, [pooled.output, model.output])(images, training=False)
    return [np.asarray(output).reshape(len(images), -1) for output in outputs]


def name_as_slim_does(layer):
    """Slim's names of a Keras layer's weights, in Keras's order."""
    last = {"logits": "Logits/Conv2d_1c_1x1", "predictions": "Logits/Conv2d_1c_1x1"}
    stem = re.sub(r"^bn_|_bn$", "", layer.name, flags=re.IGNORECASE)
    stem = re.sub(r"^conv1?(?=$|_\d)", "Conv", stem, flags=re.IGNORECASE)
    stem = re.sub(r"^block_", "expanded_conv_", stem)
    stem = re.sub(r"_(expand|depthwise|project|squeeze_excite)(?=$|_)", r"/\1", stem).replace(
        "excite_conv", "excite/Conv"
    )
    stem = last.get(stem, stem)
    if isinstance(layer, tf.keras.layers.BatchNormalization):
        return [f"{stem}/BatchNorm/{name}" for name in ("gamma", "beta", "moving_mean", "moving_variance")]
    if isinstance(layer, tf.keras.layers.DepthwiseConv2D):
        return [f"{stem}/depthwise_weights"]
    return [f"{stem}/weights", f"{stem}/biases"][: len(layer.weights)]
