import numpy as np
import pytest

from graphcore.errors import GraphcoreError
from graphcore.graph.freeze import count_ops, fold_batch_norm, freeze, import_graph, op_name, tensor_name
from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim

IMAGES = np.random.default_rng(0).uniform(-1, 1, [2, 8, 8, 3]).astype(np.float32)


def build_small_network(is_training=False):
    """Convolution and depthwise convolution, each with batch norm, statistics far from zero and one."""
    images = tf1.placeholder(tf.float32, [None, 8, 8, 3], name="images")
    initializers = {
        name: tf1.random_uniform_initializer(0.5, 2.0, seed=seed)
        for seed, name in enumerate(["beta", "gamma", "moving_mean", "moving_variance"])
    }
    norm = {"is_training": is_training, "scale": True, "param_initializers": initializers}
    with slim.arg_scope(
        [slim.conv2d, slim.separable_conv2d],
        normalizer_fn=slim.batch_norm,
        normalizer_params=norm,
        activation_fn=tf.nn.relu6,
    ):
        net = slim.conv2d(images, 4, 3, scope="conv")
        net = slim.separable_conv2d(net, None, 3, depth_multiplier=1, scope="depthwise")
    return tf.reduce_mean(net, [1, 2], name="features")


def run_frozen(graph_def):
    with tf1.Session(graph=import_graph(graph_def)) as session:
        return session.run("features:0", {"images:0": IMAGES})


@pytest.fixture(name="session")
def small_session():
    with tf.Graph().as_default() as graph:
        build_small_network()
        with tf1.Session(graph=graph) as session:
            session.run(tf1.global_variables_initializer())
            yield session


@pytest.mark.parametrize("fold", [True, False])
def test_a_frozen_graph_computes_what_the_live_one_does(session, fold):
    live = session.run("features:0", {"images:0": IMAGES})
    np.testing.assert_allclose(run_frozen(freeze(session, ["features"], fold)), live, atol=1e-4)


def test_folding_leaves_no_batch_norm_and_no_variable(session):
    counts = count_ops(freeze(session, ["features:0"]))
    assert counts["FusedBatchNormV3"] == 0
    assert counts["VarHandleOp"] == 0
    assert counts["Conv2D"] == 1
    assert counts["DepthwiseConv2dNative"] == 1
    assert counts["BiasAdd"] == 2


@pytest.mark.parametrize("fold", [True, False])
def test_a_loop_keeps_what_it_does(fold):
    with tf.Graph().as_default(), tf1.Session() as session:
        factor = tf1.get_variable("factor", initializer=tf.constant(3, tf.int32))
        start = tf1.placeholder(tf.int32, [], "start")
        grown = tf1.while_loop(lambda value: value < 100, lambda value: value * factor, [start])
        tf.identity(grown, name="grown")
        session.run(tf1.global_variables_initializer())
        graph_def = freeze(session, ["grown"], fold)
    with tf1.Session(graph=import_graph(graph_def)) as session:
        assert session.run("grown:0", {"start:0": 5}) == 135
    assert count_ops(graph_def)["VarHandleOp"] == count_ops(graph_def)["VariableV2"] == 0


def test_without_folding_batch_norm_stays(session):
    assert count_ops(freeze(session, ["features"], fold=False))["FusedBatchNormV3"] == 2


def test_freezing_leaves_the_live_graph_as_it_was(session):
    before = len(session.graph.get_operations())
    session.graph.finalize()
    freeze(session, ["features"])
    assert len(session.graph.get_operations()) == before


def test_an_output_that_is_not_there_is_named(session):
    with pytest.raises(GraphcoreError, match="the graph has no operation scores"):
        freeze(session, ["features", "scores"])


def test_batch_norm_in_training_mode_cannot_be_folded():
    with tf.Graph().as_default() as graph, tf1.Session(graph=graph) as session:
        build_small_network(is_training=True)
        session.run(tf1.global_variables_initializer())
        with pytest.raises(GraphcoreError, match=r"2 batch norms could not be folded.*\nBuild the graph with is_tr"):
            freeze(session, ["features"])


def test_batch_norm_that_follows_no_convolution_becomes_a_product_and_a_sum():
    with tf.Graph().as_default() as graph, tf1.Session(graph=graph) as session:
        images = tf1.placeholder(tf.float32, [None, 2, 2, 3])
        net = slim.batch_norm(tf.nn.relu(images), is_training=False)
        tf.identity(net, name="net")
        session.run(tf1.global_variables_initializer())
        frozen = freeze(session, ["net"], fold=False)
    counts = count_ops(fold_batch_norm(frozen, ["net"]))
    assert (counts["Mul"], counts["AddV2"], counts["FusedBatchNormV3"]) == (1, 1, 0)
    assert count_ops(frozen)["FusedBatchNormV3"] == 1


def test_names_of_operations_and_tensors():
    assert op_name("features:0") == op_name("features") == "features"
    assert tensor_name("features") == "features:0"
    assert tensor_name("split:1") == "split:1"
