"""The changes of RandAugment that leave every pixel in its place; images are float32 [height, width, 3] in
[0, 255], and so is what comes out.
"""

from __future__ import annotations

from typing import Any

from graphcore.graph.runtime import tf
from graphcore.inputs.preprocess import to_grayscale

_LEVELS = 256


def autocontrast(image: Any) -> Any:
    """Stretches each channel so that it reaches from 0 to 255; one without contrast stays."""
    low, high = (find(image, axis=[0, 1], keepdims=True) for find in (tf.reduce_min, tf.reduce_max))
    stretched = tf.math.divide_no_nan(image - low, high - low) * 255.0
    return tf.where(high > low, stretched, image)


def equalize(image: Any) -> Any:
    """Gives each channel all levels about equally often; one of a single level stays."""
    levels = tf.cast(tf.round(tf.transpose(tf.reshape(image, [-1, 3]))), tf.int32)
    counts = tf.math.bincount(levels, minlength=_LEVELS, maxlength=_LEVELS, axis=-1, dtype=tf.float32)
    up_to = tf.cumsum(counts, axis=1)
    total = up_to[:, -1:]
    darkest = tf.gather(up_to, tf.reduce_min(levels, axis=1, keepdims=True), batch_dims=1)
    table = tf.round(tf.math.divide_no_nan((up_to - darkest) * 255.0, total - darkest))
    table = tf.where(total > darkest, table, tf.range(_LEVELS, dtype=tf.float32)[tf.newaxis])
    equal = tf.gather(table, levels, batch_dims=1)
    return tf.reshape(tf.transpose(equal), tf.shape(image))


def posterize(image: Any, bits: int) -> Any:
    """Forgets the last `bits` of each level's eight."""
    return tf.floor(image / 2.0**bits) * 2.0**bits


def solarize(image: Any, threshold: float) -> Any:
    """Turns levels at and above `threshold` into their negatives."""
    return tf.where(image >= threshold, 255.0 - image, image)


def saturate(image: Any, factor: Any) -> Any:
    """Takes colours away (0), leaves them (1) or makes them stronger (above)."""
    return _blend(to_grayscale(image), image, factor)


def contrast(image: Any, factor: Any) -> Any:
    """Takes differences away (0), leaves them (1) or makes them larger (above)."""
    return _blend(tf.reduce_mean(to_grayscale(image)), image, factor)


def brighten(image: Any, factor: Any) -> Any:
    """Turns black (0), leaves as it is (1) or lighter (above)."""
    return _blend(0.0, image, factor)


def sharpen(image: Any, factor: Any) -> Any:
    """Smooths over 3 x 3 pixels (0), leaves as it is (1) or sharpens (above)."""
    around = tf.nn.avg_pool2d(image[tf.newaxis], 3, 1, "SAME")[0]
    # The middle pixel weighs five times as much as each of its neighbours.
    return _blend((9.0 * around + 4.0 * image) / 13.0, image, factor)


def _blend(start: Any, image: Any, factor: Any) -> Any:
    return tf.clip_by_value(start + factor * (image - start), 0.0, 255.0)
