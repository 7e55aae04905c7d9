import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.layers.recurrence import run_recurrence, run_recurrence_with_gradient

UNITS = 4
RANDOM = np.random.default_rng(0)
GATES = RANDOM.normal(size=(6, 2, 3 * UNITS)).astype(np.float32)
RECURRENT = RANDOM.normal(size=(UNITS, 3 * UNITS)).astype(np.float32)


def sigmoid(value):
    return 1 / (1 + np.exp(-value))


def by_hand(gates, recurrent):
    """The states after each frame, float64."""
    states, state = [], np.zeros((gates.shape[1], UNITS))
    for frame in gates.astype(np.float64):
        product = state @ recurrent
        update = sigmoid(frame[:, :UNITS] + product[:, :UNITS])
        reset = sigmoid(frame[:, UNITS : 2 * UNITS] + product[:, UNITS : 2 * UNITS])
        candidate = np.tanh(frame[:, 2 * UNITS :] + reset * product[:, 2 * UNITS :])
        state = update * state + (1 - update) * candidate
        states.append(state)
    return np.array(states)


def run(build, gates=GATES, gradient=False):
    with tf.Graph().as_default(), tf1.Session() as session:
        given = tf1.placeholder(tf.float32, [None, None, 3 * UNITS])
        recurrent = tf.constant(RECURRENT)
        states = build(given, recurrent)
        wanted = tf.gradients(tf.reduce_sum(tf.sin(3 * states)), [given, recurrent]) if gradient else states
        return session.run(wanted, {given: gates})


@pytest.mark.parametrize("build", [run_recurrence, run_recurrence_with_gradient])
@pytest.mark.parametrize("frames", [1, 2, 6])
def test_states_are_those_of_the_equations(build, frames):
    found = run(build, GATES[:frames])
    np.testing.assert_allclose(found, by_hand(GATES[:frames], RECURRENT), rtol=1e-4, atol=1e-5)


def test_the_gradient_is_that_of_tensorflow():
    for found, expected in zip(
        run(run_recurrence_with_gradient, gradient=True), run(run_recurrence, gradient=True), strict=True
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_the_gradient_is_that_of_small_differences():
    gates, _ = run(run_recurrence_with_gradient, gradient=True)
    small = 1e-4
    for place in [(0, 0, 0), (0, 1, UNITS), (2, 0, 2 * UNITS), (5, 1, 1), (1, 1, 2 * UNITS + 3)]:
        sums = []
        for sign in (1, -1):
            moved = GATES.astype(np.float64)
            moved[place] += sign * small
            sums.append(np.sin(3 * by_hand(moved, RECURRENT)).sum())
        assert gates[place] == pytest.approx((sums[0] - sums[1]) / (2 * small), rel=1e-3, abs=1e-4)
