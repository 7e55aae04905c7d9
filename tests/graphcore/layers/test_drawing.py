import numpy as np

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.drawing import draw_by


def drop(steps, seed=0, scopes=("a",), **options):
    """What slim's dropout makes of 1000 ones, by step and scope, in a session of its own."""
    with tf.Graph().as_default(), tf1.Session() as session:
        tf1.set_random_seed(0)
        step = tf1.placeholder(tf.int64, [])
        with draw_by(step, seed):
            nets = [slim.dropout(tf.ones([1000]), keep_prob=0.75, scope=scope, **options) for scope in scopes]
        return [session.run(nets, {step: number}) for number in steps]


def test_a_quarter_is_dropped_and_the_rest_is_scaled_up():
    ((net,),) = drop([0])
    assert set(np.unique(net)) == {np.float32(0), np.float32(1 / 0.75)}
    assert 180 < (net == 0).sum() < 320


def test_another_session_drops_the_same_at_the_same_step():
    np.testing.assert_array_equal(drop([0, 1, 2])[2], drop([2])[0])


def test_steps_layers_and_seeds_drop_differently():
    (first, second), (third, fourth) = drop([0, 1], scopes=("a", "b"))
    ((fifth, _),) = drop([0], seed=1, scopes=("a", "b"))
    patterns = {net.tobytes() for net in (first, second, third, fourth, fifth)}
    assert len(patterns) == 5


def test_nothing_is_dropped_in_inference():
    ((net,),) = drop([0], is_training=False)
    np.testing.assert_array_equal(net, np.ones(1000))


def test_outside_a_block_slims_own_dropout_draws_anew_each_time():
    with tf.Graph().as_default(), tf1.Session() as session:
        net = slim.dropout(tf.ones([1000]), keep_prob=0.75)
        assert not np.array_equal(session.run(net), session.run(net))
