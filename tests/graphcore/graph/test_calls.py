import pytest

from graphcore.errors import InputError
from graphcore.graph import calls
from graphcore.graph.allow_list import require_allowed_ops
from graphcore.graph.calls import require_bounded_calls
from graphcore.graph.runtime import tf1


def make_graph_def(functions):
    """`functions`: name -> names of what it calls, in that order; the graph calls the first."""
    graph_def = tf1.GraphDef()
    for name, called in functions.items():
        function = graph_def.library.function.add()
        function.signature.name = name
        for number, each in enumerate(called):
            node = function.node_def.add(name=f"call_{number}", op="PartitionedCall")
            node.attr["f"].func.name = each
    graph_def.node.add(name="call", op=next(iter(functions)))
    return graph_def


def test_functions_that_call_functions_pass():
    require_bounded_calls(make_graph_def({"outer": ["inner", "inner"], "inner": []}), "net.pb")


@pytest.mark.parametrize("functions", [{"f": ["f"]}, {"f": ["g"], "g": ["h"], "h": ["g"]}])
def test_a_function_that_calls_itself_is_refused(functions):
    with pytest.raises(InputError, match=r"net\.pb is refused: its function \w calls itself"):
        require_bounded_calls(make_graph_def(functions), "net.pb")


def test_a_function_may_be_called_by_its_name():
    graph_def = make_graph_def({"f": []})
    graph_def.library.function[0].node_def.add(name="again", op="f")
    with pytest.raises(InputError, match="its function f calls itself"):
        require_bounded_calls(graph_def, "net.pb")


def test_what_would_grow_beyond_bounds_is_refused_before_it_grows():
    """Twice the one below, a hundred levels up."""
    functions = {f"level_{number}": [f"level_{number + 1}"] * 2 for number in range(100)} | {"level_100": []}
    with pytest.raises(InputError, match=r"until there are [\d,]+ operations, more than 500,000"):
        require_bounded_calls(make_graph_def(functions), "net.pb")


def test_operations_are_counted_with_those_of_what_is_called(monkeypatch):
    graph_def = make_graph_def({"outer": ["inner", "inner"], "inner": ["leaf"], "leaf": []})
    monkeypatch.setattr(calls, "MOST_OPERATIONS", 5)  # call, two calls of inner, in each one of leaf
    require_bounded_calls(graph_def, "net.pb")
    monkeypatch.setattr(calls, "MOST_OPERATIONS", 4)
    with pytest.raises(InputError, match="there are 5 operations"):
        require_bounded_calls(graph_def, "net.pb")


def test_the_allow_list_looks_at_calls_too():
    with pytest.raises(InputError, match="calls itself"):
        require_allowed_ops(make_graph_def({"f": ["f"]}), "net.pb")
