import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from graphcore.graph.runtime import tf, tf1
from graphcore.inputs import augment_pixels as pixels


def run(change, image, *values):
    with tf.Graph().as_default(), tf1.Session() as session:
        return session.run(change(tf.constant(image, tf.float32), *values))


@pytest.fixture(scope="module")
def image():
    return np.random.default_rng(0).integers(40, 180, (16, 24, 3)).astype(np.uint8)


def test_autocontrast_stretches_each_channel(image):
    expected = np.asarray(ImageOps.autocontrast(Image.fromarray(image)))
    np.testing.assert_allclose(run(pixels.autocontrast, image), expected, atol=1)


@pytest.mark.parametrize("change", [pixels.autocontrast, pixels.equalize])
def test_picture_of_one_color_stays(change):
    flat = np.full((4, 4, 3), 77.0)
    np.testing.assert_array_equal(run(change, flat), flat)


def test_equalize_spreads_the_levels_evenly():
    levels = np.array([3, 3, 9, 200], np.float32).reshape(2, 2, 1).repeat(3, 2)
    # Above the darkest level lie 2 pixels: half-way and all the way.
    np.testing.assert_array_equal(run(pixels.equalize, levels)[..., 1].ravel(), [0, 0, 128, 255])


def test_equalized_channels_do_not_mix():
    levels = np.array([[[0, 10, 5], [4, 20, 5]]], np.float32)
    np.testing.assert_array_equal(run(pixels.equalize, levels), [[[0, 0, 5], [255, 255, 5]]])


def test_posterize_forgets_bits(image):
    expected = np.asarray(ImageOps.posterize(Image.fromarray(image), 5))
    np.testing.assert_array_equal(run(pixels.posterize, image, 3), expected)


def test_solarize_turns_light_levels(image):
    expected = np.asarray(ImageOps.solarize(Image.fromarray(image), 100))
    np.testing.assert_array_equal(run(pixels.solarize, image, 100.0), expected)


@pytest.mark.parametrize("factor", [0.3, 1.0, 1.7])
@pytest.mark.parametrize(
    ("change", "enhance"),
    [
        (pixels.saturate, ImageEnhance.Color),
        (pixels.contrast, ImageEnhance.Contrast),
        (pixels.brighten, ImageEnhance.Brightness),
    ],
)
def test_enhancing_is_as_in_pillow(image, change, enhance, factor):
    expected = np.asarray(enhance(Image.fromarray(image)).enhance(factor), np.float32)
    np.testing.assert_allclose(run(change, image, factor), expected, atol=2)


@pytest.mark.parametrize("factor", [0.0, 1.0, 1.9])
def test_sharpness_is_as_in_pillow_off_the_edge(image, factor):
    expected = np.asarray(ImageEnhance.Sharpness(Image.fromarray(image)).enhance(factor), np.float32)
    np.testing.assert_allclose(run(pixels.sharpen, image, factor)[1:-1, 1:-1], expected[1:-1, 1:-1], atol=2)
