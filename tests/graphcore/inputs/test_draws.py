import numpy as np

from graphcore.graph.runtime import tf, tf1
from graphcore.inputs.draws import DRAWS, build_draws


def draw(seed, index):
    with tf.Graph().as_default(), tf1.Session() as session:
        return session.run(build_draws(seed, tf.constant(index, tf.int64)))


def test_draws_depend_on_seed_and_index_alone():
    np.testing.assert_array_equal(draw(3, 7), draw(3, 7))
    assert (draw(3, 7) != draw(3, 8)).all()
    assert (draw(3, 7) != draw(4, 7)).all()


def test_every_choice_has_a_draw_of_its_own_in_the_unit_interval():
    found = draw(1, 2)
    assert found.shape == (DRAWS,) == (43,)
    assert len(set(found)) == DRAWS
    assert found.min() >= 0
    assert found.max() < 1
