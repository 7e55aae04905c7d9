import numpy as np
import pytest

from graphcore.config import MlpHeadConfig, MultiLabelHeadConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.hidden import BATCH_NORM_DECAY, BATCH_NORM_EPSILON, build_hidden_layers

SCOPE = "head/mlp"
RANDOM = np.random.default_rng(0)
FEATURES = RANDOM.normal(size=(12, 5)).astype(np.float32)
WEIGHTS = RANDOM.normal(size=(5, 4)).astype(np.float32)
BATCHES = RANDOM.permutation(12).reshape(3, 4).astype(np.int32)


def config(**options):
    return MlpHeadConfig("mlp", **({"widths": [4], "dropout": 0.0} | options))


def assign(session, **values):
    for variable in tf1.global_variables():
        for name, value in values.items():
            if variable.op.name == f"{SCOPE}/hidden_1/{name}":
                session.run(variable.initializer, {variable.initializer.inputs[1]: value})


def start(session):
    session.run(tf1.global_variables_initializer())
    assign(session, weights=WEIGHTS)


def read(session, name):
    (variable,) = [each for each in tf1.global_variables() if each.op.name == f"{SCOPE}/hidden_1/BatchNorm/{name}"]
    return session.run(variable)


def build_loop(options, first_step=0):
    """Runs the layers on three batches inside of a loop, as a training does; returns what they gave."""
    build_hidden_layers(tf.constant(FEATURES[:4]), options, SCOPE, 3, True, tf.constant(0, tf.int64))
    batches = tf.gather(tf.constant(FEATURES), BATCHES)

    def body(taken, found):
        step = tf.cast(taken + first_step, tf.int64)
        net = build_hidden_layers(batches[taken], options, SCOPE, 3, True, step)
        with tf.control_dependencies([net]):
            return taken + 1, found.write(taken, net)

    found = tf.TensorArray(tf.float32, 3, element_shape=[4, 4])
    return tf1.while_loop(lambda taken, _: taken < 3, body, [tf.constant(0), found], parallel_iterations=1)[1].stack()


def test_without_norm_a_layer_is_a_product_a_bias_and_relu():
    biases = np.array([1, -1, 0, 0.5], np.float32)
    with tf.Graph().as_default(), tf1.Session() as session:
        net = build_hidden_layers(tf.constant(FEATURES), config(batch_norm=False), SCOPE)
        start(session)
        assign(session, biases=biases)
        np.testing.assert_allclose(session.run(net), np.maximum(FEATURES @ WEIGHTS + biases, 0), rtol=1e-5, atol=1e-6)


def test_unit_norm_brings_features_to_length_one():
    options = MultiLabelHeadConfig("multi_label", unit_norm=True)
    with tf.Graph().as_default(), tf1.Session() as session:
        net = session.run(build_hidden_layers(tf.constant([[3.0, 4.0]]), options, SCOPE))
    np.testing.assert_allclose(net, [[0.6, 0.8]], rtol=1e-6)


def test_training_normalises_each_batch_by_itself():
    with tf.Graph().as_default(), tf1.Session() as session:
        found = build_loop(config())
        start(session)
        found = session.run(found)
    for batch, net in zip(BATCHES, found, strict=True):
        sums = FEATURES[batch].astype(np.float64) @ WEIGHTS
        normal = (sums - sums.mean(0)) / np.sqrt(sums.var(0) + BATCH_NORM_EPSILON)
        np.testing.assert_allclose(net, np.maximum(normal, 0), rtol=1e-3, atol=1e-4)


