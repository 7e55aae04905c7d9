import pytest

from graphcore.graph.runtime import tf, tf1
from graphcore.layers.branches import branch, kernel_of


def build(*layers, **options):
    """Shape of the branch's output, and name -> shape of its variables."""
    with tf.Graph().as_default():
        net = branch(tf1.placeholder(tf.float32, [None, 9, 9, 5]), 2, *layers, **options)
        return net.shape.as_list(), {v.op.name: tuple(v.shape.as_list()) for v in tf1.global_variables()}


@pytest.mark.parametrize(
    ("name", "kernel"), [("0b_1x7", (1, 7)), ("1x1", (1, 1)), ("MaxPool_1a_3x3", (3, 3)), ("0d_11x3", (11, 3))]
)
def test_a_name_tells_the_kernel(name, kernel):
    assert kernel_of(name) == kernel


def test_a_chain_has_slims_names():
    shape, variables = build(("0a_1x1", 4), ("0b_1x7", 6))
    assert shape == [None, 9, 9, 6]
    assert {name: shape for name, shape in variables.items() if name.endswith("weights")} == {
        "Branch_2/Conv2d_0a_1x1/weights": (1, 1, 5, 4),
        "Branch_2/Conv2d_0b_1x7/weights": (1, 7, 4, 6),
    }


def test_stride_and_padding_are_the_last_links():
    assert build(("0a_3x3", 4), ("1a_3x3", 6), stride=2, padding="VALID")[0] == [None, 4, 4, 6]
    assert build(pool="MaxPool_1a_3x3", stride=2, padding="VALID")[0] == [None, 4, 4, 5]
    assert build(("0b_1x1", 7), pool="AvgPool_0a_3x3")[0] == [None, 9, 9, 7]


def test_a_fork_lies_side_by_side():
    shape, variables = build(("0a_1x1", 4), fork=[("0b_1x3", 6), ("0c_3x1", 7)])
    assert shape == [None, 9, 9, 13]
    assert variables["Branch_2/Conv2d_0b_1x3/weights"] == (1, 3, 4, 6)
    assert variables["Branch_2/Conv2d_0c_3x1/weights"] == (3, 1, 4, 7)
