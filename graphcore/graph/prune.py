"""The part of a graph that some outputs need, worked out on paper: nothing is imported, nothing runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from graphcore.errors import InputError
from graphcore.graph.freeze import op_name
from graphcore.graph.runtime import tf1


def prune(graph_def: Any, outputs: Iterable[str], origin: str) -> Any:
    """Returns the nodes that `outputs` need, and the functions that those can reach, as a new `GraphDef`.

    Args:
        graph_def: a `GraphDef`; it stays as it is.
        outputs: names of operations or tensors.
        origin: what messages call the graph.

    Raises:
        InputError: a node is missing.
    """
    nodes = {node.name: node for node in graph_def.node}
    kept: set[str] = set()
    waiting = [op_name(output) for output in outputs]
    while waiting:
        name = waiting.pop()
        if name in kept:
            continue
        if name not in nodes:
            raise InputError(f"{origin} has no operation {name}.")
        kept.add(name)
        waiting += [op_name(each.lstrip("^")) for each in nodes[name].input]
    pruned = tf1.GraphDef()
    # The version decides which old operations are still taken.
    pruned.versions.CopyFrom(graph_def.versions)
    pruned.node.extend(node for node in graph_def.node if node.name in kept)
    functions = reachable_functions(pruned.node, graph_def.library)
    pruned.library.function.extend(functions[name] for name in sorted(functions))
    return pruned


def reachable_functions(nodes: Iterable[Any], library: Any) -> dict[str, Any]:
    """The functions of a library that nodes call, by name, and those that these call in turn."""
    known = {function.signature.name: function for function in library.function}
    found: dict[str, Any] = {}
    waiting = list(nodes)
    while waiting:
        for name in called_functions(waiting.pop()):
            if name in known and name not in found:
                found[name] = known[name]
                waiting += known[name].node_def
    return found


def called_functions(node: Any) -> Iterator[str]:
    """What a node may call: its operation, which may be a function's name, and the functions in its attributes."""
    yield node.op
    for value in node.attr.values():
        if value.HasField("func"):
            yield value.func.name
        for function in value.list.func:
            yield function.name
