"""Random changes to training pictures, as a list of small steps: box, resize, mirror, light and colours,
RandAugment.
"""

from __future__ import annotations

from typing import Any

from graphcore.config import AugmentConfig
from graphcore.graph.runtime import tf
from graphcore.inputs.augment_box import get_area_box, get_random_box
from graphcore.inputs.augment_color import get_brightness, get_color_jitter
from graphcore.inputs.augment_geometry import get_flip_left_right
from graphcore.inputs.augment_rand import get_rand_layer
from graphcore.inputs.draws import Step
from graphcore.inputs.preprocess import CHANNELS, central_crop, resize, scale_pixels
from graphcore.nets.input_spec import InputSpec


def get_box(config: AugmentConfig, spec: InputSpec) -> Step:
    """The part of the picture that is looked at.

    By area and aspect, or by margin and scale; without `random_crop`, the scaled box moves inside the central
    crop that prediction uses, and without either it is that crop.
    """
    if config.min_area:
        return get_area_box(config.min_area, config.max_aspect, spec.keep_aspect)
    move = get_random_box(config.random_crop, config.random_scale, spec.keep_aspect)
    if config.random_crop:
        return move
    crop = get_central_crop(spec)
    return (lambda image, draws: move(crop(image, draws), draws)) if config.random_scale else crop


def get_central_crop(spec: InputSpec) -> Step:
    """The part of the picture that prediction looks at."""
    return lambda image, draws: central_crop(image, spec.crop_fraction, spec.keep_aspect)


def get_resize(size: int) -> Step:
    """The same bilinear resize as outside training; size in pixels."""
    return lambda image, draws: resize(image, size)


def get_steps(config: AugmentConfig, spec: InputSpec) -> list[Step]:
    """The steps that `config` asks for, in order: box, resize, then what is cheaper on the smaller
    picture.
    """
    steps = [get_box(config, spec), get_resize(spec.image_size)]
    if config.flip_left_right:
        steps.append(get_flip_left_right())
    if config.random_brightness:
        steps.append(get_brightness(config.random_brightness))
    if config.color:
        steps.append(get_color_jitter(config.color))
    return steps + [get_rand_layer(layer, config.rand_magnitude) for layer in range(config.rand_layers)]


def augment(image: Any, draws: Any, config: AugmentConfig, spec: InputSpec) -> Any:
    """A decoded picture to a training input.

    Args:
        image: uint8 [height, width, 3].
        draws: float32 [DRAWS] from `build_draws`.
        config: which changes, and how strong.
        spec: what the network takes.

    Returns:
        float32 [size, size, 3] in [spec.low, spec.high].
    """
    for step in get_steps(config, spec):
        image = step(image, draws)
    return scale_pixels(tf.ensure_shape(image, [spec.image_size, spec.image_size, CHANNELS]), spec)
