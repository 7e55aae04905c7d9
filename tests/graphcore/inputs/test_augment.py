import numpy as np
import pytest

from graphcore.config import AugmentConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.inputs import augment as module
from graphcore.inputs.draws import build_draws
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


def test_box_that_is_only_scaled_stays_inside_the_central_crop():
    image = np.zeros((16, 16, 3), np.uint8)
    image[4:12, 4:12] = 100
    spec = InputSpec(8, low=0.0, high=255.0, crop_fraction=0.5)
    for corner in (0.0, 0.999):
        got = change(image, AugmentConfig(random_scale=50), [corner, corner, 0.5, 1, 0], spec)
        np.testing.assert_allclose(got, 100)


def test_network_that_keeps_the_aspect_gets_square_boxes():
    # Columns of 0, 1, 2 ...: a box of 8 x 8 keeps its steps of 1, wherever it lies.
    image = np.arange(32, dtype=np.uint8)[None, :, None].repeat(8, 0).repeat(3, 2)
    spec = InputSpec(4, low=0.0, high=255.0, crop_fraction=1.0, keep_aspect=True)
    got = change(image, AugmentConfig(random_crop=0.001, flip_left_right=True), [0, 0.5, 0, 1, 0], spec)
    np.testing.assert_allclose(np.diff(got[0, :, 0]), 2)


@pytest.mark.parametrize(
    "config",
    [
        AugmentConfig(True, 10, 10, 10),
        AugmentConfig(True, min_area=0.1, color=1.0),
        AugmentConfig(True, min_area=0.1, max_aspect=3, rand_layers=3, rand_magnitude=10),
    ],
    ids=["retrain", "inception", "rand"],
)
def test_every_change_keeps_within_the_networks_range(config):
    spec = InputSpec(16, low=-1.0, high=1.0)
    image = np.random.default_rng(2).integers(0, 256, (30, 24, 3), np.uint8)

    def build():
        places = tf.range(64, dtype=tf.int64)
        return tf.map_fn(
            lambda place: module.augment(tf.constant(image), build_draws(1, place), config, spec),
            places,
            fn_output_signature=tf.float32,
        )

    got = run(build)
    assert got.shape == (64, 16, 16, 3)
    assert np.isfinite(got).all()
    assert got.min() >= -1 - 1e-5
    assert got.max() <= 1 + 1e-5
    # Strong changes turn two into the same white, once in a while.
    assert len(np.unique(got.reshape(64, -1), axis=0)) > 60
