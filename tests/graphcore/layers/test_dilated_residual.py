import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.dilated_residual import dilated_residual
from graphcore.layers.drawing import draw_by

RANDOM = np.random.default_rng(0)
NET = RANDOM.normal(size=(2, 7, 3)).astype(np.float32)
VALUES = {
    "layer/dilated/weights": RANDOM.normal(size=(3, 3, 3)).astype(np.float32),
    "layer/dilated/biases": np.float32([0.1, -0.2, 0.3]),
    "layer/project/weights": RANDOM.normal(size=(3, 3)).astype(np.float32),
    "layer/project/biases": np.float32([0.5, 0, -0.5]),
}


def assign(session):
    session.run(tf1.global_variables_initializer())
    for variable in tf1.global_variables():
        session.run(variable.initializer, {variable.initializer.inputs[1]: VALUES[variable.op.name]})


def run(net=NET, dilation=2, mask=None, fetch=lambda net, _: net, **options):
    with tf.Graph().as_default(), tf1.Session() as session:
        given = tf1.placeholder(tf.float32, [None, None, 3])
        kept = None if mask is None else tf.constant(mask)
        found = fetch(dilated_residual(given, dilation, kept, scope="layer", **options), given)
        assign(session)
        return session.run(found, {given: net})


def by_hand(net, dilation, causal):
    """The same in loops over frames."""
    offsets = (-2 * dilation, -dilation, 0) if causal else (-dilation, 0, dilation)
    result = np.empty(net.shape)
    for sequence, frame in np.ndindex(*net.shape[:2]):
        hidden = VALUES["layer/dilated/biases"].astype(np.float64)
        for weights, offset in zip(VALUES["layer/dilated/weights"], offsets, strict=True):
            if 0 <= frame + offset < net.shape[1]:
                hidden = hidden + net[sequence, frame + offset] @ weights
        added = np.maximum(hidden, 0) @ VALUES["layer/project/weights"] + VALUES["layer/project/biases"]
        result[sequence, frame] = net[sequence, frame] + added
    return result


@pytest.mark.parametrize("is_training", [False, True])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("dilation", [1, 2, 4, 512])
def test_it_is_what_loops_over_frames_say(dilation, causal, is_training):
    found = run(dilation=dilation, causal=causal, is_training=is_training)
    np.testing.assert_allclose(found, by_hand(NET, dilation, causal), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("causal", [False, True])
def test_one_frame_is_enough(causal):
    found = run(NET[:, :1], dilation=4, causal=causal)
    np.testing.assert_allclose(found, by_hand(NET[:, :1], 4, causal), rtol=1e-4, atol=1e-5)


def test_padding_is_as_if_it_were_not_there():
    mask = np.arange(7) < np.array([[7], [4]])
    padded = run(NET * mask[..., None], mask=mask)
    np.testing.assert_allclose(padded[1, :4], run(NET[1:, :4])[0], rtol=1e-5)
    np.testing.assert_array_equal(padded[1, 4:], 0)


def test_a_causal_layer_knows_nothing_of_later_frames():
    changed = NET.copy()
    changed[:, 5:] += 1
    np.testing.assert_array_equal(run(changed, causal=True)[:, :5], run(causal=True)[:, :5])
    assert not np.array_equal(run(changed, causal=False)[:, :5], run(causal=False)[:, :5])


def test_variables_have_slims_names_and_shapes():
    with tf.Graph().as_default():
        dilated_residual(tf.zeros([1, 4, 3]), 1, scope="layer")
        found = {each.op.name: tuple(each.shape) for each in tf1.model_variables()}
    assert found == {name: value.shape for name, value in VALUES.items()}


def test_dropout_leaves_what_goes_around_the_layer():
    def build(net, given):
        with draw_by(tf.constant(3, tf.int64), 0):
            return dilated_residual(given, 2, dropout=0.5, is_training=True, reuse=True, scope="layer")

    dropped, whole = run(fetch=build) - NET, run() - NET
    kept = np.abs(dropped) > 1e-6
    assert 0.2 < kept.mean() < 0.8
    np.testing.assert_allclose(dropped[kept], 2 * whole[kept], rtol=1e-4, atol=1e-5)


def test_it_takes_part_in_arg_scopes():
    with tf.Graph().as_default(), slim.arg_scope([dilated_residual], causal=True, seed=4):
        given = tf.constant(NET)
        net = dilated_residual(given, 1, scope="layer")
        assert net.shape.as_list() == [2, 7, 3]
        # The first frame is given the second by nobody.
        (gradient,) = tf.gradients(net[:, 0], given)
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            assert not session.run(gradient)[:, 1:].any()
