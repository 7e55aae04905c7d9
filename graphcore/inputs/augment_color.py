"""Changes to a training picture's light and colours."""

from __future__ import annotations

from typing import Any

from graphcore.graph.runtime import tf
from graphcore.inputs.draws import BRIGHTNESS, COLOR, Step, spread

# The furthest that each wanders, at strength 1. Source: the training of the Inception networks (Szegedy et al.,
# "Going deeper with convolutions", 2014, section 6, after Howard's photometric distortions), amounts as slim has them.
MAX_LIGHT = 32 / 255
MAX_SATURATION = 0.5
MAX_HUE = 0.2
MAX_CONTRAST = 0.5


def get_brightness(percent: float) -> Step:
    """Multiplies pixels in [0, 255] by a factor within `percent` of 1, and clips."""

    def change(image: Any, draws: Any) -> Any:
        return tf.clip_by_value(image * (1.0 + spread(draws[BRIGHTNESS], percent / 100.0)), 0.0, 255.0)

    return change


def get_color_jitter(strength: float) -> Step:
    """Lets light, saturation, hue and contrast wander, always in this order: by up to `strength` (0 to 1) of
    what Inception's training took; pixels stay in [0, 255].
    """

    def change(image: Any, draws: Any) -> Any:
        light, saturation, hue, contrast = (
            spread(draws[COLOR + place], strength * most)
            for place, most in enumerate((MAX_LIGHT, MAX_SATURATION, MAX_HUE, MAX_CONTRAST))
        )
        # Hue and saturation have a meaning between black and white only, so light is clipped before them.
        image = tf.clip_by_value(image / 255.0 + light, 0.0, 1.0)
        image = tf.raw_ops.AdjustSaturation(images=image, scale=1.0 + saturation)
        image = tf.raw_ops.AdjustHue(images=image, delta=hue)
        image = tf.raw_ops.AdjustContrastv2(images=image, contrast_factor=1.0 + contrast)
        return tf.clip_by_value(image, 0.0, 1.0) * 255.0

    return change
