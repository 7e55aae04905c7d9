import numpy as np

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.framewise import framewise

NET = np.arange(12, dtype=np.float32).reshape(2, 3, 2)


def test_every_frame_is_multiplied_by_the_same_weights():
    weights, biases = np.float32([[1, 2, 0], [0, 1, -1]]), np.float32([0, 10, 0])
    with tf.Graph().as_default(), tf1.Session() as session:
        initializer = tf1.constant_initializer(weights)
        net = framewise(tf.constant(NET), 3, tf.nn.relu, initializer, scope="layer")
        session.run(tf1.global_variables_initializer())
        (bias,) = [each for each in tf1.global_variables() if each.op.name == "layer/biases"]
        session.run(bias.initializer, {bias.initializer.inputs[1]: biases})
        np.testing.assert_allclose(session.run(net), np.maximum(NET @ weights + biases, 0))


def test_variables_have_slims_names_and_a_second_build_shares_them():
    with tf.Graph().as_default(), tf1.variable_scope("head", reuse=tf1.AUTO_REUSE):
        for _ in range(2):
            framewise(tf.constant(NET), 3, scope="layer")
        assert [each.op.name for each in tf1.model_variables()] == ["head/layer/weights", "head/layer/biases"]


def test_it_takes_part_in_arg_scopes():
    with tf.Graph().as_default():
        with slim.arg_scope([framewise], activation_fn=tf.nn.relu6):
            net = framewise(tf.constant(NET), 3)
        assert [op for op in tf1.get_default_graph().get_operations() if op.type == "Relu6"]
        assert net.shape.as_list() == [None, None, 3] or net.shape.as_list() == [2, 3, 3]
