"""Sessions: one place that says how many threads a graph may use and how it treats a GPU's memory."""

from __future__ import annotations

from typing import Any

from graphcore.graph.runtime import tf, tf1

# Source: tensorflow/core/protobuf/rewriter_config.proto.
_REWRITERS = {"float16": "auto_mixed_precision", "bfloat16": "auto_mixed_precision_onednn_bfloat16"}
_ON = 1


def make_session(
    graph: tf.Graph, threads: int = 0, parallel_ops: int = 0, precision: str = "float32", rewrite: bool = True
) -> Any:
    """Opens a session on `graph`; the caller closes it.

    Args:
        graph: what the session runs.
        threads: threads that one operation may spread over; 0 for all cores.
        parallel_ops: operations that may run at the same time; 0 for TensorFlow's own choice. This pool is made by a
            process's first session and shared by all that follow, so a later session cannot have more; `threads`
            are a session's own, see `runtime`.
        precision: "float32", or what TensorFlow's graph rewriter may compute convolutions and products in: "float16"
            (GPUs) or "bfloat16" (CPUs, by oneDNN).
        rewrite: whether TensorFlow may rewrite the graph before it runs; for one that only asks for batches there is
            nothing to gain by it.

    Returns:
        A `tf.compat.v1.Session`. On a GPU it takes memory as it needs it, so that two runs can share a card.
    """
    config = tf1.ConfigProto(intra_op_parallelism_threads=threads, inter_op_parallelism_threads=parallel_ops)
    config.gpu_options.allow_growth = True
    config.allow_soft_placement = True
    config.graph_options.rewrite_options.disable_meta_optimizer = not rewrite
    if precision != "float32":
        setattr(config.graph_options.rewrite_options, _REWRITERS[precision], _ON)
    return tf1.Session(graph=graph, config=config)
