"""A run's whole classifier as one graph of constants: encoded picture in, scores out, all between inside.

The names of its nodes are those of the classic retraining scripts, so that what was written around their
graphs takes these as well.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from graphcore.evaluation.backbone import freeze_run_backbone
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.heads import trained
from graphcore.inputs.preprocess import decode_picture, prepare
from graphcore.nets.backbone import Backbone
from graphcore.nets.frozen import FEATURES, IMAGES
from graphcore.training.run import Run

# The contract of the exported graph; whoever loads it finds these and nothing has to be guessed.
CONTENTS = "DecodeJpeg/contents:0"
DECODED = "DecodeJpeg:0"
INPUT = "input:0"
SCORES = "final_result:0"


@dataclasses.dataclass(frozen=True)
class ClassifierGraph:
    """A graph without variables that turns pictures into scores.

    Attributes:
        graph: holds the tensors named by CONTENTS (string scalar: one JPEG or PNG), DECODED (uint8 [height,
            width, 3], which may be fed instead), INPUT (float32 [batch, size, size, 3], the pre-processed
            picture unless fed) and
            SCORES (float32 [batch, classes], rows sum to 1).
        labels: the classes in the order of the scores.
    """

    graph: tf.Graph
    labels: tuple[str, ...]


def build_classifier_graph(run: Run) -> ClassifierGraph:
    """Builds the graph of a finished run.

    Raises:
        CheckpointError: the run's weights are missing or damaged.
    """
    backbone, frozen = freeze_run_backbone(run)
    graph = tf.Graph()
    with graph.as_default():
        images = _build_input(backbone)
        features = _import_backbone(frozen.program, images)
        _import_head(run.read_head().freeze(backbone.feature_size), features)
    return ClassifierGraph(graph, run.labels)


def _build_input(backbone: Backbone) -> Any:
    spec = backbone.input_spec
    contents = tf1.placeholder(tf.string, [], name=CONTENTS.split(":")[0])
    with tf1.name_scope("decode"):
        image = decode_picture(contents)
    # A name that ends with a slash is taken as it is, where a plain one would become DecodeJpeg_1.
    image = tf.identity(image, name="DecodeJpeg/")
    with tf1.name_scope("prepare"):
        prepared = prepare(image, spec)[tf.newaxis]
    shape = [None, spec.image_size, spec.image_size, 3]
    return tf1.placeholder_with_default(prepared, shape, name=INPUT.split(":")[0])


def _import_backbone(program: Program, images: Any) -> Any:
    (features,) = tf1.import_graph_def(
        program.graph.as_graph_def(),
        input_map={program.inputs[IMAGES]: images},
        return_elements=[program.outputs[FEATURES]],
        name="",
    )
    return features


def _import_head(program: Program, features: Any) -> Any:
    with tf1.name_scope(""):
        (scores,) = tf1.import_graph_def(
            program.graph.as_graph_def(),
            input_map={program.inputs[trained.FEATURES]: features},
            return_elements=[program.outputs[trained.SCORES]],
            name="trained_head",
        )
    return tf.identity(scores, name=SCORES.split(":")[0])
