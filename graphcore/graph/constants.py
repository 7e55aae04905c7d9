"""Variables of a GraphDef replaced by constants, given their values: freezing without a session."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphcore.errors import InputError
from graphcore.graph.freeze import op_name
from graphcore.graph.runtime import tf, tf1

_VARIABLES = ("VarHandleOp", "VariableV2", "Variable")
_PASS_ON = ("ReadVariableOp", "Identity")


def find_variables(graph_def: Any) -> list[str]:
    """Returns the names of the nodes that are variables, in the graph's order."""
    return [node.name for node in graph_def.node if node.op in _VARIABLES]


def replace_variables(graph_def: Any, values: Mapping[str, np.ndarray], origin: str) -> Any:
    """Returns a `GraphDef` in which each variable is a constant and each read of one passes it on.

    Args:
        graph_def: without calls of functions; it stays as it is.
        values: by the name of the variable's node.
        origin: what messages call the graph.

    Raises:
        InputError: a variable has no value or another type, or is used for more than reading.
    """
    handles: dict[str, int] = {}  # what stands for a variable's resource -> the type of its value
    replaced = tf1.GraphDef()
    replaced.versions.CopyFrom(graph_def.versions)
    for node in _in_order(graph_def):
        new = replaced.node.add()
        dtype = next((handles[op_name(each)] for each in node.input if op_name(each) in handles), None)
        if node.op in _VARIABLES:
            _make_constant(new, node, values, origin)
        elif dtype is None:
            new.CopyFrom(node)
        elif node.op in _PASS_ON:
            new.name, new.op = node.name, "Identity"
            new.input.extend(node.input)
            new.attr["T"].type = dtype
        else:
            raise InputError(
                f"{origin} does more to a variable than read it ({node.op} at {node.name}).",
                next_step="Freeze it into a GraphDef (.pb) where it was made, and use that.",
            )
        if node.op == "VarHandleOp":
            handles[node.name] = node.attr["dtype"].type
        elif node.op == "Identity" and dtype is not None:
            handles[node.name] = dtype
    return replaced


def _make_constant(new: Any, node: Any, values: Mapping[str, np.ndarray], origin: str) -> None:
    dtype = tf.as_dtype(node.attr["dtype"].type)
    value = values.get(node.name)
    if value is None or value.dtype != dtype.as_numpy_dtype:
        raise InputError(f"{origin} has no value of type {dtype.name} for its variable {node.name}.")
    new.name, new.op = node.name, "Const"
    new.attr["dtype"].type = dtype.as_datatype_enum
    new.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value))


def _in_order(graph_def: Any) -> list[Any]:
    """Every node after those it takes its inputs from, but for loops."""
    nodes = {node.name: node for node in graph_def.node}
    entered: set[str] = set()
    order = []
    waiting = [(node.name, False) for node in reversed(graph_def.node)]
    while waiting:
        name, inputs_done = waiting.pop()
        if inputs_done:
            order.append(nodes[name])
        elif name in nodes and name not in entered:
            entered.add(name)
            waiting.append((name, True))
            waiting += [(op_name(each.lstrip("^")), False) for each in nodes[name].input]
    return order
