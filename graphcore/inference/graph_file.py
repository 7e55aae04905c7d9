"""A frozen classifier as a file: the graph, what its scores are called, and the labels beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graphcore.errors import GraphcoreError, InputError
from graphcore.export.classifier_graph import CONTENTS, DECODED, INPUT, POOLED, SCORES, is_temporal
from graphcore.export.formats import LABELS, read_labels
from graphcore.graph.program import Program, read_program
from graphcore.graph.runtime import tf

_INPUTS = {"contents": CONTENTS, "decoded": DECODED, "input": INPUT}


def read_classifier(path: Path) -> tuple[Program, tuple[str, ...]]:
    """Reads a frozen graph, whatever its scores are called, and the labels.txt beside it.

    Returns:
        A program with inputs "contents", "decoded", "input" and outputs "input", "scores"; and the labels. That of a
        temporal head has "features" among both, so that the features of a video may be gathered batch by batch, and
        then judged as a whole.

    Raises:
        InputError: a file is missing, or is not the graph of a graphcore classifier.
    """
    program = _read_graph(path)
    labels = _read_labels(path.with_name(LABELS))
    scores = _find_scores(program.graph, len(labels), path)
    pooled = {"features": POOLED} if is_temporal(program.graph) else {}
    outputs = {"input": INPUT, "scores": scores.name, **pooled}
    return Program(program.graph, {**program.inputs, **pooled}, outputs), labels


def _read_graph(path: Path) -> Program:
    try:
        return read_program(path, _INPUTS, {"input": INPUT})
    except InputError:
        raise
    except GraphcoreError as error:
        raise InputError(
            f"{path} is not a classifier that graphcore exported. {error}",
            next_step="Give a run's folder, or the frozen_graph.pb under its export folder.",
        ) from error


def _read_labels(path: Path) -> tuple[str, ...]:
    try:
        return read_labels(path)
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}.", next_step=f"Put {LABELS} beside the frozen graph."
        ) from error


def is_sigmoid(scores: Any) -> bool:
    """Whether each score is a sigmoid of its own, as those of a multi-label head are."""
    op = scores.op
    while op.type == "Identity":
        op = op.inputs[0].op
    return op.type == "Sigmoid"


def _find_scores(graph: tf.Graph, classes: int, path: Path) -> Any:
    """The one end of a graph that is a row of numbers a picture; of several, the one of as many as there are labels."""
    ends = [op.outputs[0] for op in graph.get_operations() if _is_end(op)]
    fitting = [tensor for tensor in ends if tensor.shape[1] == classes]
    classic = [tensor for tensor in ends if tensor.name == SCORES]
    for found in (classic, fitting, ends):
        if len(found) == 1:
            return found[0]
    raise InputError(
        f"{path} is not a classifier that graphcore exported: none of its {len(ends)} ends is known to be the scores.",
        choices=[tensor.name for tensor in ends],
        next_step="Give a run's folder, or the frozen_graph.pb under its export folder.",
    )


def _is_end(op: Any) -> bool:
    if len(op.outputs) != 1 or op.type.startswith("Placeholder") or op.outputs[0].consumers():
        return False
    (tensor,) = op.outputs
    return tensor.dtype.is_floating and tensor.shape.rank == 2 and tensor.shape[1] is not None
