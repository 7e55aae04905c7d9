"""A trained head at work: features in, scores out, in a graph of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from graphcore.errors import CheckpointError
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.factory import Head
from graphcore.nets.restore import assign_values

FEATURES = "features"
SCORES = "scores"
_ROWS = 4096


@dataclass(frozen=True)
class TrainedHead:
    """A head and the values of its variables.

    Attributes:
        head: how it is built.
        variables: arrays by name, all that its graph has.
    """

    head: Head
    variables: Mapping[str, np.ndarray] = field(repr=False)

    def freeze(self, dimension: int) -> Program:
        """A program without variables: "features" float32 [batch, dimension] to "scores" float32 [batch, classes].

        Raises:
            CheckpointError: a variable is missing, or has another shape.
        """
        with tf.Graph().as_default() as graph:
            features = tf1.placeholder(tf.float32, [None, dimension], name=FEATURES)
            _, end_points = self.head.build(features, is_training=False)
            program = Program(graph, {FEATURES: features.name}, {SCORES: end_points["probabilities"].name})
            variables = {variable.op.name: variable for variable in tf1.global_variables()}
            self._check({name: tuple(variable.shape.as_list()) for name, variable in variables.items()})
            with program.session() as runner:
                assign_values(runner.session, {variable: self.variables[name] for name, variable in variables.items()})
                return runner.freeze()

    def scores(self, features: np.ndarray) -> np.ndarray:
        """float32 [n, dimension] features to float32 [n, classes] scores in [0, 1]."""
        program = self.freeze(features.shape[1])
        try:
            run = program.make_callable([FEATURES], [SCORES])
            parts = [run(features[start : start + _ROWS])[0] for start in range(0, len(features), _ROWS)]
        finally:
            program.close()
        return np.concatenate(parts) if parts else np.zeros((0, self.head.num_classes), np.float32)

    def _check(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        for name, shape in shapes.items():
            if name not in self.variables:
                raise CheckpointError(f"The checkpoint holds no {name}.", choices=sorted(self.variables))
            if self.variables[name].shape != shape:
                raise CheckpointError(
                    f"{name} has shape {list(self.variables[name].shape)} in the checkpoint, and {list(shape)} "
                    "in the head.",
                    next_step="Train the run again.",
                )
