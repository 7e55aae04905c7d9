"""A trained head as a graph of constants: built once for all heads that differ in their weights alone.

To build the graph and turn its variables into constants takes ten times as long as to put other constants into it: the
jobs of a sweep share one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcore.errors import GraphcoreError
from graphcore.graph.freeze import fold_batch_norm, freeze, import_graph
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session
from graphcore.heads.head import Head

FEATURES = "features"
SCORES = "scores"


@dataclass(frozen=True)
class HeadTemplate:
    """A head's graph whose constants are to be filled in.

    Attributes:
        graph_def: every variable that the scores need is a constant of its name; batch norm is not folded yet.
        shapes: of all variables of the head, by name.
        scores: name of the scores' tensor.
    """

    graph_def: Any
    shapes: Mapping[str, tuple[int, ...]]
    scores: str

    def fill(self, variables: Mapping[str, np.ndarray]) -> Program:
        """The program with these values, which have the shapes of `shapes`: "features" to "scores"."""
        graph_def = tf1.GraphDef()
        graph_def.CopyFrom(self.graph_def)
        for node in graph_def.node:
            if node.name in self.shapes:
                dtype = tf.as_dtype(node.attr["dtype"].type)
                value = np.asarray(variables[node.name], dtype.as_numpy_dtype)
                node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value, dtype, value.shape))
        folded = fold_batch_norm(graph_def, [self.scores])
        return Program(import_graph(folded), {FEATURES: FEATURES}, {SCORES: self.scores})


# Of the newest head alone: (identity, dimension) -> its template.
_kept: dict[tuple[str, int], HeadTemplate] = {}


def get_template(head: Head, dimension: int) -> HeadTemplate:
    """The graph of a head on features of so many numbers; kept for the next head that builds the same."""
    # A seed decides what variables begin with, and their values are put in.
    identity = head.unseeded or head.identity
    key = (identity, dimension)
    found = _kept.get(key) if identity else None
    if found is None:
        found = _build_template(head, dimension)
        _kept.clear()
        if identity:
            _kept[key] = found
    return found


def _build_template(head: Head, dimension: int) -> HeadTemplate:
    with tf.Graph().as_default() as graph:
        features = tf1.placeholder(tf.float32, [None, dimension], name=FEATURES)
        _, end_points = head.build(features, is_training=False)
        variables = {variable.op.name: variable for variable in tf1.global_variables()}
        initialize, scores = tf1.global_variables_initializer(), end_points["probabilities"].name
        with make_session(graph) as session:
            session.run(initialize)
            frozen = freeze(session, [scores], fold=False)
        before = {operation.name for operation in graph.get_operations() if operation.type == "Const"}
    strange = {node.name for node in frozen.node if node.op == "Const"} - before - variables.keys()
    if strange:  # TensorFlow has never made any; values of this session must not pass for those of a trained head
        raise GraphcoreError(f"Freezing the head made constants of unknown origin: {', '.join(sorted(strange))}.")
    shapes = {name: tuple(variable.shape.as_list()) for name, variable in variables.items()}
    return HeadTemplate(frozen, shapes, scores)
