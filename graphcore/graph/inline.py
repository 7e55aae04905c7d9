"""Calls of functions replaced by the functions' bodies, so that every tensor of a graph can be named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphcore.errors import InputError
from graphcore.graph.freeze import import_graph
from graphcore.graph.runtime import tf1


def inline_functions(graph_def: Any, keep: Sequence[str], origin: str) -> Any:
    """Returns a `GraphDef` without calls of functions; the graph passed the allow-list before.

    Args:
        graph_def: what is left of a graph that `keep` needs; without functions it is returned as it is.
        keep: names of operations that must survive.
        origin: what messages call the graph.

    Raises:
        InputError: TensorFlow cannot load the graph, or leaves a call.
    """
    if not graph_def.library.function:
        return graph_def
    from tensorflow.python.grappler import tf_optimizer

    try:
        meta_graph = tf1.train.export_meta_graph(graph_def=graph_def, graph=import_graph(graph_def))
        meta_graph.collection_def["train_op"].node_list.value.extend(keep)
        config = tf1.ConfigProto()
        rewrites = config.graph_options.rewrite_options
        rewrites.min_graph_nodes = -1  # small graphs too
        rewrites.meta_optimizer_iterations = 1
        rewrites.optimizers.append("function")
        inlined: Any = tf_optimizer.OptimizeGraph(config, meta_graph)
    except (ValueError, RuntimeError) as error:
        raise InputError(f"{origin} is not a graph that can be loaded: {str(error).splitlines()[0]}") from error
    names = {function.signature.name for function in graph_def.library.function}
    left = [node.name for node in inlined.node if node.op in names or node.op.endswith("PartitionedCall")]
    if left:
        raise InputError(
            f"{origin} calls functions that cannot be inlined, the first at {left[0]}.",
            next_step="Freeze it into a GraphDef (.pb) where it was made, and use that.",
        )
    return inlined
