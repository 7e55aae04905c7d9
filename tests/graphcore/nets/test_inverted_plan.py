import pytest

from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf
from graphcore.layers.inverted_residual import InvertedResidual
from graphcore.nets.inverted_plan import BlockRow, InvertedStack, plan_blocks

ROWS = (BlockRow(1, 16), BlockRow(6, 24, 2), BlockRow(2.5, 24, 1, 5, squeeze=True))


def stack(hidden_size=None):
    return InvertedStack("Net", tf.nn.relu6, 32, plan_blocks(ROWS, 32, 1.0), 96, hidden_size)


def test_each_block_takes_what_the_one_before_gives():
    assert plan_blocks(ROWS, 32, 1.0) == (
        InvertedResidual(32, 32, 16),
        InvertedResidual(16, 96, 24, stride=2),
        InvertedResidual(24, 64, 24, kernel=5, squeeze=True),  # 60 goes up to 64
    )


def test_a_width_scales_every_depth_and_rounds_it():
    depths = [(block.in_depth, block.inner_depth, block.depth) for block in plan_blocks(ROWS, 16, 0.5)]
    assert depths == [(16, 16, 8), (8, 48, 16), (16, 40, 16)]


def test_end_points_are_counted_as_slim_counts_them():
    assert stack().end_point_depths() == {
        "layer_1": 32,
        **{"layer_2/depthwise_output": 32, "layer_2": 16},
        **{"layer_3/expansion_output": 96, "layer_3/depthwise_output": 96, "layer_3": 24},
        **{"layer_4/expansion_output": 64, "layer_4/depthwise_output": 64, "layer_4": 24},
        "layer_5": 96,
    }
    # Number 6 is the mean itself.
    assert stack(hidden_size=200).end_point_depths() == {**stack().end_point_depths(), "layer_7": 200}


@pytest.mark.parametrize(
    ("asked", "found"),
    [(None, "layer_5"), ("layer_7", "layer_7"), ("layer_3/output", "layer_3"), ("layer_4/expansion_output",) * 2],
)
def test_the_last_convolution_is_pooled_unless_another_layer_is_asked_for(asked, found):
    assert stack(hidden_size=200).require_end_point(asked) == found


def test_an_unknown_layer_is_told_with_those_there_are():
    with pytest.raises(ConfigError, match=r"backbone.end_point is 'layer_7'.*\nChoices: layer_1, layer_2/.*layer_5\."):
        stack().require_end_point("layer_7")
