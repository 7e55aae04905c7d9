"""MobileNet v2: a 3x3 convolution, seventeen inverted residuals, a 1x1 convolution.

Scope strings are the contract with the released slim checkpoints: all of their variants restore by name.

Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", arXiv:1801.04381, table 2 (layers);
section 4 (below width 1 the last convolution keeps its 1280 maps).
"""

from __future__ import annotations

from graphcore.graph.runtime import tf
from graphcore.layers.round_depth import round_depth
from graphcore.nets.backbone import Backbone, require_choice
from graphcore.nets.inverted_plan import BlockRow, InvertedStack, plan_blocks
from graphcore.nets.inverted_stack import make_stack_backbone

SCOPE = "MobilenetV2"
WIDTHS = (1.4, 1.3, 1.0, 0.75, 0.5, 0.35)
IMAGE_SIZES = (224, 192, 160, 128, 96)

STEM_DEPTH = 32
LAST_DEPTH = 1280
# Expansion, depth, stride; a line of the table begins with its stride and goes on with 1.
ROWS = (
    BlockRow(1, 16),
    *(BlockRow(6, 24, 2), BlockRow(6, 24)),
    *(BlockRow(6, 32, 2), *[BlockRow(6, 32)] * 2),
    *(BlockRow(6, 64, 2), *[BlockRow(6, 64)] * 3),
    *[BlockRow(6, 96)] * 3,
    *(BlockRow(6, 160, 2), *[BlockRow(6, 160)] * 2),
    BlockRow(6, 320),
)


def make_backbone(name: str, width: float, image_size: int, end_point: str | None = None) -> Backbone:
    """Makes one of the variants; see `nets.factory.get_backbone`."""
    require_choice(name, "backbone.width", width, WIDTHS)
    require_choice(name, "backbone.image_size", image_size, IMAGE_SIZES)
    return make_stack_backbone(name, width, image_size, plan_stack(width), end_point)


def plan_stack(width: float) -> InvertedStack:
    """Decides every depth at `width`."""
    stem_depth = round_depth(STEM_DEPTH * width)
    return InvertedStack(
        scope=SCOPE,
        activation=tf.nn.relu6,
        stem_depth=stem_depth,
        blocks=plan_blocks(ROWS, stem_depth, width),
        last_depth=round_depth(LAST_DEPTH * max(width, 1.0)),
    )
