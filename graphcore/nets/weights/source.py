"""Weights that were found but not yet read: of which form, where, and which of them are wanted."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from graphcore.errors import CheckpointError
from graphcore.graph.runtime import tf
from graphcore.nets.weights.averages import take_averages
from graphcore.nets.weights.table import escape_pattern, is_table
from graphcore.nets.weights.values import digest_weights

GRAPH_KINDS = ("graph", "saved_model")


@dataclass(frozen=True)
class CheckpointSource:
    """Weights that were found but not yet read.

    Attributes:
        kind: "checkpoint" (TensorFlow's own formats, V1 and V2) or "npz" (arrays by variable name); "graph" (a
            frozen GraphDef) and "saved_model" hold a network with its weights, which `nets.foreign` reads.
        path: checkpoint prefix, the file, or the SavedModel's folder.
        title: what messages call it.
        end_point: the layer whose pooled maps are its best features, where that is known not to be the last.
        use_ema: whether moving averages take the place of the weights they are of.
        exclude_scopes: variables that lie under one of these are not restored.
        ignore_missing: whether variables that it lacks may keep their initial values.
    """

    kind: Literal["checkpoint", "npz", "graph", "saved_model"]
    path: Path
    title: str
    end_point: str | None = None
    use_ema: bool = False
    exclude_scopes: tuple[str, ...] = ()
    ignore_missing: bool = False

    @property
    def is_graph(self) -> bool:
        """Whether it is a network with its weights, rather than weights by name."""
        return self.kind in GRAPH_KINDS

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Returns every variable's shape by its name.

        Raises:
            CheckpointError: the file is damaged, or has no moving averages where they are wanted.
        """
        if self.kind == "npz":
            return {name: value.shape for name, value in self.read_all().items()}
        with _told_as_checkpoint_error(self):
            return self._choose({name: tuple(shape) for name, shape in tf.train.list_variables(self._pattern())})

    def read_all(self) -> dict[str, np.ndarray]:
        """Returns every variable's value by its name; half precision on disk becomes float32.

        Raises:
            CheckpointError: the file is damaged, or has no moving averages where they are wanted.
        """
        with _told_as_checkpoint_error(self):
            if self.kind == "npz":
                # allow_pickle=False: a stranger's weights must not be able to run code.
                # Opened here, because numpy leaves a file open that turns out not to be a zip.
                with open(self.path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
                    return self._choose({name: _widen(arrays[name]) for name in sorted(arrays.files)})
            reader = tf.train.load_checkpoint(self._pattern())
            names = sorted(reader.get_variable_to_shape_map())
            return self._choose({name: np.asarray(reader.get_tensor(name)) for name in names})

    def digest(self) -> str:
        """Returns `digest_weights` of all that would be restored: excluded scopes do not count."""
        return digest_weights({name: value for name, value in self.read_all().items() if not self._excludes(name)})

    def _choose(self, values: dict) -> dict:
        return take_averages(values, self.title) if self.use_ema else values

    def _excludes(self, name: str) -> bool:
        return any(f"{name}/".startswith(f"{scope.rstrip('/')}/") for scope in self.exclude_scopes)

    def _pattern(self) -> str:
        if self.is_graph:
            raise CheckpointError(f"{self.title} is a graph, not a checkpoint.", next_step="Choose backbone=graph.")
        # TensorFlow takes the name of a V1 file for a pattern, and that of a V2 prefix as it is.
        return escape_pattern(str(self.path)) if is_table(self.path) else str(self.path)


# What TensorFlow's and numpy's readers were seen to raise when given damaged or wrong files.
_DAMAGED = (
    *(tf.errors.OpError, OSError, ValueError, LookupError, EOFError),
    *(zipfile.BadZipFile, RuntimeError, TypeError, AttributeError),
    MemoryError,  # of a header that claims more than there is
)


@contextmanager
def _told_as_checkpoint_error(source: CheckpointSource) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        first_line = (str(error).splitlines() or [type(error).__name__])[0]
        raise CheckpointError(
            f"Cannot read the weights of {source.title}: {first_line}",
            next_step="The file is damaged or incomplete: copy or fetch it again, its .data parts too.",
        ) from error


def _widen(value: np.ndarray) -> np.ndarray:
    return value.astype(np.float32) if value.dtype == np.float16 else value
