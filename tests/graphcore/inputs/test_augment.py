import numpy as np
import pytest

from graphcore.config import AugmentConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.inputs import augment as module
from graphcore.inputs.preprocess import prepare
from graphcore.nets.input_spec import InputSpec

SPEC = InputSpec(8, low=0.0, high=255.0, crop_fraction=1.0)


def run(build):
    with tf.Graph().as_default(), tf1.Session() as session:
        return session.run(build())


def change(image, config, draws, spec=SPEC):
    return run(lambda: module.augment(tf.constant(image), tf.constant(draws, tf.float32), config, spec))


@pytest.fixture
def image():
    return np.random.default_rng(1).integers(0, 256, (8, 8, 3), np.uint8)


def test_nothing_asked_for_is_what_prediction_sees(image):
    spec = InputSpec(8, crop_fraction=0.75)
    expected = run(lambda: prepare(tf.constant(image), spec))
    np.testing.assert_array_equal(change(image, AugmentConfig(), [0.3] * 5, spec), expected)


@pytest.mark.parametrize(("draw", "flipped"), [(0.49, True), (0.5, False)])
def test_flip_mirrors_below_one_half(image, draw, flipped):
    got = change(image, AugmentConfig(flip_left_right=True), [0, 0, 0, draw, 0])
    np.testing.assert_array_equal(got, image[:, ::-1] if flipped else image)


def test_crop_of_99_percent_takes_half_of_each_side_at_the_drawn_corner():
    image = np.zeros((16, 16, 3), np.uint8)
    image[8:, 8:] = 200
    config = AugmentConfig(random_crop=99)
    assert change(image, config, [0.999, 0.999, 0, 1, 0]).min() == 200
    assert change(image, config, [0.0, 0.0, 0, 1, 0]).max() == 0


def test_scale_shrinks_the_box_with_its_draw():
    image = np.arange(16, dtype=np.uint8)[None, :, None].repeat(16, 0).repeat(3, 2)
    config = AugmentConfig(random_scale=99)
    np.testing.assert_allclose(change(image, config, [0, 0, 0, 1, 0]).max(), 14.5)
    # At draw 1 the box is the left half: columns 0 to 7 onto 8 pixels.
    np.testing.assert_allclose(change(image, config, [0, 0, 1, 1, 0])[0, :, 0], np.arange(8))


def test_brightness_multiplies_and_clips():
    image = np.full((8, 8, 3), 200, np.uint8)
    config = AugmentConfig(random_brightness=50)
    np.testing.assert_allclose(change(image, config, [0, 0, 0, 1, 0.0]), 100)
    np.testing.assert_allclose(change(image, config, [0, 0, 0, 1, 1.0]), 255)


def test_draws_depend_on_seed_and_index_alone():
    draw = lambda seed, index: run(lambda: module.build_draws(seed, tf.constant(index, tf.int64)))  # noqa: E731
    np.testing.assert_array_equal(draw(3, 7), draw(3, 7))
    assert (draw(3, 7) != draw(3, 8)).all()
    assert (draw(3, 7) != draw(4, 7)).all()
