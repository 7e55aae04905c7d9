import colorsys

import numpy as np

from graphcore.graph.runtime import tf, tf1
from graphcore.inputs.augment_color import get_brightness, get_color_jitter
from graphcore.inputs.draws import BRIGHTNESS, COLOR, DRAWS


def change(step, pixel, **draws):
    values = np.full(DRAWS, 0.5, np.float32)
    places = {
        "brightness": BRIGHTNESS,
        "light": COLOR,
        "saturation": COLOR + 1,
        "hue": COLOR + 2,
        "contrast": COLOR + 3,
    }
    for name, draw in draws.items():
        values[places[name]] = draw
    image = np.broadcast_to(np.float32(pixel), (2, 2, 3)).copy()
    with tf.Graph().as_default(), tf1.Session() as session:
        return session.run(step(tf.constant(image), tf.constant(values)))[0, 0]


def test_brightness_of_the_middle_draw_changes_nothing():
    np.testing.assert_allclose(change(get_brightness(50), (10, 20, 30)), (10, 20, 30))


def test_color_of_the_middle_draw_changes_nothing():
    np.testing.assert_allclose(change(get_color_jitter(1), (10, 20, 30)), (10, 20, 30), atol=1e-3)


def test_light_is_added():
    np.testing.assert_allclose(change(get_color_jitter(1), (10, 20, 250), light=1.0), (42, 52, 255), atol=1e-3)
    np.testing.assert_allclose(change(get_color_jitter(0.5), (10, 20, 250), light=0.0), (0, 4, 234), atol=1e-3)


def test_saturation_is_scaled():
    hue, saturation, value = colorsys.rgb_to_hsv(0.2, 0.4, 0.6)
    expected = np.multiply(colorsys.hsv_to_rgb(hue, saturation * 1.25, value), 255)
    np.testing.assert_allclose(change(get_color_jitter(0.5), (51, 102, 153), saturation=1.0), expected, atol=0.01)


def test_hue_is_turned():
    hue, saturation, value = colorsys.rgb_to_hsv(0.2, 0.4, 0.6)
    expected = np.multiply(colorsys.hsv_to_rgb(hue - 0.2, saturation, value), 255)
    np.testing.assert_allclose(change(get_color_jitter(1), (51, 102, 153), hue=0.0), expected, atol=0.01)


def test_contrast_is_about_the_mean_of_each_channel():
    image = np.zeros((1, 2, 3), np.float32)
    image[0, 1] = 100
    draws = np.full(DRAWS, 0.5, np.float32)
    draws[COLOR + 3] = 0.0
    with tf.Graph().as_default(), tf1.Session() as session:
        found = session.run(get_color_jitter(1)(tf.constant(image), tf.constant(draws)))
    np.testing.assert_allclose(found[0, :, 0], [25, 75], atol=1e-3)
