"""Frozen graphs of a training on its way: what it would be worth to stop here, as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from graphcore.export.classifier_graph import OUTPUT_NAME, build_classifier_graph_of
from graphcore.export.formats import LABELS, write_labels
from graphcore.export.frozen import write_frozen_graph
from graphcore.graph.program import Program
from graphcore.heads.trained import TrainedHead
from graphcore.nets.backbone import Backbone


def write_intermediate(
    path: Path,
    backbone: Backbone,
    program: Program,
    head: TrainedHead,
    labels: Sequence[str],
    output_name: str = OUTPUT_NAME,
) -> None:
    """Writes a classifier as a frozen graph, and labels.txt beside it, so that predict takes the file as its run.

    Args:
        path: of the graph, such as RUN/export/intermediate/step-000100.pb.
        backbone: for how it wants its pictures.
        program: the backbone with its weights as constants, "images" to "features".
        head: the last layer with the weights it has now.
        labels: the classes in the order of the head's outputs.
        output_name: of the scores' node.

    Raises:
        CheckpointError: the head's weights do not fit.
        ConfigError: no node can have that name, or another one has it.
        OSError: the disk is full or the folder is read-only.
    """
    write_frozen_graph(build_classifier_graph_of(backbone, program, head, labels, output_name), path)
    write_labels(path.with_name(LABELS), labels)
