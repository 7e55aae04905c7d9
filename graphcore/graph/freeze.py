"""Freezing: variables become constants, batch norm disappears into the weights before it.

A frozen graph is what the classic tools exchange, and with its batch norm folded it runs about twice as fast.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from typing import Any

from graphcore.errors import GraphcoreError
from graphcore.graph.runtime import tf, tf1

BATCH_NORM_OPS = (
    "FusedBatchNorm",
    "FusedBatchNormV2",
    "FusedBatchNormV3",
    "BatchNormWithGlobalNormalization",
)


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
    """Multiplies every batch norm of a frozen graph into the convolution before it.

    Args:
        graph_def: a frozen `GraphDef`, built in inference mode; it stays as it is.
        outputs: names of operations whose names must survive.

    Raises:
        GraphcoreError: a batch norm is left, because it was built in training mode or follows something other
            than a convolution; leaving it would halve the speed without a word.
    """
    from tensorflow.python.tools import optimize_for_inference_lib

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # The variables' values reach batch norm through Identity nodes, and folding looks for constants.
        graph_def = tf1.graph_util.remove_training_nodes(graph_def, protected_nodes=[op_name(o) for o in outputs])
        folded = optimize_for_inference_lib.fold_batch_norms(graph_def)
    left = [node.name for node in folded.node if node.op in BATCH_NORM_OPS]
    if left:
        raise GraphcoreError(
            f"{len(left)} batch norms could not be folded, the first is {left[0]}.",
            next_step="Build the graph with is_training=False, each batch norm right after its convolution.",
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
