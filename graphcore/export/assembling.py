"""A run's classifier as a GraphDef: for runs that differ in their head's weights alone, the graph is built once.

A sweep's jobs share the backbone and what stands before it, and those are nearly all of the graph.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphcore.evaluation.backbone import freeze_run_backbone
from graphcore.export.classifier_graph import HEAD_SCOPE, TEMPORAL_HEAD_SCOPE, build_classifier_graph_of
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf1
from graphcore.nets.input_spec import InputSpec
from graphcore.training.run import Run

# A larger one is built anew: it would be one copy more of a large network's weights.
_LARGEST_BYTES = 64 << 20


@dataclass(frozen=True)
class _Assembled:
    """A graph that was built, and all that decides it but the values of the head's constants."""

    program: Program
    spec: InputSpec
    output_name: str
    scope: str
    structure: bytes
    graph_def: Any

    def is_of(self, program: Program, *others: object) -> bool:
        return self.program is program and (self.spec, self.output_name, self.scope, self.structure) == others


# The newest alone.
_kept: list[_Assembled] = []
_lock = threading.Lock()


def assemble(run: Run, output_name: str | None = None) -> bytes:
    """The serialized GraphDef of what `build_classifier_graph` builds.

    The same run gives the same bytes, but for heads with loops, whose functions TensorFlow numbers as it makes them.

    Raises:
        CheckpointError: see `build_classifier_graph`.
        ConfigError: likewise.
    """
    backbone, frozen = freeze_run_backbone(run)
    name = run.output_name if output_name is None else output_name
    head = run.read_head()
    scope = TEMPORAL_HEAD_SCOPE if head.head.temporal else HEAD_SCOPE
    head_def = head.freeze(backbone.feature_size).graph.as_graph_def()
    others = (backbone.input_spec, name, scope, _take_structure(head_def))
    with _lock:
        if not (_kept and _kept[0].is_of(frozen.program, *others)):
            _kept.clear()
            graph_def = build_classifier_graph_of(backbone, frozen.program, head, run.labels, name).graph.as_graph_def()
            if graph_def.ByteSize() > _LARGEST_BYTES or not _holds(graph_def, head_def, scope):
                return graph_def.SerializeToString(deterministic=True)
            _kept.append(_Assembled(frozen.program, *others, graph_def))
        _fill(_kept[0].graph_def, head_def, scope)
        return _kept[0].graph_def.SerializeToString(deterministic=True)


def _take_structure(head_def: Any) -> bytes:
    """All of a head's graph but the values of its constants."""
    bare = tf1.GraphDef()
    bare.CopyFrom(head_def)
    for node in _find_constants(bare):
        tensor = node.attr["value"].tensor
        tensor.CopyFrom(type(tensor)(dtype=tensor.dtype, tensor_shape=tensor.tensor_shape))
    return bare.SerializeToString(deterministic=True)


def _find_constants(graph_def: Any) -> Iterator[Any]:
    return (node for node in graph_def.node if node.op == "Const")


def _holds(graph_def: Any, head_def: Any, scope: str) -> bool:
    """Whether each constant of the head is in the whole graph as it is, under the name that `_fill` looks for."""
    values = {node.name: node.attr["value"] for node in _find_constants(graph_def)}
    return all(values.get(f"{scope}/{node.name}") == node.attr["value"] for node in _find_constants(head_def))


def _fill(graph_def: Any, head_def: Any, scope: str) -> None:
    values = {f"{scope}/{node.name}": node.attr["value"] for node in _find_constants(head_def)}
    for node in graph_def.node:
        if node.name in values:
            node.attr["value"].CopyFrom(values[node.name])
