"""The part of a stranger's graph between its input and its features, made to the form of every backbone's program:
"images" float32 [batch, size, size, 3] to "features" float32 [batch, n], for any batch, batch norm folded.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

from graphcore.errors import ConfigError, GraphcoreError
from graphcore.graph.freeze import fold_batch_norm, import_graph
from graphcore.graph.program import Program
from graphcore.graph.prune import prune
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.backbone import FEATURES, IMAGES
from graphcore.nets.graph_tensors import is_vector, list_features
from graphcore.nets.input_spec import InputSpec


def make_program(graph_def: Any, fed: Any, features: Any, spec: InputSpec, path: Path) -> Program:
    """Returns the part of a graph between two tensors as a program from "images" to "features".

    Args:
        graph_def: constants alone, without functions; it passed the allow-list.
        fed: the tensor that takes pictures.
        features: the tensor that is pooled.
        spec: what goes in.
        path: of the graph, for messages.

    Raises:
        ConfigError: the input takes no pictures, or the features are no vector for each of them.
    """
    ends = _before_flattening(features)
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [None, spec.image_size, spec.image_size, 3], name=IMAGES)
        found = _import(prune(graph_def, [ends.name, fed.name], str(path)), fed, images, ends, path)
        pooled = _pool(tf.cast(found, tf.float32), features, path)
        (width,) = _probe(graph, images, pooled, features, path)
        tf.ensure_shape(pooled, [None, width], name=FEATURES)
    kept = _fold(prune(graph.as_graph_def(), [FEATURES, IMAGES], str(path)))
    return Program(import_graph(kept), {IMAGES: IMAGES}, {FEATURES: FEATURES})


def _import(graph_def: Any, fed: Any, images: Any, ends: Any, path: Path) -> Any:
    """The tensor `ends` of the graph with `images` in the place of `fed`."""
    try:
        fitting = tf.cast(images, fed.dtype)
        (found,) = tf1.import_graph_def(
            graph_def, input_map={fed.name: fitting}, return_elements=[ends.name], name="graph"
        )
    except (ValueError, TypeError) as error:
        raise ConfigError(
            f"{path}: {fed.name} does not take pictures of shape {images.shape}: {str(error).splitlines()[0]}",
            next_step="Set backbone.input_tensor to the tensor that takes prepared pictures [batch, height, width, 3], "
            "or backbone.image_size to what it was trained with.",
        ) from error
    return found


def _before_flattening(features: Any) -> Any:
    """The 1x1 maps that a graph flattens with a batch of one picture written into it, as those of 2015 do."""
    op = features.op
    if op.type in ("Reshape", "Squeeze") and is_vector(op.inputs[0].shape) and op.inputs[0].shape.rank == 4:
        return op.inputs[0]
    return features


def _pool(found: Any, features: Any, path: Path) -> Any:
    if found.shape.rank == 4:
        return tf.reduce_mean(found, axis=[1, 2])
    if found.shape.rank != 2:
        raise ConfigError(
            f"{path}: {features.name} has shape {found.shape}, and features are vectors or maps.",
            choices=list_features(features.graph),
        )
    return found


def _probe(graph: tf.Graph, images: Any, pooled: Any, features: Any, path: Path) -> tuple[int]:
    """Runs two grey pictures through, and returns how long the features of each are."""
    size = images.shape.as_list()[1]
    if not _depends(pooled.op, images.op):
        raise ConfigError(f"{path}: {features.name} does not depend on the pictures.")
    with tf1.Session(graph=graph) as session:
        try:
            shape = session.run(pooled, {images: np.zeros([2, size, size, 3], np.float32)}).shape
        except tf.errors.OpError as error:
            raise ConfigError(
                f"{path} does not run on two pictures of {size}x{size}: {_find_reason(error)}",
                next_step="Set backbone.image_size to what it was trained with, or name another features_tensor.",
            ) from error
    if shape[0] != 2:
        raise ConfigError(
            f"{path}: {features.name} comes out as {list(shape)} for two pictures; one row for each is wanted.",
            choices=list_features(features.graph),
        )
    return shape[1:]


def _find_reason(error: tf.errors.OpError) -> str:
    """What went wrong, without the lines that say where in a program, not the user's, the graph was made."""
    told = re.search(r"OOM when[^\n]*|assertion failed[^\n]*|failed to allocate[^\n]*", error.message)
    return told[0] if told else error.message.strip().splitlines()[-1]


def _depends(end: Any, start: Any) -> bool:
    seen, waiting = set(), [end]
    while waiting:
        op = waiting.pop()
        if op is start:
            return True
        if op not in seen:
            seen.add(op)
            waiting += [each.op for each in op.inputs]
    return False


def _fold(graph_def: Any) -> Any:
    try:
        return fold_batch_norm(graph_def, [FEATURES, IMAGES])
    except (GraphcoreError, ValueError):
        return graph_def  # slower, and as right
