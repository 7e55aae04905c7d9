"""A backbone made ready to compute features: built, restored, frozen, folded, its weights beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from graphcore.console import say
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.backbone import FEATURES, IMAGES, LOGITS, Backbone
from graphcore.nets.graph_backbone import GraphBackbone
from graphcore.nets.restore import assign_values, restore
from graphcore.nets.weights import CheckpointSource, digest_weights, read_variables


@dataclass(frozen=True)
class FrozenBackbone:
    """A backbone whose weights no longer change.

    Attributes:
        program: "images" (float32 [batch, size, size, 3], tensor "images:0") to "features" (float32
            [batch, feature_size]); batch norm is folded, there are no variables.
        weights: the backbone's variables as restored, batch norm unfolded, by slim's names; empty where the backbone
            is a graph of constants.
        digest: content identity of the weights and the layer that is pooled, or of the graph: what feature caches are
            keyed by.
    """

    program: Program
    weights: Mapping[str, np.ndarray] = field(repr=False)
    digest: str


def freeze_backbone(
    backbone: Backbone,
    source: CheckpointSource | None,
    seed: int = 0,
    num_classes: int | None = None,
    announce: bool = True,
) -> FrozenBackbone:
    """Builds a backbone in a graph of its own and freezes it.

    Args:
        backbone: what to build; a `GraphBackbone` is frozen as it is.
        source: its weights, and which of them are wanted; None leaves them random.
        seed: decides random weights.
        num_classes: adds the network's own last layer as output "logits", restored as well.
        announce: see `restore`.

    Raises:
        CheckpointError: the weights are damaged or of another network.
    """
    if isinstance(backbone, GraphBackbone):
        return _freeze_graph(backbone, source, announce)
    size = backbone.input_spec.image_size
    with tf.Graph().as_default() as graph:
        tf1.set_random_seed(seed)
        images = tf1.placeholder(tf.float32, [None, size, size, 3], name=IMAGES)
        net, end_points = backbone.build(images, is_training=False, num_classes=num_classes)
        outputs = {FEATURES: end_points["features"].name}
        if num_classes is not None:
            outputs[LOGITS] = net.name
        variables = tf1.global_variables(backbone.scope)
        with Program(graph, {IMAGES: images.name}, outputs).session() as runner:
            if source is None:
                say(f"Weights of {backbone.title}: random, seed {seed}")
            else:
                restore(runner.session, source, variables, announce=announce)
            weights = read_variables(runner.session, variables)
            return FrozenBackbone(runner.freeze(), weights, identify(backbone, weights))


def identify(backbone: Backbone, weights: Mapping[str, np.ndarray]) -> str:
    """SHA-256 in hex of all that decides a backbone's features besides the pictures.

    Weights alone do not: a pooling has none, so the layer before it has the same ones and other features.

    Args:
        backbone: its name and end point count.
        weights: arrays by variable name.
    """
    parts = "\0".join([backbone.name, backbone.end_point, digest_weights(weights)])
    return hashlib.sha256(parts.encode()).hexdigest()


def freeze_weights(backbone: Backbone, values: Mapping[str, np.ndarray]) -> Program:
    """A program of a backbone with weights that are at hand, "images" to "features"; see `FrozenBackbone.program`.

    Args:
        backbone: what to build.
        values: arrays by variable name, of the backbone at least.

    Raises:
        KeyError: a variable of the backbone is not among them.
    """
    size = backbone.input_spec.image_size
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [None, size, size, 3], name=IMAGES)
        _, end_points = backbone.build(images, is_training=False)
        variables = tf1.global_variables(backbone.scope)
        with Program(graph, {IMAGES: images.name}, {FEATURES: end_points["features"].name}).session() as runner:
            assign_values(runner.session, {variable: values[variable.op.name] for variable in variables})
            return runner.freeze()


def _freeze_graph(backbone: GraphBackbone, source: CheckpointSource | None, announce: bool) -> FrozenBackbone:
    if announce and source is not None:
        tensors = f"{backbone.input_tensor} to {backbone.end_point}, {backbone.feature_size} features"
        say(f"The graph {source.title} as it is: {tensors}")
    return FrozenBackbone(backbone.program, {}, backbone.digest)
