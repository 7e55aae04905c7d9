"""A backbone that is a graph of somebody else's, with its weights in it as constants: run as it is, never trained."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphcore.atomic import write_bytes
from graphcore.config.network import GRAPH
from graphcore.errors import CheckpointError, ConfigError, GraphcoreError
from graphcore.graph.program import Program, read_program
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.backbone import FEATURES, IMAGES, Backbone
from graphcore.nets.input_spec import InputSpec


@dataclass(frozen=True, kw_only=True)
class GraphBackbone(Backbone):
    """A backbone whose network and weights are one graph.

    Attributes:
        program: "images" (float32 [batch, size, size, 3], tensor "images:0") to "features" (float32 [batch,
            feature_size], tensor "features:0"); constants alone.
        digest: SHA-256 in hex of the graph: network and weights.
        input_tensor: what its input is called where it comes from; `end_point` says that of its features.
    """

    program: Program
    digest: str
    input_tensor: str

    @property
    def title(self) -> str:
        """What messages call it: "graph pool_3:0/299"."""
        return f"{self.name} {self.end_point}/{self.input_spec.image_size}"


def make_graph_backbone(
    program: Program, input_spec: InputSpec, input_tensor: str = IMAGES, end_point: str = FEATURES
) -> GraphBackbone:
    """Makes a backbone of a graph.

    Args:
        program: "images" to "features", without variables.
        input_spec: how it wants its pictures.
        input_tensor: what its input is called where it comes from, for messages.
        end_point: the same of its features.
    """
    feature_size: Any = program.find_output(FEATURES).shape.as_list()[-1]
    return GraphBackbone(
        name=GRAPH,
        width=1.0,
        build=_get_builder(program),
        input_spec=input_spec,
        feature_size=feature_size,
        scope="",
        end_point=end_point,
        checkpoint_classes=0,
        input_tensor=input_tensor,
        program=program,
        digest=hashlib.sha256(_serialise(program)).hexdigest(),
    )


def write_graph_backbone(path: Path, backbone: GraphBackbone) -> Path:
    """Writes the graph as a GraphDef that `read_graph_backbone` reads; equal graphs make equal files.

    Raises:
        CheckpointError: the disk is full or the folder cannot be written to.
    """
    try:
        write_bytes(path, _serialise(backbone.program))
    except OSError as error:
        raise CheckpointError(
            f"The graph {path} could not be written: {error.strerror}.",
            next_step="Make room, or name a folder that can be written to; the same command goes on.",
        ) from error
    return path


def read_graph_backbone(path: Path, input_spec: InputSpec) -> GraphBackbone:
    """Reads what `write_graph_backbone` wrote; see `make_graph_backbone`.

    Raises:
        CheckpointError: the file is missing or damaged.
    """
    try:
        program = read_program(path, {IMAGES: IMAGES}, {FEATURES: FEATURES})
    except GraphcoreError as error:
        raise CheckpointError(
            f"The run's backbone cannot be read. {error}", next_step="Train the run again."
        ) from error
    return make_graph_backbone(program, input_spec)


def _serialise(program: Program) -> bytes:
    return program.graph.as_graph_def().SerializeToString(deterministic=True)


def _get_builder(program: Program) -> Any:
    def build(images: tf.Tensor, is_training: bool = False, num_classes: int | None = None, **options: Any) -> Any:
        if is_training is not False or num_classes is not None:
            raise ConfigError(
                "backbone=graph is run as it is: its weights are constants, and cannot be trained.",
                next_step="Set trainer=frozen, or choose one of the networks that are built in.",
            )
        (features,) = tf1.import_graph_def(
            program.graph.as_graph_def(),
            input_map={program.inputs[IMAGES]: images},
            return_elements=[program.outputs[FEATURES]],
            name="graph",
        )
        return features, {FEATURES: features}

    return build
