import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.layers.seeded import get_seeded_initializer, mix_seed


def draw(seed, name, others=0, scale=1.0):
    """A kernel of 3 x 40 inputs, in a graph that begins with `others` draws of something else."""
    with tf.Graph().as_default(), tf1.Session() as session:
        for _ in range(others):
            tf.random.normal([2])
        return session.run(get_seeded_initializer(scale, seed, name)([3, 40, 50]))


def test_weights_are_a_function_of_seed_and_name():
    first = draw(1, "head/a")
    np.testing.assert_array_equal(first, draw(1, "head/a", others=3))
    assert not np.array_equal(first, draw(2, "head/a"))
    assert not np.array_equal(first, draw(1, "head/b"))


@pytest.mark.parametrize("scale", [1.0, 2.0])
def test_the_variance_is_that_of_the_inputs(scale):
    assert draw(0, "a", scale=scale).var() == pytest.approx(scale / 120, rel=0.1)


def test_no_seed_stays_none():
    assert mix_seed(None, "a") is None
