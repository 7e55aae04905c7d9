"""How the functions of a stranger's graph call each other, looked at before TensorFlow follows the calls.

Its importer follows them without an end: a function that calls itself overflows the stack, and no exception is left to
tell of it. Functions that call each other twice, level upon level, would be inlined into more operations than memory
holds.
"""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from typing import Any

from graphcore.errors import InputError
from graphcore.graph.prune import called_functions

# The largest of the networks built in has some 10,000.
MOST_OPERATIONS = 500_000


def require_bounded_calls(graph_def: Any, origin: str) -> None:
    """Refuses a graph whose calls never end, or end in too many operations.

    Args:
        graph_def: a `GraphDef`.
        origin: what the message calls it, such as its path.

    Raises:
        InputError: a function calls itself, or all calls together are of too many operations.
    """
    functions = {function.signature.name: function.node_def for function in graph_def.library.function}
    calls = {name: _list_calls(nodes, functions) for name, nodes in functions.items()}
    sizes: dict[str, int] = {}
    try:
        for name in TopologicalSorter(calls).static_order():  # those that are called come first
            sizes[name] = len(functions[name]) + sum(sizes[called] for called in calls[name])
    except CycleError as error:
        raise InputError(
            f"{origin} is refused: its function {error.args[1][0]} calls itself.", next_step=_next_step()
        ) from None
    total = len(graph_def.node) + sum(sizes[called] for called in _list_calls(graph_def.node, functions))
    if total > MOST_OPERATIONS:
        raise InputError(
            f"{origin} is refused: its functions call each other until there are {total:,} operations, more than "
            f"{MOST_OPERATIONS:,}.",
            next_step=_next_step(),
        )


def _list_calls(nodes: Any, functions: dict[str, Any]) -> list[str]:
    return [name for node in nodes for name in called_functions(node) if name in functions]


def _next_step() -> str:
    return "Freeze it into a GraphDef (.pb) without functions where it was made, and use that."
