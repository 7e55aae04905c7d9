"""A backbone made ready to compute features: its weights at once, and built, frozen and folded when it computes."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from graphcore.console import say
from graphcore.graph.program import Program
from graphcore.nets.backbone import Backbone
from graphcore.nets.graph_backbone import GraphBackbone
from graphcore.nets.network import Network
from graphcore.nets.restore import read_planned, restore
from graphcore.nets.weights import CheckpointSource, digest_weights, read_variables


@dataclass(frozen=True)
class FrozenBackbone:
    """A backbone whose weights no longer change.

    Attributes:
        weights: the backbone's variables as restored, batch norm unfolded, by slim's names; empty where the backbone
            is a graph of constants.
        digest: content identity of the weights and the layer that is pooled, or of the graph: what feature caches are
            keyed by.
        make_program: makes `program`; called once.
    """

    weights: Mapping[str, np.ndarray] = field(repr=False)
    digest: str
    make_program: Callable[[], Program] = field(repr=False)

    @functools.cached_property
    def program(self) -> Program:
        """From "images" (float32 [batch, size, size, 3], tensor "images:0") to "features" (float32 [batch,
        feature_size]); batch norm is folded, there are no variables. Made when first asked for.
        """
        return self.make_program()


def freeze_backbone(
    backbone: Backbone,
    source: CheckpointSource | None,
    seed: int = 0,
    num_classes: int | None = None,
    announce: bool = True,
    kept_dir: Path | None = None,
) -> FrozenBackbone:
    """Reads a backbone's weights; the network itself is built when somebody asks for its program.

    Args:
        backbone: what to build; a `GraphBackbone` is frozen as it is.
        source: its weights, and which of them are wanted; None leaves them random.
        seed: decides random weights.
        num_classes: adds the network's own last layer as output "logits", restored as well.
        announce: see `restore`.
        kept_dir: where what is known of networks is kept from one process to the next, which spares building them.

    Raises:
        CheckpointError: the weights are damaged or of another network.
    """
    if isinstance(backbone, GraphBackbone):
        return _freeze_graph(backbone, source, announce)
    network = Network(backbone, num_classes, kept_dir)
    if source is None or source.exclude_scopes or source.ignore_missing:
        return _draw(network, source, seed, announce, num_classes)
    variables = network.list_variables()
    _, values = read_planned(source, {name: shape for name, (_, shape) in variables.items()}, announce=announce)
    network.keep_variables()
    return _freeze(network, {name: np.asarray(value, variables[name][0]) for name, value in values.items()})


def _freeze(network: Network, weights: Mapping[str, np.ndarray]) -> FrozenBackbone:
    digest = identify(network.backbone, weights)
    return FrozenBackbone(weights, digest, lambda: network.freeze(weights, digest))


def _draw(
    network: Network, source: CheckpointSource | None, seed: int, announce: bool, num_classes: int | None
) -> FrozenBackbone:
    """Weights that are random, all or some: drawn by the network's own initialisers, so that takes a session."""
    program, variables = network.build(seed)
    with program.graph.as_default(), program.session() as runner:
        if source is None:
            say(f"Weights of {network.backbone.title}: random, seed {seed}")
        else:
            restore(runner.session, source, variables, announce=announce)
        weights = read_variables(runner.session, variables)
    # Every seed is a network of its own: their graphs are not kept.
    return _freeze(Network(network.backbone, num_classes), weights)


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
        InputError: a variable of the backbone is not among them.
    """
    return Network(backbone).freeze(values)


def _freeze_graph(backbone: GraphBackbone, source: CheckpointSource | None, announce: bool) -> FrozenBackbone:
    if announce and source is not None:
        tensors = f"{backbone.input_tensor} to {backbone.end_point}, {backbone.feature_size} features"
        say(f"The graph {source.title} as it is: {tensors}")
    return FrozenBackbone({}, backbone.digest, lambda: backbone.program)
