"""What can be trained: a session whose variables are read and written by name, taking steps on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from graphcore.heads.factory import Head
from graphcore.nets.restore import assign_values
from graphcore.training.actions import Pause


@dataclass(frozen=True)
class ChunkResult:
    """What some steps came to.

    Attributes:
        steps: how many were taken; fewer than asked for after a request to pause or a loss that is not finite.
        loss: mean over their batches, without weight decay; not finite when the last of them was not.
        accuracy: mean over their batches, in [0, 1]; of several labels a picture, the share of labels that are right.
        learning_rate: of the last of them.
        accuracy_name: what `accuracy` is: "accuracy", or "label_accuracy" of several labels a picture.
    """

    steps: int
    loss: float
    accuracy: float
    learning_rate: float
    accuracy_name: str = "accuracy"


@dataclass(frozen=True)
class Evaluation:
    """A look at the validation split.

    Attributes:
        values: figures by name, such as "accuracy" and "loss"; see `heads.judge`.
        keys: the samples' keys.
        labels: int32 [n], or uint8 [n, classes] of 0 and 1.
        scores: float32 [n, classes] in [0, 1].
    """

    values: Mapping[str, float]
    keys: tuple[str, ...] = ()
    labels: np.ndarray = field(repr=False, default_factory=lambda: np.zeros(0, np.int32))
    scores: np.ndarray = field(repr=False, default_factory=lambda: np.zeros((0, 0), np.float32))


class Stepper(Protocol):
    """Something that can be trained. It holds a session; `variables` are weights and slots by name."""

    graph: Any

    def advance(self, first_step: int, steps: int, pause: Pause) -> ChunkResult:
        """Takes `steps` optimiser steps, the first of which is number `first_step`; fewer once `pause` is true."""
        ...

    def evaluate(self) -> Evaluation | None:
        """What the weights are worth on the validation split; None where it is empty."""
        ...

    def read_variables(self) -> dict[str, np.ndarray]:
        """All that a resumed training needs."""
        ...

    def write_variables(self, values: Mapping[str, np.ndarray]) -> None:
        """Sets what `read_variables` gave."""
        ...

    def read_weights(self) -> dict[str, np.ndarray]:
        """What a finished run keeps."""
        ...

    def read_histograms(self) -> dict[str, np.ndarray]:
        """Values whose distribution is worth a look, by tag: trained weights, and "gradients/..." of one batch."""
        ...


class SessionStepper:
    """The half of a `Stepper` that only needs a session; a context manager that closes it."""

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

    @property
    def accuracy_name(self) -> str:
        """What the accuracy of a batch is called; see `ChunkResult`."""
        return "label_accuracy" if self._head.multi_label else "accuracy"

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *error: object) -> None:
        self._session.close()

    def read_variables(self) -> dict[str, np.ndarray]:
        """See `Stepper`."""
        return self._session.run(self._variables)

    def write_variables(self, values: Mapping[str, np.ndarray]) -> None:
        """See `Stepper`."""
        # Variables are hashable only where no eager mode is in force.
        with self.graph.as_default():
            assign_values(self._session, {self._variables[name]: values[name] for name in self._variables})

    def read_weights(self) -> dict[str, np.ndarray]:
        """See `Stepper`."""
        return self._session.run(self._model_variables)
