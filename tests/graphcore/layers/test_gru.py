import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.layers.gru import gru

NET = np.random.default_rng(0).normal(size=(2, 6, 5)).astype(np.float32)
MASK = np.arange(6) < np.array([[6], [4]])


def run(net=NET, mask=None, reverse=False, is_training=False):
    with tf.Graph().as_default(), tf1.Session() as session:
        kept = None if mask is None else tf.constant(mask)
        states = gru(tf.constant(net), 3, kept, reverse, is_training, seed=1, scope="gru")
        session.run(tf1.global_variables_initializer())
        return session.run(states)


def test_variables_have_slims_names_and_shapes():
    with tf.Graph().as_default():
        gru(tf.constant(NET), 3, scope="gru")
        found = {each.op.name: tuple(each.shape) for each in tf1.model_variables()}
    assert found == {"gru/weights": (5, 9), "gru/biases": (9,), "gru/recurrent_weights": (3, 9)}


def test_one_frame_by_hand():
    with tf.Graph().as_default(), tf1.Session() as session:
        states = gru(tf.constant(NET[:, :1]), 3, seed=1, scope="gru")
        session.run(tf1.global_variables_initializer())
        found, weights = session.run([states, "gru/weights/Read/ReadVariableOp:0"])
    gates = NET[:, 0] @ weights
    # From the state 0 there is nothing to keep: (1 - update) * candidate.
    expected = 1 / (1 + np.exp(gates[:, :3])) * np.tanh(gates[:, 6:])
    np.testing.assert_allclose(found[:, 0], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("is_training", [False, True])
@pytest.mark.parametrize("reverse", [False, True])
def test_padding_is_as_if_it_were_not_there(reverse, is_training):
    broken = np.where(MASK[..., None], NET, 100).astype(np.float32)
    found = run(broken, MASK, reverse, is_training)
    np.testing.assert_allclose(found[0], run(NET[:1], None, reverse)[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found[1, :4], run(NET[1:, :4], None, reverse)[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found[1, 4:], 0)


def test_reversed_it_is_the_same_layer_on_the_frames_turned_around():
    np.testing.assert_allclose(run(reverse=True), run(NET[:, ::-1].copy())[:, ::-1], rtol=1e-5, atol=1e-6)


def test_one_way_knows_nothing_of_the_other():
    changed = NET.copy()
    changed[:, 3] += 1
    np.testing.assert_array_equal(run(changed)[:, :3], run()[:, :3])
    np.testing.assert_array_equal(run(changed, reverse=True)[:, 4:], run(reverse=True)[:, 4:])
    assert not np.allclose(run(changed)[:, 3:], run()[:, 3:])


def test_a_second_build_shares_the_variables():
    with tf.Graph().as_default():
        for _ in range(2):
            gru(tf.constant(NET), 3, reuse=tf1.AUTO_REUSE, scope="gru")
        assert len(tf1.model_variables()) == 3
