"""Which variable of a SavedModel has which name in its checkpoint, read off the restore operation and never running it.

Graphs of TensorFlow 1 hold the restore as nodes; later ones call a function that holds it. In both, a RestoreV2 names
what it reads and each result is assigned to one variable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from graphcore.graph.freeze import op_name
from graphcore.graph.runtime import tf

_ASSIGN = ("Assign", "AssignVariableOp")
_THROUGH = ("Identity", "Cast")


def plan_variables(meta_graph: Any, names: Iterable[str]) -> dict[str, str]:
    """Returns each variable's name in the checkpoint.

    Args:
        meta_graph: a SavedModel's `MetaGraphDef`.
        names: of the variables' nodes.

    Returns:
        One name for each; that of the node itself where the restore does not say another.
    """
    nodes = {node.name: node for node in meta_graph.graph_def.node}
    found = _read_assignments(nodes)
    call = nodes.get(op_name(meta_graph.saver_def.restore_op_name))
    function = call.attr["f"].func.name if call is not None and "f" in call.attr else None
    for body in meta_graph.graph_def.library.function:
        if call is not None and body.signature.name == function:
            given = dict(zip((argument.name for argument in body.signature.input_arg), call.input, strict=False))
            inside = _read_assignments({node.name: node for node in body.node_def})
            found |= {op_name(given[name]): key for name, key in inside.items() if name in given}
    return {name: found.get(name, name) for name in names}


def _read_assignments(nodes: Mapping[str, Any]) -> dict[str, str]:
    """What is assigned to -> the checkpoint's name for what it is assigned."""
    found = {}
    for node in nodes.values():
        if node.op in _ASSIGN:
            key = _follow(nodes, node.input[1])
            if key is not None:
                found[op_name(node.input[0])] = key
    return found


def _follow(nodes: Mapping[str, Any], tensor: str) -> str | None:
    source = nodes.get(op_name(tensor))
    while source is not None and source.op in _THROUGH:
        tensor = source.input[0]
        source = nodes.get(op_name(tensor))
    if source is None or source.op != "RestoreV2":
        return None
    names = nodes.get(op_name(source.input[1]))
    if names is None or names.op != "Const":
        return None
    # "RestoreV2:3" in a graph, "RestoreV2:tensors:3" in a function.
    index = tensor.rpartition(":")[2]
    listed = tf.make_ndarray(names.attr["value"].tensor).ravel()
    place = int(index) if index.isdigit() else 0
    return listed[place].decode() if place < len(listed) else None
