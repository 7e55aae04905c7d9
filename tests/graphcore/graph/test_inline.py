import numpy as np
import pytest

from graphcore.errors import InputError
from graphcore.graph.freeze import count_ops, import_graph
from graphcore.graph.inline import inline_functions
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1


def make_graph_def():
    @tf.function
    def inner(value):
        return tf.add(value, 1.0, name="plus")

    @tf.function
    def outer(value):
        return inner(value) * 2.0

    with tf.Graph().as_default() as graph:
        value = tf1.placeholder(tf.float32, [2], name="value")
        tf.identity(outer(value), name="wanted")
    return graph.as_graph_def()


def test_bodies_take_the_place_of_calls():
    inlined = inline_functions(make_graph_def(), ["wanted", "value"], "net.pb")
    assert not [op for op in count_ops(inlined) if "PartitionedCall" in op]
    assert [node.name for node in inlined.node if node.name.endswith("/plus")]
    program = Program(import_graph(inlined), {"value": "value"}, {"wanted": "wanted"})
    np.testing.assert_array_equal(program.run({"value": [1.0, 2.0]})[0], [4.0, 6.0])
    program.close()


def test_a_graph_without_functions_stays_as_it_is():
    with tf.Graph().as_default() as graph:
        tf.constant(1.0, name="wanted")
    graph_def = graph.as_graph_def()
    assert inline_functions(graph_def, ["wanted"], "net.pb") is graph_def


def test_a_graph_that_cannot_be_loaded_is_told():
    graph_def = make_graph_def()
    graph_def.node.add(name="broken", op="Identity", input=["absent"])
    with pytest.raises(InputError, match=r"net\.pb is not a graph that can be loaded"):
        inline_functions(graph_def, ["wanted"], "net.pb")
