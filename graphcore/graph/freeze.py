"""Freezing: variables become constants, batch norm disappears into the weights before it.

A frozen graph is what the classic tools exchange, and with its batch norm folded it runs about twice as fast.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any

from graphcore.errors import GraphcoreError
from graphcore.graph.fold import BATCH_NORM_OPS as BATCH_NORM_OPS  # what users of frozen graphs look for
from graphcore.graph.fold import Folding
from graphcore.graph.runtime import tf, tf1


def freeze(session: Any, outputs: Sequence[str], fold: bool = True) -> Any:
    """Returns the part of the session's graph that `outputs` need, with the session's values in it as
    constants.

    Args:
        session: holds the values; its graph stays as it is.
        outputs: names of operations or tensors ("features" or "features:0").
        fold: whether to fold batch norm as well; see `fold_batch_norm`.

    Raises:
        GraphcoreError: an output is not in the graph, or a batch norm could not be folded.
    """
    ops = [op_name(output) for output in outputs]
    known = {op.name for op in session.graph.get_operations()}
    absent = [op for op in ops if op not in known]
    if absent:
        raise GraphcoreError(f"Cannot freeze: the graph has no operation {', '.join(absent)}.")
    graph_def = session.graph.as_graph_def()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        graph_def = tf1.graph_util.convert_variables_to_constants(session, graph_def, ops)
    return fold_batch_norm(graph_def, ops) if fold else graph_def


def fold_batch_norm(graph_def: Any, outputs: Sequence[str]) -> Any:
    """Takes every batch norm out of a frozen graph.

    One that follows a convolution or a matrix product goes into its weights and bias, and costs nothing any more;
    any other becomes one Mul and one Add with constants.

    Args:
        graph_def: a frozen `GraphDef`, built in inference mode; it stays as it is.
        outputs: names of operations whose names and values must survive.

    Raises:
        GraphcoreError: a batch norm is left, because it was built in training mode or its statistics are no constants.
    """
    protected = [op_name(output) for output in outputs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Spares the frozen graph the Identity that stood between each variable and its reader.
        folded = tf1.graph_util.remove_training_nodes(graph_def, protected_nodes=protected)
    # It leaves the functions behind, which hold what a loop does.
    folded.library.CopyFrom(graph_def.library)
    left = Folding(folded, protected).fold_all()
    if left:
        raise GraphcoreError(
            f"{len(left)} batch norms could not be folded, the first is {left[0]}.",
            next_step="Build the graph with is_training=False, so that batch norm uses the statistics it holds.",
        )
    return folded


def count_ops(graph_def: Any) -> Counter[str]:
    """Returns how many nodes of each operation a `GraphDef` has."""
    return Counter(node.op for node in graph_def.node)


def import_graph(graph_def: Any) -> tf.Graph:
    """Returns a new graph that holds `graph_def` with its names as they are."""
    graph = tf.Graph()
    with graph.as_default():
        tf1.import_graph_def(graph_def, name="")
    return graph


def op_name(name: str) -> str:
    """Returns the operation's name of a tensor's: "features" for "features:0"."""
    return name.split(":")[0]


def tensor_name(name: str) -> str:
    """Returns the tensor's name of an operation's first output: "features:0" for "features"."""
    return name if ":" in name else f"{name}:0"
