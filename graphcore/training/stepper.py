"""What every kind of training shares: a session whose variables are read and written by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from graphcore.heads.factory import Head
from graphcore.nets.restore import assign_values


class SessionStepper:
    """The half of `loop.Stepper` that only needs a session; a context manager that closes it."""

    def __init__(
        self, graph: Any, session: Any, head: Head, variables: Mapping[str, Any], model_variables: Mapping[str, Any]
    ) -> None:
        """Takes what a subclass has built.

        Args:
            graph: the finalised tf.Graph.
            session: an open session on it.
            head: the head under training.
            variables: everything that resuming needs, by name: weights, optimiser slots.
            model_variables: those of them that a finished run keeps.
        """
        self.graph, self._session, self._head = graph, session, head
        self._variables, self._model_variables = variables, model_variables

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: object) -> None:
        self._session.close()

    def read_variables(self) -> dict[str, np.ndarray]:
        """See `loop.Stepper`."""
        return self._session.run(self._variables)

    def write_variables(self, values: Mapping[str, np.ndarray]) -> None:
        """See `loop.Stepper`."""
        # Variables are hashable only where no eager mode is in force.
        with self.graph.as_default():
            assign_values(self._session, {self._variables[name]: values[name] for name in self._variables})

    def read_weights(self) -> dict[str, np.ndarray]:
        """See `loop.Stepper`."""
        return self._session.run(self._model_variables)

    def head_weights(self) -> np.ndarray:
        """See `loop.Stepper`."""
        return self._session.run(self._variables[self._head.decayed[0]])
