"""RandAugment: of fourteen changes, any few to each picture, all equally strong.

Source: Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search space", 2019.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphcore.graph.runtime import tf
from graphcore.inputs import augment_geometry as geometry
from graphcore.inputs import augment_pixels as pixels
from graphcore.inputs.draws import RAND, Step

MAX_MAGNITUDE = 10.0
# What magnitude 10 means.
MAX_DEGREES = 30.0
MAX_SHEAR = 0.3
MAX_SHIFT = 0.3
MAX_BITS = 4
MAX_FACTOR = 0.9

# image, sign (-1.0 or 1.0) -> image
_Change = Callable[[Any, Any], Any]


def get_rand_layer(layer: int, magnitude: float) -> Step:
    """One change, drawn anew for each picture.

    Args:
        layer: which of the picture's changes this is, from 0; each has draws of its own.
        magnitude: 0 to 10, how strong it is; which way it goes is drawn. Identity, autocontrast and equalize
            have no strength.
    """
    changes = _plan_changes(magnitude / MAX_MAGNITUDE)

    def change(image: Any, draws: Any) -> Any:
        sign = tf.where(draws[RAND + 2 * layer + 1] < 0.5, -1.0, 1.0)
        choice = tf.minimum(tf.cast(draws[RAND + 2 * layer] * len(changes), tf.int32), len(changes) - 1)
        branches = [lambda made=made: made(image, sign) for made in changes.values()]
        return tf.ensure_shape(tf.switch_case(choice, branches), image.shape)

    return change


def _plan_changes(share: float) -> dict[str, _Change]:
    """Every change at `share` (0 to 1) of its full strength, by name."""
    factor = MAX_FACTOR * share
    return {
        "identity": lambda image, sign: tf.identity(image),
        "autocontrast": lambda image, sign: pixels.autocontrast(image),
        "equalize": lambda image, sign: pixels.equalize(image),
        "posterize": lambda image, sign: pixels.posterize(image, round(MAX_BITS * share)),
        "solarize": lambda image, sign: pixels.solarize(image, 256.0 * (1.0 - share)),
        "color": lambda image, sign: pixels.saturate(image, 1.0 + sign * factor),
        "contrast": lambda image, sign: pixels.contrast(image, 1.0 + sign * factor),
        "brightness": lambda image, sign: pixels.brighten(image, 1.0 + sign * factor),
        "sharpness": lambda image, sign: pixels.sharpen(image, 1.0 + sign * factor),
        "rotate": lambda image, sign: geometry.rotate(image, sign * MAX_DEGREES * share),
        "shear_x": lambda image, sign: geometry.shear_x(image, sign * MAX_SHEAR * share),
        "shear_y": lambda image, sign: geometry.shear_y(image, sign * MAX_SHEAR * share),
        "translate_x": lambda image, sign: geometry.translate_x(image, sign * MAX_SHIFT * share),
        "translate_y": lambda image, sign: geometry.translate_y(image, sign * MAX_SHIFT * share),
    }
