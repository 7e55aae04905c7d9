import numpy as np
import pytest

from graphcore.graph.fold import Folding
from graphcore.graph.freeze import count_ops, freeze, import_graph
from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim

PICTURES = np.random.default_rng(0).uniform(-1, 1, [2, 6, 6, 3]).astype(np.float32)
RANDOM = tf1.random_uniform_initializer(0.5, 2.0, seed=3)
NORM = {"is_training": False, "scale": True, "param_initializers": dict.fromkeys(
    ("beta", "gamma", "moving_mean", "moving_variance"), RANDOM
)}  # fmt: skip


def fold(build, outputs=("net",)):
    """Builds on PICTURES, folds, and returns live and folded values of the first output, and the operations left."""
    with tf.Graph().as_default() as graph, tf1.Session(graph=graph) as session:
        tf1.set_random_seed(1)
        pictures = tf1.placeholder(tf.float32, [None, 6, 6, 3], name="pictures")
        build(pictures)
        session.run(tf1.global_variables_initializer())
        live = session.run(f"{outputs[0]}:0", {"pictures:0": PICTURES})
        folded = freeze(session, outputs)
    with tf1.Session(graph=import_graph(folded)) as session:
        found = session.run(f"{outputs[0]}:0", {"pictures:0": PICTURES})
    return live, found, count_ops(folded)


def assert_near(found, live):
    np.testing.assert_allclose(found, live, rtol=1e-5, atol=1e-5 * np.abs(live).max())


def test_a_bias_between_convolution_and_norm_is_taken_up():
    def build(pictures):
        net = slim.conv2d(pictures, 4, 3, activation_fn=None, biases_initializer=RANDOM)
        tf.identity(slim.batch_norm(tf.identity(net), **NORM), name="net")

    live, found, counts = fold(build)
    assert_near(found, live)
    assert counts == {"Placeholder": 1, "Conv2D": 1, "Const": 2, "BiasAdd": 1, "Identity": 1}


def test_a_dense_layer_takes_its_norm_up():
    def build(pictures):
        flat = tf.reshape(pictures, [-1, 6 * 6 * 3])
        tf.identity(slim.fully_connected(flat, 5, normalizer_fn=slim.batch_norm, normalizer_params=NORM), name="net")

    live, found, counts = fold(build)
    assert_near(found, live)
    assert counts["MatMul"] == counts["BiasAdd"] == 1
    assert not {"FusedBatchNormV3", "Mul", "AddV2"} & counts.keys()


def test_a_depthwise_filter_with_two_maps_each_takes_its_norm_up():
    def build(pictures):
        net = slim.separable_conv2d(
            pictures, None, 3, depth_multiplier=2, normalizer_fn=slim.batch_norm, normalizer_params=NORM
        )
        tf.identity(net, name="net")

    live, found, counts = fold(build)
    assert_near(found, live)
    assert counts["DepthwiseConv2dNative"] == counts["BiasAdd"] == 1
    assert "Mul" not in counts


def test_after_anything_else_one_product_and_one_sum_remain():
    live, found, counts = fold(lambda pictures: tf.nn.relu(slim.batch_norm(tf.nn.relu(pictures), **NORM), name="net"))
    assert_near(found, live)
    assert counts == {"Placeholder": 1, "Relu": 2, "Mul": 1, "AddV2": 1, "Const": 2}


def test_a_convolution_that_others_read_keeps_its_weights():
    def build(pictures):
        net = slim.conv2d(pictures, 4, 3, activation_fn=None, biases_initializer=None)
        tf.add(slim.batch_norm(net, **NORM), tf.nn.relu(net), name="net")

    live, found, counts = fold(build)
    assert_near(found, live)
    assert (counts["Mul"], counts["AddV2"], counts["BiasAdd"]) == (1, 2, 0)


def test_a_convolution_that_is_itself_an_output_keeps_its_weights():
    def build(pictures):
        weights = slim.variable("weights", [1, 1, 3, 4], initializer=RANDOM)
        net = tf.nn.conv2d(pictures, weights, 1, "SAME", name="net")
        tf.identity(slim.batch_norm(net, **NORM), name="normed")

    live, found, counts = fold(build, ("net", "normed"))
    assert_near(found, live)
    assert counts["Mul"] == 1


