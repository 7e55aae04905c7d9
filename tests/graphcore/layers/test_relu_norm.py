import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.relu_norm import relu_norm_arg_scope


def build(images, epsilon=0.001, scale=False, **options):
    with slim.arg_scope(relu_norm_arg_scope(epsilon, scale, **options)):
        return slim.conv2d(images, 2, 1, scope="conv")


@pytest.mark.parametrize(("scale", "count"), [(False, 4), (True, 5)])
def test_gamma_is_there_where_it_is_wanted(scale, count):
    with tf.Graph().as_default():
        build(tf.zeros([1, 2, 2, 3]), scale=scale)
        names = {variable.op.name for variable in tf1.global_variables()}
    assert len(names) == count
    assert ("conv/BatchNorm/gamma" in names) is scale


def test_norm_and_activation():
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(1)
        images = tf.constant(np.random.default_rng(0).uniform(-1, 1, (1, 4, 4, 3)), tf.float32)
        net = build(images, epsilon=0.5)
        weights = tf1.global_variables()[0]
        session.run(tf1.global_variables_initializer())
        found, before = session.run([net, tf.nn.conv2d(images, weights, 1, "SAME")])
    np.testing.assert_allclose(found, np.maximum(before / np.sqrt(1.5), 0), rtol=1e-5)


def test_inference_has_no_updates_and_training_has_two():
    for is_training, count in ((False, 0), (True, 2)):
        with tf.Graph().as_default():
            build(tf.zeros([1, 2, 2, 3]), is_training=is_training)
            assert len(tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)) == count


def test_updates_in_place_move_the_statistics():
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(1)
        images = tf.constant(np.random.default_rng(0).uniform(0, 1, (1, 4, 4, 3)), tf.float32)
        net = build(images, is_training=True, batch_norm_decay=0.75, updates_collections=None)
        by_name = {variable.op.name: variable for variable in tf1.global_variables()}
        session.run(tf1.global_variables_initializer())
        session.run(net)
        before = session.run(tf.nn.conv2d(images, by_name["conv/weights"], 1, "SAME"))
        moved = session.run(by_name["conv/BatchNorm/moving_mean"])
    np.testing.assert_allclose(moved, 0.25 * before.mean((0, 1, 2)), rtol=1e-4)


def test_weight_decay_is_a_loss():
    with tf.Graph().as_default():
        build(tf.zeros([1, 2, 2, 3]), weight_decay=0.1)
        assert len(tf1.losses.get_regularization_losses()) == 1
