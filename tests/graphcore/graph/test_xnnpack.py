import sys

import numpy as np
import pytest

from graphcore.errors import ConfigError
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.xnnpack import XnnpackRunner, convert

ROWS = np.arange(14, dtype=np.float32).reshape(7, 2)


def make_program(build):
    with tf.Graph().as_default() as graph:
        rows = tf1.placeholder(tf.float32, [None, 2], name="rows")
        return Program(graph, {"rows": rows.name}, {"found": build(rows).name})


@pytest.fixture(scope="module")
def model():
    """Each row times [[1, 2], [3, 4]], three rows at a time."""
    program = make_program(lambda rows: tf.matmul(rows, tf.constant([[1.0, 2.0], [3.0, 4.0]])))
    return convert(program, "rows", "found", (3, 2))


@pytest.mark.parametrize("length", [1, 3, 7])
def test_batch_of_any_length_is_taken(model, length):
    found = XnnpackRunner(model, 1)(ROWS[:length])
    np.testing.assert_allclose(found, ROWS[:length] @ np.array([[1, 2], [3, 4]]))


def test_results_are_kept_when_the_next_batch_comes(model):
    runner = XnnpackRunner(model, 1)
    first = runner(ROWS[:3])
    runner(ROWS[3:6] + 100)
    np.testing.assert_allclose(first, ROWS[:3] @ np.array([[1, 2], [3, 4]]))


def test_nothing_is_printed(capfd, model):
    XnnpackRunner(model, 1)(ROWS)
    assert capfd.readouterr() == ("", "")


def test_converting_prints_nothing_and_leaves_the_program_as_it_is(capfd):
    program = make_program(lambda rows: rows + 1)
    operations = [op.name for op in program.graph.get_operations()]
    convert(program, "rows", "found", (3, 2))
    assert capfd.readouterr() == ("", "")
    assert [op.name for op in program.graph.get_operations()] == operations


def test_operation_without_a_counterpart_is_refused():
    program = make_program(lambda rows: tf.linalg.det(tf.reshape(rows, [-1, 1, 1])))
    with pytest.raises(ConfigError, match="XNNPACK has no way to run this network"):
        convert(program, "rows", "found", (3, 2))


def test_damaged_model_is_refused():
    with pytest.raises(ConfigError, match="XNNPACK does not run this network"):
        XnnpackRunner(b"no model", 1)


def test_missing_package_is_named(monkeypatch, model):
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(ConfigError, match=r"(?s)pip install ai-edge-litert.*backbone.executor=tensorflow"):
        XnnpackRunner(model, 1)
