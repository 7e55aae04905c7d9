"""A whole classifier as one graph of constants: encoded picture in, scores out, all between inside.

The names of its nodes are those of the classic retraining scripts, so that what was written around their
graphs takes these as well.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from graphcore.errors import ConfigError
from graphcore.evaluation.backbone import freeze_run_backbone
from graphcore.graph.freeze import op_name
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.heads import trained
from graphcore.heads.trained import TrainedHead
from graphcore.inputs.preprocess import decode_picture, prepare
from graphcore.nets.backbone import FEATURES, IMAGES, Backbone
from graphcore.training.run import Run

# The contract of the exported graph; whoever loads it finds these and nothing has to be guessed.
CONTENTS = "DecodeJpeg/contents:0"
DECODED = "DecodeJpeg:0"
INPUT = "input:0"
POOLED = "features:0"
# The last one may be told to have another name.
OUTPUT_NAME = "final_result"
SCORES = f"{OUTPUT_NAME}:0"
# The scope of the nodes above the features. It tells whoever has nothing but the graph that the rows of a batch are the
# consecutive frames of one video.
HEAD_SCOPE, TEMPORAL_HEAD_SCOPE = "trained_head", "temporal_head"


@dataclasses.dataclass(frozen=True)
class ClassifierGraph:
    """A graph without variables that turns pictures into scores.

    Attributes:
        graph: holds the tensors named by CONTENTS (string scalar: one JPEG or PNG), DECODED (uint8 [height,
            width, 3], which may be fed instead), INPUT (float32 [batch, size, size, 3], the pre-processed
            picture unless fed), POOLED (float32 [batch, feature_size], what the head is given, which may be fed as
            well) and `scores` (float32 [batch, classes] in [0, 1]; rows sum to 1 unless the head is a multi-label one,
            whose scores are a sigmoid each). Of a temporal head a batch is the consecutive frames of one video.
        labels: the classes in the order of the scores.
        output_name: the name of the scores' node.
    """

    graph: tf.Graph
    labels: tuple[str, ...]
    output_name: str = OUTPUT_NAME

    @property
    def scores(self) -> str:
        """The name of the scores' tensor: "final_result:0"."""
        return f"{self.output_name}:0"


def build_classifier_graph(run: Run, output_name: str | None = None) -> ClassifierGraph:
    """Builds the graph of a finished run.

    Args:
        run: the run.
        output_name: of the scores' node; None for the name that the run was told.

    Raises:
        CheckpointError: the run's weights are missing or damaged.
        ConfigError: see `build_classifier_graph_of`.
    """
    backbone, frozen = freeze_run_backbone(run)
    name = run.output_name if output_name is None else output_name
    return build_classifier_graph_of(backbone, frozen.program, run.read_head(), run.labels, name)


def build_classifier_graph_of(
    backbone: Backbone,
    program: Program,
    head: TrainedHead,
    labels: Sequence[str],
    output_name: str = OUTPUT_NAME,
) -> ClassifierGraph:
    """Builds the graph of parts, as those of a training that has not finished.

    Args:
        backbone: for how it wants its pictures.
        program: the backbone with its weights as constants, "images" to "features"; see `nets.frozen`.
        head: the last layer and its weights.
        labels: the classes in the order of the head's outputs.
        output_name: of the scores' node.

    Raises:
        CheckpointError: the head's weights do not fit.
        ConfigError: no node can have that name, or another one has it.
    """
    graph = tf.Graph()
    with graph.as_default():
        images = _build_input(backbone)
        features = _name_features(_import_part(program, IMAGES, images, FEATURES, ""))
        frozen = head.freeze(backbone.feature_size)
        scope = TEMPORAL_HEAD_SCOPE if head.head.temporal else HEAD_SCOPE
        scores = _import_part(frozen, trained.FEATURES, features, trained.SCORES, scope)
        _name_scores(scores, output_name)
    return ClassifierGraph(graph, tuple(labels), output_name)


def _build_input(backbone: Backbone) -> Any:
    spec = backbone.input_spec
    contents = tf1.placeholder(tf.string, [], name=op_name(CONTENTS))
    with tf1.name_scope("decode"):
        image = decode_picture(contents)
    # A name that ends with a slash is taken as it is, where a plain one would become DecodeJpeg_1.
    image = tf.identity(image, name=f"{op_name(DECODED)}/")
    with tf1.name_scope("prepare"):
        prepared = prepare(image, spec)[tf.newaxis]
    shape = [None, spec.image_size, spec.image_size, 3]
    return tf1.placeholder_with_default(prepared, shape, name=op_name(INPUT))


def _import_part(program: Program, source: str, fed: Any, result: str, name: str) -> Any:
    """Imports `program` with `fed` for its input; the placeholder that stood there stays behind."""
    graph_def = program.graph.as_graph_def()
    replaced = op_name(program.inputs[source])
    kept = [node for node in graph_def.node if node.name != replaced]
    del graph_def.node[:]
    graph_def.node.extend(kept)
    (found,) = tf1.import_graph_def(
        graph_def, input_map={program.inputs[source]: fed}, return_elements=[program.outputs[result]], name=name
    )
    return found


def _name_features(features: Any) -> Any:
    # A backbone that is a graph of somebody else's calls them so itself.
    return features if features.name == POOLED else tf.identity(features, name=op_name(POOLED))


def is_temporal(graph: tf.Graph) -> bool:
    """Whether the rows of a batch are the consecutive frames of one video, rather than pictures each judged alone."""
    return any(op.name.startswith(f"{TEMPORAL_HEAD_SCOPE}/") for op in graph.get_operations())


def _name_scores(scores: Any, output_name: str) -> None:
    taken = output_name in {op.name for op in scores.graph.get_operations()}
    try:
        named = None if taken or not output_name else tf.identity(scores, name=output_name).name
    except ValueError as error:
        raise _refuse_name(output_name) from error
    # TensorFlow gives another name without a word where one is a scope of others, or differs from one by case alone.
    if named != f"{output_name}:0":
        raise _refuse_name(output_name)


def _refuse_name(output_name: str) -> ConfigError:
    return ConfigError(
        f"output_name={output_name} cannot be the name of the scores: no node can have it, or another one does.",
        next_step=f"Letters, digits and _ . - / are taken, a letter or digit first: {OUTPUT_NAME}.",
    )
