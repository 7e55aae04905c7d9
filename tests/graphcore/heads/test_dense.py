import numpy as np

from graphcore.graph.runtime import tf, tf1
from graphcore.heads.dense import INITIAL_STDDEV, build_dense, build_logits


def test_options_are_those_of_slim():
    with tf.Graph().as_default(), tf1.Session() as session:
        net = build_dense(
            tf.constant([[1.0, -2.0]]), 2, "layer", weights_initializer=tf1.ones_initializer(), activation_fn=tf.nn.relu
        )
        session.run(tf1.global_variables_initializer())
        np.testing.assert_array_equal(session.run(net), [[0, 0]])


def test_first_logits_are_those_of_a_guess_and_depend_on_the_seed():
    def draw(seed):
        with tf.Graph().as_default(), tf1.Session() as session:
            logits = build_logits(tf.ones([1, 100]), 50, "logits", seed)
            session.run(tf1.global_variables_initializer())
            return session.run(logits)

    assert np.abs(draw(0)).max() < 100 * INITIAL_STDDEV
    np.testing.assert_array_equal(draw(0), draw(0))
    assert not np.array_equal(draw(0), draw(1))
