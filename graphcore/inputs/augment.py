"""Random changes to training pictures, as small steps: each factory returns a function of an image and its
draws.

Draws are a function of the seed and the sample's place in the training, never of the thread that happens to
decode it, so a resumed training sees exactly what an unbroken one would have seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphcore.config import AugmentConfig
from graphcore.graph.runtime import tf
from graphcore.inputs.preprocess import CHANNELS, central_crop, resize, scale_pixels
from graphcore.nets.input_spec import InputSpec

# image, draws float32 [DRAWS] uniform in [0, 1) -> image
Step = Callable[[Any, Any], Any]

DRAWS = 5
_TOP, _LEFT, _SCALE, _FLIP, _BRIGHTNESS = range(DRAWS)


def build_draws(seed: int, index: Any) -> Any:
    """float32 [DRAWS] in [0, 1) for the sample at `index` (int64 scalar) of the whole training."""
    return tf.random.stateless_uniform([DRAWS], seed=tf.stack([tf.constant(seed, tf.int64), tf.cast(index, tf.int64)]))


def get_random_box(crop_percent: float, scale_percent: float, crop_fraction: float) -> Step:
    """A box at a random place, `1 / (1 + crop_percent/100)` of each side, shrunk further by up to
    `scale_percent`.

    Without `crop_percent` the box moves inside the central crop that prediction uses; without either it is
    that crop.
    """

    def cut(image: Any, draws: Any) -> Any:
        if not crop_percent:
            image = central_crop(image, crop_fraction)
        if not (crop_percent or scale_percent):
            return image
        kept = 1.0 / (1.0 + crop_percent / 100.0) / (1.0 + draws[_SCALE] * scale_percent / 100.0)
        sides = tf.shape(image)[:2]
        box = tf.maximum(tf.cast(tf.round(tf.cast(sides, tf.float32) * kept), tf.int32), 1)
        room = tf.cast(sides - box + 1, tf.float32)
        corner = tf.minimum(tf.cast(room * tf.stack([draws[_TOP], draws[_LEFT]]), tf.int32), sides - box)
        return tf.slice(image, tf.concat([corner, [0]], 0), tf.concat([box, [CHANNELS]], 0))

    return cut


def get_resize(size: int) -> Step:
    """The same bilinear resize as outside training; size in pixels."""
    return lambda image, draws: resize(image, size)


def get_flip_left_right() -> Step:
    """Mirrors every other picture, by chance."""
    return lambda image, draws: tf.cond(draws[_FLIP] < 0.5, lambda: image[:, ::-1], lambda: image)


def get_brightness(percent: float) -> Step:
    """Multiplies pixels in [0, 255] by a factor within `percent` of 1, and clips."""

    def change(image: Any, draws: Any) -> Any:
        factor = 1.0 + (2.0 * draws[_BRIGHTNESS] - 1.0) * percent / 100.0
        return tf.clip_by_value(image * factor, 0.0, 255.0)

    return change


def get_steps(config: AugmentConfig, spec: InputSpec) -> list[Step]:
    """The steps that `config` asks for, in order: box, resize, then what is cheaper on the smaller
    picture.
    """
    steps = [
        get_random_box(config.random_crop, config.random_scale, spec.crop_fraction),
        get_resize(spec.image_size),
    ]
    if config.flip_left_right:
        steps.append(get_flip_left_right())
    if config.random_brightness:
        steps.append(get_brightness(config.random_brightness))
    return steps


def augment(image: Any, draws: Any, config: AugmentConfig, spec: InputSpec) -> Any:
    """A decoded picture to a training input.

    Args:
        image: uint8 [height, width, 3].
        draws: float32 [DRAWS] from `build_draws`.
        config: which changes, in percent.
        spec: what the network takes.

    Returns:
        float32 [size, size, 3] in [spec.low, spec.high].
    """
    for step in get_steps(config, spec):
        image = step(image, draws)
    return scale_pixels(tf.ensure_shape(image, [spec.image_size, spec.image_size, CHANNELS]), spec)
