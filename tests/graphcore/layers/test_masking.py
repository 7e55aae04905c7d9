import numpy as np

from graphcore.graph.runtime import tf, tf1
from graphcore.layers.masking import hide_padding, reverse_frames

MASK = np.array([[True, True, True, False], [True, False, False, False]])
NET = np.float32([[[1], [2], [3], [9]], [[4], [9], [9], [9]]])


def run(build):
    with tf.Graph().as_default(), tf1.Session() as session:
        return session.run(build())


def test_padding_becomes_zero_even_where_it_is_not_a_number():
    broken = np.where(NET == 9, np.nan, NET)
    found = run(lambda: hide_padding(tf.constant(broken), tf.constant(MASK)))
    np.testing.assert_array_equal(found[..., 0], [[1, 2, 3, 0], [4, 0, 0, 0]])


def test_padding_stays_at_the_end_when_time_is_reversed():
    found = run(lambda: reverse_frames(tf.constant(NET), tf.constant(MASK)))
    np.testing.assert_array_equal(found[..., 0], [[3, 2, 1, 9], [4, 9, 9, 9]])


def test_without_a_mask_all_are_frames():
    found = run(lambda: [reverse_frames(tf.constant(NET), None), hide_padding(tf.constant(NET), None)])
    np.testing.assert_array_equal(found[0], NET[:, ::-1])
    np.testing.assert_array_equal(found[1], NET)
