"""Weights: arrays by variable name, found, read and written in the forms they come in.

A `CheckpointSource` is weights that were found (`locate_checkpoint`) and can be read; `nets.restore` puts them into a
graph.
"""

from graphcore.nets.weights.locate import (
    EMBEDDED,
    EMBEDDED_ASSET,
    EMBEDDED_FINE,
    IMAGENET,
    RUN_BACKBONE,
    RUN_GRAPH,
    locate_checkpoint,
)
from graphcore.nets.weights.source import CheckpointSource
from graphcore.nets.weights.values import digest_weights, read_variables, write_checkpoint, write_npz

__all__ = [
    "EMBEDDED",
    "EMBEDDED_ASSET",
    "EMBEDDED_FINE",
    "IMAGENET",
    "RUN_BACKBONE",
    "RUN_GRAPH",
    "CheckpointSource",
    "digest_weights",
    "locate_checkpoint",
    "read_variables",
    "write_checkpoint",
    "write_npz",
]