def test_each_step_in_a_loop_moves_the_statistics():
    mean, variance = np.zeros(4), np.ones(4)
    for batch in BATCHES:
        sums = FEATURES[batch].astype(np.float64) @ WEIGHTS
        mean = BATCH_NORM_DECAY * mean + (1 - BATCH_NORM_DECAY) * sums.mean(0)
        variance = BATCH_NORM_DECAY * variance + (1 - BATCH_NORM_DECAY) * sums.var(0, ddof=1)
    with tf.Graph().as_default(), tf1.Session() as session:
        found = build_loop(config())
        inference = build_hidden_layers(tf.constant(FEATURES), config(), SCOPE)
        start(session)
        session.run(found.op)
        np.testing.assert_allclose(read(session, "moving_mean"), mean, rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(read(session, "moving_variance"), variance, rtol=1e-5)
        normal = (FEATURES @ WEIGHTS - mean) / np.sqrt(variance + BATCH_NORM_EPSILON)
        np.testing.assert_allclose(session.run(inference), np.maximum(normal, 0), rtol=1e-4, atol=1e-5)
        np.testing.assert_allclose(read(session, "moving_mean"), mean, rtol=1e-5, atol=1e-6)


def test_a_look_in_training_mode_moves_and_draws_nothing():
    options = config(dropout=0.5)
    with tf.Graph().as_default(), tf1.Session() as session:
        looked = build_hidden_layers(tf.constant(FEATURES), options, SCOPE, is_training=True)
        start(session)
        gradient = tf.gradients(tf.reduce_sum(looked), tf1.trainable_variables())
        first, _ = session.run([looked, gradient])
        np.testing.assert_array_equal(session.run(looked), first)
        np.testing.assert_array_equal(read(session, "moving_mean"), np.zeros(4))


def test_batch_norm_is_the_fused_operation():
    with tf.Graph().as_default() as graph:
        build_hidden_layers(tf.zeros([2, 5]), config(), SCOPE, 0, True, tf.constant(0, tf.int64))
        assert [op.type for op in graph.get_operations()].count("FusedBatchNormV3") == 1
        assert tf1.get_collection(tf1.GraphKeys.UPDATE_OPS) == []


def masks(options, first_step=0, seed=3):
    with tf.Graph().as_default(), tf1.Session() as session:
        step = tf1.placeholder(tf.int64, [])
        net = build_hidden_layers(tf.ones([400, 2]), options, SCOPE, seed, True, step)
        session.run(tf1.global_variables_initializer())
        return [session.run(net, {step: first_step + each}) for each in range(3)]


@pytest.fixture(scope="module")
def dropped():
    # One input decides all, so that what is left out shows.
    return config(widths=[8], batch_norm=False, dropout=0.25, unit_norm=True)


def test_dropout_is_a_function_of_seed_and_step(dropped):
    first, again, later = masks(dropped), masks(dropped), masks(dropped, first_step=1)
    np.testing.assert_array_equal(first, again)
    np.testing.assert_array_equal(first[1:], later[:2])
    assert not np.array_equal(first[0], first[1])
    assert not np.array_equal(np.equal(first[0], 0), np.equal(masks(dropped, seed=4)[0], 0))


def test_dropout_leaves_out_its_share_and_scales_the_rest(dropped):
    dropped_net = masks(dropped)[0]
    with tf.Graph().as_default(), tf1.Session() as session:
        whole = build_hidden_layers(tf.ones([400, 2]), dropped, SCOPE, 3)
        session.run(tf1.global_variables_initializer())
        whole = session.run(whole)
    alive = whole[0] > 0
    kept = dropped_net[:, alive] > 0
    assert 0.7 < kept.mean() < 0.8
    np.testing.assert_allclose(dropped_net[:, alive][kept], (whole[:, alive] / 0.75)[kept], rtol=1e-5)


def test_dropout_in_a_loop_draws_what_it_draws_outside(dropped):
    options = config(batch_norm=False, dropout=0.5)
    with tf.Graph().as_default(), tf1.Session() as session:
        found = build_loop(options, first_step=7)
        step = tf1.placeholder(tf.int64, [])
        outside = build_hidden_layers(tf.constant(FEATURES[BATCHES[2]]), options, SCOPE, 3, True, step)
        start(session)
        np.testing.assert_array_equal(session.run(found)[2], session.run(outside, {step: 9}))


def test_layers_draw_masks_of_their_own():
    options = config(widths=[8, 8], batch_norm=False, dropout=0.5)
    with tf.Graph().as_default() as graph:
        build_hidden_layers(tf.ones([4, 2]), options, SCOPE, 3, True, tf.constant(5, tf.int64))
        seeds = [op for op in graph.get_operations() if op.type == "Pack"]
        with tf1.Session() as session:
            found = [tuple(session.run(op.outputs[0])) for op in seeds]
    assert (3, 10) in found
    assert (3, 11) in found
