import io

import numpy as np
import pytest
from PIL import Image

from graphcore.graph.runtime import tf, tf1
from graphcore.inputs.preprocess import central_crop, decode_and_prepare, decode_picture, resize, scale_pixels
from graphcore.nets.input_spec import InputSpec


def run(build, *values):
    with tf.Graph().as_default(), tf1.Session() as session:
        return session.run(build(*(tf.constant(value) for value in values)))


def encode(pixels, format):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, format)
    return file.getvalue()


@pytest.fixture
def noise():
    return np.random.default_rng(0).integers(0, 256, (33, 47, 3), np.uint8)


def test_jpeg_decodes_as_pillow_does(noise):
    contents = encode(noise, "JPEG")
    expected = np.asarray(Image.open(io.BytesIO(contents)))
    np.testing.assert_array_equal(run(decode_picture, contents), expected)


def test_png_decodes_exactly(noise):
    np.testing.assert_array_equal(run(decode_picture, encode(noise, "PNG")), noise)


def test_grey_jpeg_gets_three_equal_channels(noise):
    decoded = run(decode_picture, encode(noise[..., 0], "JPEG"))
    assert decoded.shape == (33, 47, 3)
    np.testing.assert_array_equal(decoded[..., 0], decoded[..., 2])


def test_central_crop_keeps_the_middle(noise):
    # round(33 * 0.875) = 29 rows from (33 - 29) // 2 = 2; round(47 * 0.875) = 41 columns from 3.
    np.testing.assert_array_equal(run(lambda image: central_crop(image, 0.875), noise), noise[2:31, 3:44])


def test_central_crop_of_one_keeps_everything(noise):
    np.testing.assert_array_equal(run(lambda image: central_crop(image, 1.0), noise), noise)


def test_a_crop_that_keeps_the_aspect_is_a_square_of_the_shorter_side(noise):
    # round(33 * 0.875) = 29 rows from 2, and as many columns from (47 - 29) // 2 = 9.
    np.testing.assert_array_equal(run(lambda image: central_crop(image, 0.875, True), noise), noise[2:31, 9:38])
    np.testing.assert_array_equal(run(lambda image: central_crop(image, 1.0, True), noise), noise[:, 7:40])


def test_central_crop_leaves_a_pixel_of_the_tiniest_picture():
    assert run(lambda image: central_crop(image, 0.1), np.zeros((1, 2, 3), np.uint8)).shape == (1, 1, 3)


def test_resize_to_half_averages_neighbours():
    # With pixel centres at .5, output 0 lies midway between inputs 0 and 1.
    image = np.arange(4, dtype=np.float32).reshape(2, 2, 1).repeat(3, 2)
    np.testing.assert_allclose(run(lambda x: resize(x, 1), image), np.full((1, 1, 3), 1.5))


def test_black_becomes_low_and_white_becomes_high():
    values = np.array([0.0, 127.5, 255.0], np.float32)
    scaled = run(lambda x: scale_pixels(x, InputSpec(8, low=-1.0, high=3.0)), values)
    np.testing.assert_allclose(scaled, [-1.0, 1.0, 3.0])


def test_the_mean_is_taken_off_before_scaling():
    image = np.full((1, 2, 3), 100.0, np.float32)
    untouched = run(lambda x: scale_pixels(x, InputSpec(8, 0.0, 255.0, mean=(100.0, 90.0, 123.0))), image)
    np.testing.assert_array_equal(untouched, np.broadcast_to([0.0, 10.0, -23.0], (1, 2, 3)).astype(np.float32))
    halved = run(lambda x: scale_pixels(x, InputSpec(8, 0.0, 127.5, mean=(100.0, 90.0, 123.0))), image)
    np.testing.assert_allclose(halved, np.broadcast_to([0.0, 5.0, -11.5], (1, 2, 3)))


def test_grey_is_tensorflows(noise):
    image = noise.astype(np.float32)
    grey = run(lambda x: scale_pixels(x, InputSpec(8, 0.0, 255.0, grayscale=True)), image)
    np.testing.assert_allclose(grey[..., 0], image @ [0.2989, 0.5870, 0.1140], rtol=1e-5)
    np.testing.assert_array_equal(grey[..., 0], grey[..., 1])
    np.testing.assert_array_equal(grey[..., 0], grey[..., 2])
    np.testing.assert_allclose(grey[..., :1], run(tf.image.rgb_to_grayscale, image), rtol=1e-5)


def test_the_mean_of_colours_is_taken_off_grey_pictures_as_well():
    image = np.full((1, 1, 3), 50.0, np.float32)
    spec = InputSpec(8, 0.0, 255.0, mean=(10.0, 20.0, 30.0), grayscale=True)
    np.testing.assert_allclose(run(lambda x: scale_pixels(x, spec), image)[0, 0], [39.995, 29.995, 19.995], rtol=1e-5)


def test_what_vgg_sees_of_a_picture(noise):
    # The square of 29 pixels, resized to its own size, less the means.
    spec = InputSpec.off_means(29)
    prepared = run(lambda contents: decode_and_prepare(contents, spec), encode(noise, "PNG"))
    np.testing.assert_allclose(prepared, noise[2:31, 9:38] - np.array([123.68, 116.779, 103.939]), atol=1e-4)


def test_prepared_picture_has_the_networks_shape_and_range(noise):
    prepared = run(lambda contents: decode_and_prepare(contents, InputSpec(16)), encode(noise, "PNG"))
    assert prepared.shape == (16, 16, 3)
    assert prepared.dtype == np.float32
    assert prepared.min() >= -1
    assert prepared.max() <= 1
