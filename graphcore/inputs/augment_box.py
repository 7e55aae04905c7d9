"""Which part of a training picture is looked at: a box by margin and scale, as retrain.py cuts it, or by area
and aspect, as Inception's training does.
"""

from __future__ import annotations

import math
from typing import Any

from graphcore.graph.runtime import tf
from graphcore.inputs.draws import AREA, ASPECT, LEFT, SCALE, TOP, Step, spread
from graphcore.inputs.preprocess import CHANNELS


def get_random_box(crop_percent: float, scale_percent: float, square: bool = False) -> Step:
    """A box at a random place, `1 / (1 + crop_percent/100)` of each side, shrunk further by up to
    `scale_percent`; where it is to be `square`, of the shorter side.
    """

    def cut(image: Any, draws: Any) -> Any:
        kept = 1.0 / (1.0 + crop_percent / 100.0) / (1.0 + draws[SCALE] * scale_percent / 100.0)
        sides = tf.cast(tf.shape(image)[:2], tf.float32)
        sides = tf.fill([2], tf.reduce_min(sides)) if square else sides
        return _cut(image, sides * kept, draws)

    return cut


def get_area_box(min_area: float, max_aspect: float, square: bool = False) -> Step:
    """A box of random area and shape at a random place.

    How far it is drawn out in width is drawn from [1/max_aspect, max_aspect] evenly by its logarithm; then its
    area from `min_area` of the picture's to the largest that fits. Drawn out against what prediction looks at:
    the picture's own shape, or, where that is to be `square`, a square. In a picture so long that no such shape
    has `min_area`, the nearest shape that has it is taken.

    Source: Szegedy et al., "Going deeper with convolutions" (2014), section 6; there it is always a square.
    """

    def cut(image: Any, draws: Any) -> Any:
        sides = tf.cast(tf.shape(image)[:2], tf.float32)
        stretch = tf.exp(spread(draws[ASPECT], math.log(max_aspect)))
        if square:
            stretch *= sides[0] / sides[1]
        stretch = tf.clip_by_value(stretch, min_area, 1.0 / min_area)
        area = min_area + draws[AREA] * (tf.minimum(stretch, 1.0 / stretch) - min_area)
        return _cut(image, sides * tf.sqrt(tf.stack([area / stretch, area * stretch])), draws)

    return cut


def _cut(image: Any, sides: Any, draws: Any) -> Any:
    """A box with `sides` float32 [2] (height, width), in pixels, at a random place inside the picture."""
    room = tf.shape(image)[:2]
    box = tf.clip_by_value(tf.cast(tf.round(sides), tf.int32), 1, room)
    places = tf.cast(room - box + 1, tf.float32)
    corner = tf.minimum(tf.cast(places * tf.stack([draws[TOP], draws[LEFT]]), tf.int32), room - box)
    return tf.slice(image, tf.concat([corner, [0]], 0), tf.concat([box, [CHANNELS]], 0))
