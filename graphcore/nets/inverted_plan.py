"""MobileNet v2 and v3 as plans: from a paper's table and a width to the depth of every layer. Nothing is built here.

Layers are counted from 1 as slim counts them: layer_1 is the first convolution, then one a block, then the last
convolution; in v3 the mean and a hidden layer below the logits count as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from graphcore.graph.runtime import tf
from graphcore.layers.inverted_residual import OUTPUT, InvertedResidual
from graphcore.layers.round_depth import round_depth
from graphcore.nets.backbone import require_end_point

Activation = Callable[[tf.Tensor], tf.Tensor]


@dataclass(frozen=True)
class BlockRow:
    """A block as the papers' tables have it, at width 1.

    Attributes:
        expansion: inner maps for each map that comes in.
        depth: maps that go out.
        stride: of the depthwise convolution.
        kernel: its side, pixels.
        activation: within the block.
        squeeze: whether it squeezes and excites.
    """

    expansion: float
    depth: int
    stride: int = 1
    kernel: int = 3
    activation: Activation = tf.nn.relu6
    squeeze: bool = False


@dataclass(frozen=True)
class InvertedStack:
    """A network with every depth decided.

    Attributes:
        scope: variable scope.
        activation: of the convolutions outside the blocks.
        stem_depth: maps of the first convolution.
        blocks: the inverted residuals.
        last_depth: maps of the last convolution, whose means are the features.
        hidden_size: size of the layer between features and logits; None where there is none.
    """

    scope: str
    activation: Activation
    stem_depth: int
    blocks: tuple[InvertedResidual, ...]
    last_depth: int
    hidden_size: int | None = None

    @property
    def last(self) -> str:
        """The last convolution, as an end point."""
        return f"layer_{len(self.blocks) + 2}"

    @property
    def hidden(self) -> str:
        """The layer between features and logits, as an end point."""
        return f"layer_{len(self.blocks) + 4}"

    def end_point_depths(self) -> dict[str, int]:
        """Returns the maps of every layer whose means can be features, by end point, from the first to the last."""
        depths = {"layer_1": self.stem_depth}
        for number, block in enumerate(self.blocks, start=2):
            parts = block.part_depths.items()
            depths |= {f"layer_{number}/{part}": depth for part, depth in parts if part != OUTPUT}
            depths[f"layer_{number}"] = block.depth
        depths[self.last] = self.last_depth
        return depths | ({self.hidden: self.hidden_size} if self.hidden_size else {})

    def require_end_point(self, end_point: str | None) -> str:
        """The layer that is pooled: the last convolution, or the one that is asked for ("layer_7/output" is "layer_7").

        Raises:
            ConfigError: there is no such layer; the message lists those there are.
        """
        return require_end_point((end_point or self.last).removesuffix(f"/{OUTPUT}"), [*self.end_point_depths()])


def plan_blocks(rows: Iterable[BlockRow], stem_depth: int, width: float) -> tuple[InvertedResidual, ...]:
    """Decides the depths of all blocks at `width`."""
    blocks = []
    in_depth = stem_depth
    for row in rows:
        depth = round_depth(row.depth * width)
        # What is expanded by 1 is not expanded, and its depth is not rounded either.
        inner_depth = round_depth(in_depth * row.expansion) if row.expansion != 1 else in_depth
        blocks.append(
            InvertedResidual(in_depth, inner_depth, depth, row.stride, row.kernel, row.activation, row.squeeze)
        )
        in_depth = depth
    return tuple(blocks)
