"""MobileNet v3, small and large: inverted residuals found by search, with squeeze and excite and hard swish.

Scope strings are the contract with the released slim checkpoints; both networks have the same scope. The features are
the means of the last convolution, 960 or 576 at width 1. The released networks have one more layer below their logits,
without batch norm and fitted to ImageNet's classes: `end_point` layer_19 (large) or layer_15 (small) takes its outputs.

Source: Howard et al., "Searching for MobileNetV3", arXiv:1905.02244, tables 1 and 2. At width 0.75 the layer below the
logits keeps its size, as in the released checkpoints.
"""

from __future__ import annotations

from graphcore.graph.runtime import tf
from graphcore.layers.hard_swish import hard_swish
from graphcore.layers.round_depth import round_depth
from graphcore.nets.backbone import Backbone, require_choice
from graphcore.nets.inverted_plan import BlockRow, InvertedStack, plan_blocks
from graphcore.nets.inverted_stack import make_stack_backbone

SCOPE = "MobilenetV3"
SMALL = "mobilenet_v3_small"
LARGE = "mobilenet_v3_large"
WIDTHS = (1.0, 0.75)

STEM_DEPTH = 16

_RELU, _SWISH = tf.nn.relu, hard_swish
# Expansion, depth, stride, kernel, activation, squeeze. The papers give inner depths: 72 is 16 x 4.5, 184 is 80 x 2.3.
ROWS = {
    SMALL: (
        BlockRow(1, 16, 2, 3, _RELU, True),
        BlockRow(72 / 16, 24, 2, 3, _RELU),
        BlockRow(88 / 24, 24, 1, 3, _RELU),
        BlockRow(4, 40, 2, 5, _SWISH, True),
        *[BlockRow(6, 40, 1, 5, _SWISH, True)] * 2,
        *[BlockRow(3, 48, 1, 5, _SWISH, True)] * 2,
        BlockRow(6, 96, 2, 5, _SWISH, True),
        *[BlockRow(6, 96, 1, 5, _SWISH, True)] * 2,
    ),
    LARGE: (
        BlockRow(1, 16, 1, 3, _RELU),
        BlockRow(4, 24, 2, 3, _RELU),
        BlockRow(3, 24, 1, 3, _RELU),
        BlockRow(3, 40, 2, 5, _RELU, True),
        *[BlockRow(3, 40, 1, 5, _RELU, True)] * 2,
        BlockRow(6, 80, 2, 3, _SWISH),
        BlockRow(2.5, 80, 1, 3, _SWISH),
        *[BlockRow(184 / 80, 80, 1, 3, _SWISH)] * 2,
        *[BlockRow(6, 112, 1, 3, _SWISH, True)] * 2,
        BlockRow(6, 160, 2, 5, _SWISH, True),
        *[BlockRow(6, 160, 1, 5, _SWISH, True)] * 2,
    ),
}
LAST_DEPTHS = {SMALL: 576, LARGE: 960}
HIDDEN_SIZES = {SMALL: 1024, LARGE: 1280}


def make_backbone(name: str, width: float, image_size: int, end_point: str | None = None) -> Backbone:
    """Makes a variant, of any image size; see `nets.factory.get_backbone`."""
    require_choice(name, "backbone.width", width, WIDTHS)
    return make_stack_backbone(name, width, image_size, plan_stack(name, width), end_point)


def plan_stack(name: str, width: float) -> InvertedStack:
    """Decides every depth of `SMALL` or `LARGE` at `width`."""
    stem_depth = round_depth(STEM_DEPTH * width)
    return InvertedStack(
        scope=SCOPE,
        activation=hard_swish,
        stem_depth=stem_depth,
        blocks=plan_blocks(ROWS[name], stem_depth, width),
        last_depth=round_depth(LAST_DEPTHS[name] * width),
        hidden_size=HIDDEN_SIZES[name],
    )
