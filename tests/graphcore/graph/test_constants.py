import numpy as np
import pytest

from graphcore.errors import InputError
from graphcore.graph.constants import find_variables, replace_variables
from graphcore.graph.freeze import count_ops, import_graph
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1

VALUES = {"scale": np.array([2.0, 3.0], np.float32)}


def make_graph_def(use_resource):
    with tf.Graph().as_default() as graph:
        scale = tf1.get_variable("scale", [2], use_resource=use_resource)
        tf.multiply(tf1.placeholder(tf.float32, [2], name="value"), scale, name="scaled")
    return tf1.graph_util.extract_sub_graph(graph.as_graph_def(), ["scaled"])


@pytest.mark.parametrize("use_resource", [True, False])
@pytest.mark.filterwarnings("ignore")
def test_variables_become_constants(use_resource):
    graph_def = make_graph_def(use_resource)
    assert find_variables(graph_def) == ["scale"]
    frozen = replace_variables(graph_def, VALUES, "net")
    assert find_variables(frozen) == []
    assert count_ops(frozen)["ReadVariableOp"] == 0
    program = Program(import_graph(frozen), {"value": "value"}, {"scaled": "scaled"})
    np.testing.assert_array_equal(program.run({"value": [10.0, 10.0]})[0], [20.0, 30.0])
    program.close()


@pytest.mark.parametrize("values", [{}, {"scale": np.array([2.0, 3.0])}], ids=["none", "of another type"])
@pytest.mark.filterwarnings("ignore")
def test_a_variable_without_its_value_is_told(values):
    with pytest.raises(InputError, match="net has no value of type float32 for its variable scale"):
        replace_variables(make_graph_def(True), values, "net")


def test_a_variable_that_is_written_to_is_refused():
    with tf.Graph().as_default() as graph:
        scale = tf1.get_variable("scale", [2], use_resource=True)
        scale.assign_add([1.0, 1.0])
    with pytest.raises(InputError, match="net does more to a variable than read it"):
        replace_variables(graph.as_graph_def(), VALUES, "net")


@pytest.mark.filterwarnings("ignore")
def test_the_order_of_nodes_does_not_matter():
    graph_def = make_graph_def(True)
    backwards = tf1.GraphDef()
    backwards.node.extend(reversed(graph_def.node))
    assert count_ops(replace_variables(backwards, VALUES, "net"))["ReadVariableOp"] == 0
