import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.inputs.augment_rand import get_rand_layer
from graphcore.inputs.draws import DRAWS, RAND

CHANGES = 14


@pytest.fixture(scope="module")
def image():
    # Smooth, so that turning and moving show little at its edges.
    rows, columns = np.mgrid[0:12, 0:12]
    return np.stack([rows * 16, columns * 16, 60 + rows * 3 + columns * 2], -1).astype(np.float32)


@pytest.fixture(scope="module")
def change(image):
    with tf.Graph().as_default() as graph:
        draws = tf1.placeholder(tf.float32, [DRAWS])
        results = {strength: get_rand_layer(1, strength)(tf.constant(image), draws) for strength in (0.0, 5.0)}
    with tf1.Session(graph=graph) as session:

        def call(strength, choice, direction=0.0):
            values = np.zeros(DRAWS, np.float32)
            values[RAND + 2 : RAND + 4] = choice, direction
            return session.run(results[strength], {draws: values})

        yield call


def middle(number):
    return (number + 0.5) / CHANGES


def test_every_change_but_identity_changes_the_picture(change, image):
    same = [np.allclose(change(5.0, middle(number)), image, atol=0.01) for number in range(CHANGES)]
    assert same == [True] + [False] * (CHANGES - 1)


def test_direction_matters_to_nine_changes(change):
    ways = [np.allclose(change(5.0, middle(number)), change(5.0, middle(number), 0.9)) for number in range(CHANGES)]
    # identity, autocontrast, equalize, posterize and solarize have none.
    assert ways == [True] * 5 + [False] * 9


def test_magnitude_zero_leaves_all_but_autocontrast_and_equalize(change, image):
    same = [np.allclose(change(0.0, middle(number)), image, atol=0.01) for number in range(CHANGES)]
    assert [number for number in range(CHANGES) if not same[number]] == [1, 2]


def test_largest_draw_is_the_last_change(change):
    np.testing.assert_array_equal(change(5.0, np.float32(1 - 2**-24)), change(5.0, middle(CHANGES - 1)))
