import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.inputs import augment_geometry as geometry

SIZE = 9


def run(change, *values):
    """Where a white pixel at (row, column) (2, 4) of a black picture goes."""
    image = np.zeros((SIZE, SIZE, 3), np.float32)
    image[2, 4] = 255
    with tf.Graph().as_default(), tf1.Session() as session:
        changed = session.run(change(tf.constant(image), *(tf.constant(value, tf.float32) for value in values)))
    assert changed.shape == image.shape
    row, column, _ = np.unravel_index(changed.argmax(), changed.shape)
    return int(row), int(column)


@pytest.mark.parametrize(
    ("change", "value", "expected"),
    [
        (geometry.rotate, 90.0, (4, 6)),  # 2 above the middle to 2 right of it
        (geometry.rotate, -90.0, (4, 2)),
        (geometry.shear_x, 0.5, (2, 5)),
        (geometry.shear_y, 0.5, (2, 4)),
        (geometry.translate_x, 3 / SIZE, (2, 1)),
        (geometry.translate_y, -3 / SIZE, (5, 4)),
    ],
)
def test_pixel_goes_where_it_should(change, value, expected):
    assert run(change, value) == expected


def test_vertical_shear_moves_the_left_down():
    image = np.zeros((SIZE, SIZE, 3), np.float32)
    image[4, 2] = 255
    with tf.Graph().as_default(), tf1.Session() as session:
        changed = session.run(geometry.shear_y(tf.constant(image), tf.constant(0.5)))
    assert np.unravel_index(changed.argmax(), changed.shape)[:2] == (5, 2)


def test_what_comes_in_from_outside_has_the_mean_color():
    image = np.random.default_rng(0).uniform(0, 255, (SIZE, SIZE, 3)).astype(np.float32)
    with tf.Graph().as_default(), tf1.Session() as session:
        moved = session.run(geometry.translate_x(tf.constant(image), tf.constant(3 / SIZE)))
    np.testing.assert_allclose(moved[:, :6], image[:, 3:], rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(moved[:, 6:], np.broadcast_to(image.mean((0, 1)), (SIZE, 3, 3)), rtol=1e-4)