def test_filters_that_two_convolutions_share_are_scaled_apart():
    def build(pictures):
        weights = slim.variable("weights", [3, 3, 3, 4], initializer=RANDOM)
        nets = [slim.batch_norm(tf.nn.conv2d(pictures, weights, stride, "SAME"), **NORM) for stride in (2, 3)]
        tf.concat([tf.reduce_mean(net, [1, 2]) for net in nets], 1, name="net")

    live, found, counts = fold(build)
    assert_near(found, live)
    assert "Mul" not in counts


def describe(op, **attributes):
    """A graph of a placeholder and a norm of three maps, by hand: [pictures, a, b, c, d] in the order of its inputs."""
    graph_def = tf1.GraphDef()
    graph_def.node.add(name="pictures", op="Placeholder").attr["dtype"].type = tf.float32.as_datatype_enum
    values = {"a": [4.0, 1.0, 0.25], "b": [1.0, 2.0, 3.0], "c": [0.0, 1.0, -1.0], "d": [1.0, 4.0, 9.0]}
    for name, value in values.items():
        node = graph_def.node.add(name=name, op="Const")
        node.attr["dtype"].type = tf.float32.as_datatype_enum
        node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(np.float32(value)))
    norm = graph_def.node.add(name="norm", op=op, input=["pictures", "a", "b", "c", "d"])
    norm.attr["T"].type = tf.float32.as_datatype_enum
    for name, value in attributes.items():
        field = {bool: "b", float: "f", bytes: "s"}[type(value)]
        setattr(norm.attr[name], field, value)
    return graph_def


def constants(graph_def):
    return {node.name: tf.make_ndarray(node.attr["value"].tensor) for node in graph_def.node if node.op == "Const"}


def test_fused_norm_by_hand():
    graph_def = describe("FusedBatchNorm", is_training=False, epsilon=0.0)
    assert Folding(graph_def, ["norm"]).fold_all() == []
    # gamma a, beta b, mean c, variance d.
    np.testing.assert_allclose(constants(graph_def)["norm/scale"], [4.0, 0.5, 0.25 / 3])
    np.testing.assert_allclose(constants(graph_def)["norm/shift"], [1.0, 2.0 - 0.5, 3.0 + 0.25 / 3], rtol=1e-6)


@pytest.mark.parametrize(("scaled", "gamma"), [(True, [1.0, 4.0, 9.0]), (False, [1.0, 1.0, 1.0])])
def test_norm_of_2015_by_hand(scaled, gamma):
    graph_def = describe("BatchNormWithGlobalNormalization", scale_after_normalization=scaled, variance_epsilon=0.0)
    assert Folding(graph_def, ["norm"]).fold_all() == []
    # mean a, variance b, beta c, gamma d.
    scale = np.array(gamma) / np.sqrt([1.0, 2.0, 3.0])
    np.testing.assert_allclose(constants(graph_def)["norm/scale"], scale, rtol=1e-6)
    np.testing.assert_allclose(constants(graph_def)["norm/shift"], [0.0, 1.0, -1.0] - np.array([4, 1, 0.25]) * scale)


def test_maps_that_come_first_are_met_there():
    graph_def = describe("FusedBatchNorm", is_training=False, epsilon=0.0, data_format=b"NCHW")
    Folding(graph_def, ["norm"]).fold_all()
    assert constants(graph_def)["norm/scale"].shape == (3, 1, 1)


@pytest.mark.parametrize("attributes", [{"is_training": True}, {}], ids=["said", "by default"])
def test_training_mode_stays_and_is_told(attributes):
    graph_def = describe("FusedBatchNorm", **attributes)
    assert Folding(graph_def, ["norm"]).fold_all() == ["norm"]
    assert count_ops(graph_def)["FusedBatchNorm"] == 1


def test_a_norm_whose_statistics_are_read_stays():
    graph_def = describe("FusedBatchNorm", is_training=False)
    graph_def.node.add(name="mean", op="Identity", input=["norm:1"]).attr["T"].type = tf.float32.as_datatype_enum
    assert Folding(graph_def, ["mean"]).fold_all() == ["norm"]


def test_a_norm_with_computed_statistics_stays():
    graph_def = describe("FusedBatchNorm", is_training=False)
    graph_def.node[2].op = "Placeholder"
    assert Folding(graph_def, ["norm"]).fold_all() == ["norm"]


def test_what_nothing_read_before_is_not_dropped():
    graph_def = describe("FusedBatchNorm", is_training=False)
    graph_def.node.add(name="aside", op="NoOp")
    Folding(graph_def, ["norm"]).fold_all()
    assert {node.name for node in graph_def.node} == {
        "pictures",
        "aside",
        "norm",
        "norm/scale",
        "norm/shift",
        "norm/scaled",
    }
