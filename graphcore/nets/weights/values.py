"""Arrays by variable name: their digest, how they leave a session, and how they are written down."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from graphcore.atomic import write_bytes
from graphcore.errors import CheckpointError
from graphcore.graph.runtime import tf, tf1


def digest_weights(values: Mapping[str, np.ndarray]) -> str:
    """Returns a SHA-256 in hex over names, types, shapes and values: equal weights, equal digest."""
    digest = hashlib.sha256()
    for name in sorted(values):
        value = np.ascontiguousarray(values[name])
        digest.update(f"{name}\0{value.dtype.str}\0{value.shape}\0".encode())
        digest.update(value.tobytes())
    return digest.hexdigest()


def read_variables(session: Any, variables: Iterable[Any]) -> dict[str, np.ndarray]:
    """Returns the values that a session holds, by slim's names ("MobilenetV1/Conv2d_0/weights")."""
    by_name = {variable.op.name: variable for variable in variables}
    return session.run(by_name)


def write_checkpoint(prefix: Path, values: Mapping[str, np.ndarray]) -> Path:
    """Writes values as a TensorFlow checkpoint that slim, and `locate_checkpoint`, read.

    The index file is written last, so a checkpoint that was cut short is not one.

    Returns:
        `prefix`.
    """
    prefix = Path(prefix)
    prefix.parent.mkdir(parents=True, exist_ok=True)
    names = sorted(values)
    with tf.init_scope(), tf.device("CPU:0"):
        if tf.executing_eagerly():
            # A session of its own took 40 ms of a MobileNet and 8 of a head; this takes 5 and 1, for the same bytes.
            _save(prefix, names, [tf.constant(values[name]) for name in names])
            return prefix
    # Under somebody's `with graph.as_default()`, or without eager execution, nothing would be saved like that.
    with tf.Graph().as_default(), tf1.Session() as session:
        tensors = [tf1.placeholder(tf.as_dtype(values[name].dtype), values[name].shape) for name in names]
        save = _save(prefix, names, tensors)
        session.run(save, dict(zip(tensors, (values[name] for name in names), strict=True)))
    return prefix


def _save(prefix: Path, names: list[str], tensors: list[Any]) -> Any:
    slices = [""] * len(names)
    return tf.raw_ops.SaveV2(prefix=str(prefix), tensor_names=names, shape_and_slices=slices, tensors=tensors)


def write_npz(path: Path, values: Mapping[str, np.ndarray], dtype: str = "float16") -> Path:
    """Writes values as one compressed .npz, the form of the embedded checkpoint.

    Args:
        path: the file, made in one step.
        values: arrays by variable name.
        dtype: filters are stored so; half precision is enough for them and half the size. Vectors (biases,
            batch norm) stay as they are: they are few, and a small variance would lose its digits.

    Raises:
        CheckpointError: a value does not fit into `dtype`.
    """
    stored: dict[str, Any] = {name: _narrow(name, values[name], np.dtype(dtype)) for name in sorted(values)}
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **stored)
    write_bytes(Path(path), buffer.getvalue())
    return Path(path)


def _narrow(name: str, value: np.ndarray, dtype: np.dtype) -> np.ndarray:
    if value.ndim < 2 or not np.issubdtype(value.dtype, np.floating):
        return value
    if np.isfinite(value).all() and np.abs(value).max(initial=0) > np.finfo(dtype).max:
        raise CheckpointError(f"{name} has values up to {np.abs(value).max():g}, too large for {dtype}.")
    return value.astype(dtype)
