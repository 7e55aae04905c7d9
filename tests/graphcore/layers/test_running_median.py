import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphcore.graph.allow_list import require_allowed_ops
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.layers.running_median import running_median


@pytest.fixture(scope="module")
def program():
    with tf.Graph().as_default() as graph:
        values = tf1.placeholder(tf.float32, [None, 2], "values")
        width = tf1.placeholder(tf.int32, [], "width")
        outputs = {"around": running_median(values, width).name, "before": running_median(values, width, True).name}
    program = Program(graph, {"values": values.name, "width": width.name}, outputs)
    yield program
    program.close()


def filter_slowly(values, width, causal):
    """Cuts every window out and lets NumPy find its median."""
    behind = 0 if causal else (width - 1) // 2
    windows = [values[max(0, t - (width - 1 - behind)) : t + behind + 1] for t in range(len(values))]
    return np.array([np.median(window, axis=0) for window in windows])


def test_a_blip_goes_and_a_step_stays_where_it_is(program):
    column = np.array([0, 0, 1, 0, 0, 1, 1, 1, 0.5], np.float32)
    values = np.stack([column, 1 - column], axis=1)
    around, before = program.run({"values": values, "width": 3})
    # Frames 0 and 8 have windows of two frames: means of (0, 0) and of (1, 0.5).
    np.testing.assert_array_equal(around[:, 0], [0, 0, 0, 0, 0, 1, 1, 1, 0.75])
    np.testing.assert_array_equal(around[:, 1], 1 - around[:, 0])
    np.testing.assert_array_equal(before[:, 0], [0, 0, 0, 0, 0, 0, 1, 1, 1])


@settings(max_examples=60, deadline=None)
@given(
    # Few different values, so that there are ties, and lengths around powers of two.
    rows=st.lists(st.tuples(st.integers(0, 4), st.integers(-2, 2)), min_size=1, max_size=40),
    width=st.integers(1, 50),
)
def test_windows_of_any_width_are_as_numpy_has_them(program, rows, width):
    values = np.array(rows, np.float32) / 4
    around, before = program.run({"values": values, "width": width})
    np.testing.assert_allclose(around, filter_slowly(values, width, False), atol=1e-7)
    np.testing.assert_allclose(before, filter_slowly(values, width, True), atol=1e-7)


def test_the_widest_window_there_can_be_holds_the_whole_video(program):
    values = np.random.default_rng(0).normal(size=[50, 2]).astype(np.float32)
    (around,) = program.run({"values": values, "width": 2**31 - 1}, ["around"])
    np.testing.assert_allclose(around, np.broadcast_to(np.median(values, axis=0), [50, 2]), rtol=1e-6)


def test_no_frames_give_none(program):
    assert program.run({"values": np.zeros([0, 2]), "width": 5}, ["around"])[0].shape == (0, 2)


def test_three_hours_under_a_wide_window(program):
    # A window of an hour over 30 000 frames: sorted one by one, they would be 300 million values.
    values = np.random.default_rng(0).normal(size=[30_000, 2]).astype(np.float32)
    (around,) = program.run({"values": values, "width": 10_001}, ["around"])
    np.testing.assert_allclose(around[15_000], np.median(values[10_000:20_001], axis=0), atol=1e-6)
    np.testing.assert_allclose(around[0], np.median(values[:5_001], axis=0), atol=1e-6)


def test_the_graph_holds_only_plain_computation(program):
    require_allowed_ops(program.graph.as_graph_def(), "graph.pb")
