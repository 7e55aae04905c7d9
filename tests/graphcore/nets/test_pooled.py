import numpy as np
import pytest

from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.relu_norm import relu_norm_arg_scope
from graphcore.nets.pooled import (
    PooledNetwork,
    build_conv_logits,
    build_dense_logits,
    build_pooled,
    build_steps,
    make_pooled_backbone,
)

PICTURES = np.random.default_rng(0).uniform(-1, 1, (2, 12, 12, 3)).astype(np.float32)


def plan_steps():
    for name, depth in (("one", 4), ("two", 5)):
        yield name, lambda net, name=name, depth=depth: slim.conv2d(net, depth, 3, stride=2, scope=name)


def plan_network(**fields):
    return PooledNetwork(
        scope="Small",
        depths={"one": 4, "two": 5},
        build_layers=lambda images, end_point: build_steps(images, plan_steps(), end_point),
        build_logits=lambda net, classes: build_conv_logits(net, classes, "logits"),
        get_arg_scope=lambda **options: relu_norm_arg_scope(0.001, False, **options),
        logits_scopes=("logits", "AuxLogits"),
        min_size=8,
        **fields,
    )


def test_features_are_the_mean_over_height_and_width():
    with tf.Graph().as_default(), tf1.Session() as session:
        features, end_points = build_pooled(plan_network(), tf.constant(PICTURES), "one")
        session.run(tf1.global_variables_initializer())
        found, maps, pooled = session.run([features, end_points["one"], end_points["global_pool"]])
    assert maps.shape == (2, 6, 6, 4)
    np.testing.assert_allclose(found, maps.mean((1, 2)), rtol=1e-5)
    np.testing.assert_array_equal(pooled, found[:, None, None])
    assert list(end_points) == ["one", "global_pool", "features"]


def test_classes_add_the_networks_own_last_layer():
    with tf.Graph().as_default(), tf1.Session() as session:
        net, end_points = build_pooled(plan_network(), tf.constant(PICTURES), "two", num_classes=7)
        session.run(tf1.global_variables_initializer())
        logits, predictions = session.run([net, end_points["Predictions"]])
    assert net is end_points["Logits"]
    assert logits.shape == (2, 7)
    np.testing.assert_allclose(predictions.sum(1), 1.0, rtol=1e-5)


def test_a_prefix_is_slims_and_may_be_left_out():
    network = plan_network(prefix="Small/")
    for end_point in ("one", "Small/one"):
        backbone = make_pooled_backbone(network, "small", 1.0, 12, end_point)
        assert (backbone.end_point, backbone.feature_size) == ("Small/one", 4)
    with tf.Graph().as_default():
        _, end_points = backbone.build(tf.constant(PICTURES))
    assert list(end_points) == ["Small/one", "global_pool", "features"]


def test_a_backbone_says_what_the_plan_says():
    backbone = make_pooled_backbone(plan_network(checkpoint_classes=10), "small", 1.0, 12)
    assert (backbone.end_point, backbone.feature_size, backbone.scope) == ("two", 5, "Small")
    assert (backbone.checkpoint_classes, backbone.logits_scopes) == (10, ("Small/logits", "Small/AuxLogits"))
    assert backbone.title == "small 1/12"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.5, 12, None), r"backbone.width is 0.5, and small has no such variant\.\nChoices: 1\."),
        ((1.0, 7, None), r"image_size is 7, and small needs at least 8\.\nSet backbone.image_size=8 or more"),
        ((1.0, 12, "three"), r"end_point is 'three'\.\nChoices: one, two\."),
    ],
)
def test_what_there_is_not_is_told(arguments, message):
    with pytest.raises(ConfigError, match=message):
        make_pooled_backbone(plan_network(), "small", *arguments)


def test_dense_logits_have_the_names_of_the_later_inceptions():
    with tf.Graph().as_default():
        logits = build_dense_logits(tf.zeros([2, 1, 1, 6]), 3)
        names = {variable.op.name: variable.shape.as_list() for variable in tf1.global_variables()}
    assert logits.shape.as_list() == [2, 3]
    assert names == {"Logits/Logits/weights": [6, 3], "Logits/Logits/biases": [3]}
