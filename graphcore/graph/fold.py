"""Batch norm in inference mode is a multiplication and an addition per map: here it goes into the weights before it.

Where a convolution or a matrix product comes before, its weights and bias take both up, and nothing is left to compute.
Elsewhere (ResNet v2 normalises sums) one Mul and one Add remain, with constants.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcore.graph.runtime import tf

OLD_NORM = "BatchNormWithGlobalNormalization"
BATCH_NORM_OPS = ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", OLD_NORM)
DEFAULT_EPSILON = 1e-4  # of the operation, where the graph says nothing
LINEAR_OPS = ("Conv2D", "DepthwiseConv2dNative", "MatMul")
# What may stand between the weights and the norm: none of these mixes maps. A Reshape is looked at more closely.
PASSING_OPS = ("Identity", "BiasAdd", "Reshape")


@dataclass(frozen=True)
class Affine:
    """What a batch norm computes: `scale * inputs + shift`, each float64 [maps]."""

    scale: np.ndarray
    shift: np.ndarray


class Folding:
    """A GraphDef while its batch norms are taken out.

    Args:
        graph_def: a frozen `GraphDef`; it is changed.
        protected: names of operations that must keep their values.
    """

    def __init__(self, graph_def: Any, protected: Collection[str]) -> None:
        self._graph_def = graph_def
        self._nodes = {node.name: node for node in graph_def.node}
        self._protected = set(protected)
        self._uses: dict[str, list[str]] = defaultdict(list)
        for node in graph_def.node:
            for name in node.input:
                self._uses[_op_of(name)].append(name)

    def fold_all(self) -> list[str]:
        """Takes out every batch norm in inference mode with constant statistics; returns the names of the others."""
        left = []
        for node in [node for node in self._graph_def.node if node.op in BATCH_NORM_OPS]:
            affine = self._read_norm(node)
            if affine is None:
                left.append(node.name)
                continue
            path = self._find_weights(node, len(affine.scale))
            if path:
                self._fold_into(path, node, affine)
            else:
                self._rewrite(node, affine)
        self._drop_unused()
        return left

    def _read_norm(self, node: Any) -> Affine | None:
        """What `node` computes; None where that depends on the batch, or other outputs than the first are used."""
        # An attribute that is not written has its default, which is training.
        if node.op != OLD_NORM and ("is_training" not in node.attr or node.attr["is_training"].b):
            return None
        if any(name.partition(":")[2] not in ("", "0") for name in self._uses[node.name]):
            return None
        values = [self._read_constant(name) for name in node.input[1:5]]
        if any(value is None or not value.size for value in values):
            return None
        if node.op == OLD_NORM:
            mean, variance, beta, gamma = values
            gamma = gamma if node.attr["scale_after_normalization"].b else np.ones_like(gamma)
            epsilon = node.attr["variance_epsilon"].f
        else:
            gamma, beta, mean, variance = values
            epsilon = node.attr["epsilon"].f if "epsilon" in node.attr else DEFAULT_EPSILON
        scale = gamma / np.sqrt(variance + epsilon)
        return Affine(scale, beta - mean * scale)

    def _read_constant(self, name: str) -> Any:
        node = self._nodes[_op_of(name)]
        while node.op == "Identity":
            node = self._nodes[_op_of(node.input[0])]
        return tf.make_ndarray(node.attr["value"].tensor).astype(np.float64) if node.op == "Const" else None

    def _find_weights(self, norm: Any, maps: int) -> list[Any]:
        """The nodes from the one before `norm` back to one with constant weights; empty if there is no such way."""
        path: list[Any] = []
        name = norm.input[0]
        while True:
            node = self._nodes[_op_of(name)]
            if len(self._uses[node.name]) != 1 or node.name in self._protected:
                return []
            path.append(node)
            if node.op in LINEAR_OPS:
                return path if self._can_scale(node, maps) else []
            if node.op not in PASSING_OPS or not self._passes(node, maps):
                return []
            name = node.input[0]

    def _can_scale(self, node: Any, maps: int) -> bool:
        weights = self._read_constant(node.input[1])
        if weights is None or (node.op == "MatMul" and node.attr["transpose_b"].b):
            return False
        depth = weights.shape[2] * weights.shape[3] if node.op == "DepthwiseConv2dNative" else weights.shape[-1]
        return depth == maps

    def _passes(self, node: Any, maps: int) -> bool:
        if node.op == "Identity":
            return True
        value = self._read_constant(node.input[1])
        # A Reshape that ends with the maps leaves them the last dimension, as slim's does around a dense layer.
        return value is not None and (node.op == "BiasAdd" or (value.size > 0 and value[-1] == maps))

    def _fold_into(self, path: list[Any], norm: Any, affine: Affine) -> None:
        linear, shift = path[-1], affine.shift
        for before, node in zip([norm, *path], path, strict=False):
            if node.op == "BiasAdd":
                shift = shift + affine.scale * self._read_constant(node.input[1])
                before.input[0] = node.input[0]
        weights = self._read_constant(linear.input[1])
        scale = affine.scale.reshape(weights.shape[2:]) if linear.op == "DepthwiseConv2dNative" else affine.scale
        linear.input[1] = self._add_constant(f"{linear.name}/folded_weights", weights * scale, linear)
        bias = self._add_constant(f"{norm.name}/folded_bias", shift, norm)
        self._replace(norm, "BiasAdd", [norm.input[0], bias], keep=("T", "data_format"))

    def _rewrite(self, norm: Any, affine: Affine) -> None:
        # Maps come first in NCHW, and what is multiplied is aligned with the last dimension.
        shape = [-1, 1, 1] if norm.attr["data_format"].s == b"NCHW" else [-1]
        scale = self._add_constant(f"{norm.name}/scale", affine.scale.reshape(shape), norm)
        shift = self._add_constant(f"{norm.name}/shift", affine.shift.reshape(shape), norm)
        product = self._graph_def.node.add(name=self._free_name(f"{norm.name}/scaled"), op="Mul")
        product.input.extend([norm.input[0], scale])
        product.attr["T"].CopyFrom(norm.attr["T"])
        self._nodes[product.name] = product
        self._replace(norm, "AddV2", [product.name, shift], keep=("T",))

    def _replace(self, norm: Any, op: str, inputs: list[str], keep: tuple[str, ...]) -> None:
        """Makes `norm` another operation under its own name, so that what follows finds it."""
        kept = {name: norm.attr[name] for name in keep if name in norm.attr}
        controls = [name for name in norm.input if name.startswith("^")]
        replacement = type(norm)(name=norm.name, op=op, device=norm.device, input=[*inputs, *controls])
        for name, value in kept.items():
            replacement.attr[name].CopyFrom(value)
        norm.CopyFrom(replacement)

    def _add_constant(self, name: str, value: np.ndarray, like: Any) -> str:
        """Adds a constant of the type of `like` and returns its name."""
        dtype = tf.as_dtype(like.attr["T"].type)
        node = self._graph_def.node.add(name=self._free_name(name), op="Const")
        node.attr["dtype"].type = dtype.as_datatype_enum
        node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(value.astype(dtype.as_numpy_dtype), dtype))
        self._nodes[node.name] = node
        return node.name

    def _free_name(self, name: str) -> str:
        while name in self._nodes:
            name += "_"
        return name

    def _drop_unused(self) -> None:
        """Takes out the constants and links that nothing reads any more; what nothing read before stays."""
        nodes = self._graph_def.node
        unused = [-1]
        while unused:
            read = {_op_of(name) for node in nodes for name in node.input} | self._protected
            unused = [at for at, node in enumerate(nodes) if node.name not in read and self._uses[node.name]]
            for at in reversed(unused):
                del nodes[at]


def _op_of(name: str) -> str:
    return name.removeprefix("^").partition(":")[0]
