"""Which tensors of a stranger's graph take pictures and give features: as told, or by the names of known graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from graphcore.errors import ConfigError
from graphcore.graph.freeze import op_name, tensor_name
from graphcore.graph.runtime import tf
from graphcore.graph.saved_model import Signature
from graphcore.nets.classic_names import find_features, find_input

_SHOWN = 20


def choose_features(graph: tf.Graph, wanted: str | None, signature: Signature, path: Path) -> Any:
    """Returns the tensor of the features, float [batch, n] or maps [batch, height, width, n].

    Args:
        graph: holds it.
        wanted: its name; None finds it by those of well-known graphs.
        signature: how the graph says that it is used.
        path: of the graph, for messages.

    Raises:
        ConfigError: there is no such tensor, or none is known; the message lists candidates.
    """
    ops = [op.name for op in graph.get_operations()]
    name = wanted or find_features(ops, signature.name, signature.outputs)
    if name is None:
        raise ConfigError(
            f"{path}: which tensor holds the features? None has a name that is known.",
            choices=list_features(graph),
            next_step="Set backbone.features_tensor to the pooled maps below its last layer.",
        )
    return _get_tensor(graph, name, "features_tensor", list_features(graph))


def choose_input(graph: tf.Graph, wanted: str | None, signature: Signature, features: Any, path: Path) -> Any:
    """Returns the tensor that takes prepared pictures; `features` is what `choose_features` returned, the rest as
    there.

    Raises:
        ConfigError: there is no such tensor, or none is known; the message lists candidates.
    """
    pictures = _list_pictures(graph)
    ops = [op.name for op in graph.get_operations()]
    signed = [name for name in signature.inputs.values() if op_name(name) in pictures]
    name = wanted or (signed[0] if len(signed) == 1 else find_input(ops, pictures, features.name))
    if name is None:
        raise ConfigError(
            f"{path}: which tensor takes the pictures? None has a name that is known.",
            choices=[f"{each}:0" for each in pictures],
            next_step="Set backbone.input_tensor to the one that takes prepared pictures [batch, height, width, 3].",
        )
    found = _get_tensor(graph, name, "input_tensor", [f"{each}:0" for each in pictures])
    if found.dtype == tf.string:
        raise ConfigError(
            f"backbone.input_tensor={name} takes files, and pictures come decoded and prepared.",
            choices=[f"{each}:0" for each in pictures],
            next_step="Name the tensor behind the graph's own decoding and scaling.",
        )
    return found


def _get_tensor(graph: tf.Graph, name: str, option: str, choices: list[str]) -> Any:
    try:
        return graph.get_tensor_by_name(tensor_name(name))
    except (KeyError, ValueError):
        raise ConfigError(f"backbone.{option}={name}: the graph has no such tensor.", choices=choices) from None


def _list_pictures(graph: tf.Graph) -> list[str]:
    found = []
    for op in graph.get_operations():
        if op.type in ("Placeholder", "PlaceholderV2", "PlaceholderWithDefault") and op.outputs[0].dtype.is_floating:
            shape = op.outputs[0].shape
            if shape.rank is None or (shape.rank == 4 and shape.as_list()[3] in (3, None)):
                found.append(op.name)
    return found


def list_features(graph: tf.Graph) -> list[str]:
    """Tensors that could be a vector a picture: the last ones of the graph first."""
    ops = (op for op in reversed(graph.get_operations()) if op.outputs and op.inputs and op.type != "Identity")
    tensors = (op.outputs[0] for op in ops)
    return [tensor.name for tensor in tensors if tensor.dtype.is_floating and is_vector(tensor.shape)][:_SHOWN]


def is_vector(shape: Any) -> bool:
    """Whether a shape is [batch, n] or [batch, 1, 1, n] with n above 1."""
    if shape.rank == 4:
        return shape.as_list()[1:3] == [1, 1] and (shape.as_list()[3] or 0) > 1
    return shape.rank == 2 and (shape.as_list()[1] or 0) > 1
