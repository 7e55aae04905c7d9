import numpy as np
import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.conv_norm import conv_norm_arg_scope
from graphcore.layers.hard_swish import hard_swish
from graphcore.layers.inverted_residual import InvertedResidual, inverted_residual

EXPANDING = InvertedResidual(in_depth=8, inner_depth=24, depth=8)


def build(block, last="output"):
    """(parts, kernel names) of a block on 6x6 maps."""
    with slim.arg_scope(conv_norm_arg_scope()):
        parts = inverted_residual(
            tf.random.stateless_normal([2, 6, 6, block.in_depth], [1, 2]), block, "expanded_conv", last
        )
    return parts, [v.op.name for v in tf1.global_variables() if v.op.name.endswith("weights")]


def test_the_parts_are_expansion_depthwise_and_output():
    with tf.Graph().as_default():
        parts, names = build(EXPANDING)
        shapes = {name: part.shape.as_list() for name, part in parts.items()}
    assert shapes == {
        "expansion_output": [2, 6, 6, 24],
        "depthwise_output": [2, 6, 6, 24],
        "output": [2, 6, 6, 8],
    }
    assert {name: shape[-1] for name, shape in shapes.items()} == EXPANDING.part_depths
    assert names == [
        "expanded_conv/expand/weights",
        "expanded_conv/depthwise/depthwise_weights",
        "expanded_conv/project/weights",
    ]


def test_what_is_not_wider_inside_is_not_expanded():
    with tf.Graph().as_default():
        parts, names = build(InvertedResidual(in_depth=8, inner_depth=8, depth=16))
    assert list(parts) == ["depthwise_output", "output"]
    assert "expanded_conv/expand/weights" not in names


def test_squeeze_and_excite_stands_before_the_projection():
    with tf.Graph().as_default():
        _, names = build(InvertedResidual(8, 24, 8, squeeze=True))
    assert names[2:] == [
        "expanded_conv/squeeze_excite/Conv/weights",
        "expanded_conv/squeeze_excite/Conv_1/weights",
        "expanded_conv/project/weights",
    ]


@pytest.mark.parametrize(("last", "kernels"), [("expansion_output", 1), ("depthwise_output", 2), ("output", 3)])
def test_nothing_is_built_above_the_last_part(last, kernels):
    with tf.Graph().as_default():
        parts, names = build(EXPANDING, last)
    assert list(parts)[-1] == last
    assert len(names) == kernels


@pytest.mark.parametrize(
    "block", [InvertedResidual(8, 24, 8, stride=2), InvertedResidual(8, 24, 16)], ids=["stride", "depth"]
)
def test_there_is_no_way_around_where_the_shape_changes(block):
    with tf.Graph().as_default():
        parts, _ = build(block)
        assert parts["output"].op.type == "FusedBatchNormV3"  # the projection is linear
        assert parts["output"].shape.as_list() == [2, 6 // block.stride, 6 // block.stride, block.depth]


def test_elsewhere_the_input_is_added():
    with tf.Graph().as_default(), tf1.Session() as session:
        images = tf.random.stateless_normal([2, 6, 6, 8], [1, 2])
        with slim.arg_scope(conv_norm_arg_scope()):
            output = inverted_residual(images, EXPANDING, "expanded_conv")["output"]
        gamma = next(v for v in tf1.global_variables() if v.op.name == "expanded_conv/project/BatchNorm/gamma")
        session.run(tf1.global_variables_initializer())
        session.run(gamma.initializer, {gamma.initializer.inputs[1]: np.zeros(8, np.float32)})
        found, expected = session.run([output, images])
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_activation_is_within_the_block_alone():
    with tf.Graph().as_default():
        parts, _ = build(InvertedResidual(8, 24, 16, activation=hard_swish))
        assert parts["expansion_output"].op.type == parts["depthwise_output"].op.type == "Mul"
        assert parts["output"].op.type == "FusedBatchNormV3"
