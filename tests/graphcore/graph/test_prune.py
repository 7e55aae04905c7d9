import pytest

from graphcore.errors import InputError
from graphcore.graph.prune import prune, reachable_functions
from graphcore.graph.runtime import tf, tf1


def make_graph_def():
    @tf.function
    def inner(value):
        return value + 1.0

    @tf.function
    def outer(value):
        return inner(value) * 2.0

    @tf.function
    def sneak(path):
        return tf.io.read_file(path)

    with tf.Graph().as_default() as graph:
        value = tf1.placeholder(tf.float32, [2], name="value")
        tf.identity(outer(value), name="wanted")
        tf.identity(sneak(tf.constant("secret")), name="unwanted")
    return graph.as_graph_def()


def test_only_what_the_outputs_need_is_kept():
    pruned = prune(make_graph_def(), ["wanted:0"], "net.pb")
    assert {node.name for node in pruned.node} >= {"value", "wanted"}
    assert "unwanted" not in {node.name for node in pruned.node}
    assert not any(node.op == "ReadFile" for function in pruned.library.function for node in function.node_def)
    assert len(pruned.library.function) == 2


def test_control_inputs_are_needed_too():
    with tf.Graph().as_default() as graph:
        with tf.control_dependencies([tf.no_op(name="before")]):
            tf.constant(1.0, name="wanted")
    assert {node.name for node in prune(graph.as_graph_def(), ["wanted"], "g").node} == {"before", "wanted"}


def test_the_version_is_kept():
    graph_def = make_graph_def()
    graph_def.versions.producer = 8
    assert prune(graph_def, ["wanted"], "g").versions.producer == 8


def test_a_missing_operation_is_told():
    with pytest.raises(InputError, match=r"net\.pb has no operation absent\."):
        prune(make_graph_def(), ["absent:0"], "net.pb")


def test_functions_in_lists_of_attributes_are_found():
    graph_def = tf1.GraphDef()
    graph_def.library.function.add().signature.name = "branch"
    node = graph_def.node.add(name="case", op="Case")
    node.attr["branches"].list.func.add().name = "branch"
    assert list(reachable_functions(graph_def.node, graph_def.library)) == ["branch"]


def test_functions_that_call_each_other_come_to_an_end():
    graph_def = tf1.GraphDef()
    for name, called in (("one", "two"), ("two", "one")):
        function = graph_def.library.function.add()
        function.signature.name = name
        function.node_def.add(name="call", op=called)
    graph_def.node.add(name="start", op="one")
    assert sorted(reachable_functions(graph_def.node, graph_def.library)) == ["one", "two"]
