import numpy as np

from graphcore.graph.runtime import tf, tf1
from graphcore.layers.hard_swish import hard_sigmoid, hard_swish

INPUTS = np.array([-5, -3, -1.5, 0, 1.5, 3, 5], np.float32)


def values(function):
    with tf.Graph().as_default(), tf1.Session() as session:
        return session.run(function(tf.constant(INPUTS)))


def test_hard_sigmoid_is_a_line_between_zero_and_one():
    np.testing.assert_allclose(values(hard_sigmoid), [0, 0, 0.25, 0.5, 0.75, 1, 1], atol=1e-6)


def test_hard_swish_is_the_input_above_three_and_nothing_below_minus_three():
    np.testing.assert_allclose(values(hard_swish), [0, 0, -0.375, 0, 1.125, 3, 5], atol=1e-6)
