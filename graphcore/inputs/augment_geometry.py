"""Changes to where a training picture's parts lie: mirrored, turned, slanted, moved."""

from __future__ import annotations

import math
from typing import Any

from graphcore.graph.runtime import tf
from graphcore.inputs.draws import FLIP, Step


def get_flip_left_right() -> Step:
    """Mirrors every other picture, by chance."""
    return lambda image, draws: tf.cond(draws[FLIP] < 0.5, lambda: image[:, ::-1], lambda: image)


def rotate(image: Any, degrees: Any) -> Any:
    """Turns a picture about its middle, clockwise; float32 [size, size, 3]."""
    radians = degrees * (math.pi / 180.0)
    cosine, sine = tf.cos(radians), tf.sin(radians)
    return _warp(image, [cosine, sine, -sine, cosine], [0.0, 0.0])


def shear_x(image: Any, amount: Any) -> Any:
    """Slants a picture: a row moves to the right by `amount` of its height above the middle."""
    return _warp(image, [1.0, amount, 0.0, 1.0], [0.0, 0.0])


def shear_y(image: Any, amount: Any) -> Any:
    """Slants a picture: a column moves down by `amount` of its distance to the left of the middle."""
    return _warp(image, [1.0, 0.0, amount, 1.0], [0.0, 0.0])


def translate_x(image: Any, amount: Any) -> Any:
    """Moves a picture to the left by `amount` of its width."""
    return _warp(image, [1.0, 0.0, 0.0, 1.0], [amount, 0.0])


def translate_y(image: Any, amount: Any) -> Any:
    """Moves a picture up by `amount` of its height."""
    return _warp(image, [1.0, 0.0, 0.0, 1.0], [0.0, amount])


def _warp(image: Any, matrix: list[Any], shift: list[Any]) -> Any:
    """Every pixel at (x, y) from the middle is taken from `matrix` (x, y) + `shift` (of a side).

    What lies outside takes the picture's mean colour. Mirrored edges were tried: a moved jacket became two.
    """
    height, width = image.shape[:2]
    mean = tf.reduce_mean(image, axis=[0, 1])
    middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
    a, b, c, d = matrix
    left = middle_x - a * middle_x - b * middle_y + shift[0] * width
    top = middle_y - c * middle_x - d * middle_y + shift[1] * height
    transform = tf.stack([tf.cast(value, tf.float32) for value in (a, b, left, c, d, top, 0.0, 0.0)])
    warped = tf.raw_ops.ImageProjectiveTransformV3(
        images=(image - mean)[tf.newaxis],
        transforms=transform[tf.newaxis],
        output_shape=[height, width],
        fill_value=0.0,
        interpolation="BILINEAR",
        fill_mode="CONSTANT",
    )
    return tf.clip_by_value(tf.ensure_shape(warped[0], image.shape) + mean, 0.0, 255.0)
