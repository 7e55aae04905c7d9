"""The block of MobileNet v2 and v3: 1x1 expansion, depthwise convolution, linear 1x1 projection, and a way around.

Source: Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", arXiv:1801.04381, section 3; squeeze
and excite within it: Howard et al., arXiv:1905.02244, section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.squeeze_excite import squeeze_excite

EXPANSION = "expansion_output"
DEPTHWISE = "depthwise_output"
OUTPUT = "output"


@dataclass(frozen=True)
class InvertedResidual:
    """One block.

    Attributes:
        in_depth: maps that come in.
        inner_depth: maps between expansion and projection; where they are no more than `in_depth` nothing is expanded.
        depth: maps that go out.
        stride: of the depthwise convolution.
        kernel: its side, pixels.
        activation: after the expansion and the depthwise convolution; the projection has none.
        squeeze: whether the maps are weighed by squeeze and excite before they are projected.
    """

    in_depth: int
    inner_depth: int
    depth: int
    stride: int = 1
    kernel: int = 3
    activation: Callable[[tf.Tensor], tf.Tensor] = tf.nn.relu6
    squeeze: bool = False

    @property
    def expands(self) -> bool:
        """Whether there is an expansion at all."""
        return self.inner_depth > self.in_depth

    @property
    def goes_around(self) -> bool:
        """Whether the input is added to the output."""
        return self.stride == 1 and self.in_depth == self.depth

    @property
    def part_depths(self) -> dict[str, int]:
        """Maps of each part that can be had, by its name, in their order."""
        inner = {EXPANSION: self.inner_depth} if self.expands else {}
        return {**inner, DEPTHWISE: self.inner_depth, OUTPUT: self.depth}


def inverted_residual(net: tf.Tensor, block: InvertedResidual, scope: str, last: str = OUTPUT) -> dict[str, tf.Tensor]:
    """Builds a block under the arg_scope around it (`conv_norm_arg_scope`).

    Args:
        net: float32 [batch, height, width, block.in_depth].
        block: what to build.
        scope: variable scope; below it are expand, depthwise, squeeze_excite and project.
        last: the part after which nothing more is built, one of `block.part_depths`.

    Returns:
        Each part that was built, by its name.
    """
    parts: dict[str, tf.Tensor] = {}
    around = net
    with tf1.variable_scope(scope):
        if block.expands:
            net = slim.conv2d(net, block.inner_depth, 1, activation_fn=block.activation, scope="expand")
            parts[EXPANSION] = net
            if last == EXPANSION:
                return parts
        # No outputs asked for makes slim's separable convolution a depthwise one alone.
        net = slim.separable_conv2d(
            net,
            None,
            block.kernel,
            depth_multiplier=1,
            stride=block.stride,
            activation_fn=block.activation,
            scope="depthwise",
        )
        parts[DEPTHWISE] = net
        if last == DEPTHWISE:
            return parts
        if block.squeeze:
            net = squeeze_excite(net)
        net = slim.conv2d(net, block.depth, 1, activation_fn=None, scope="project")
        parts[OUTPUT] = tf.add(net, around, name=OUTPUT) if block.goes_around else net
        return parts
