"""Moving averages of weights: less noisy than the weights of any one step, and what is evaluated and kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from graphcore.graph.runtime import tf, tf1
from graphcore.nets.restore import assign_values


class Averages:
    """The moving averages of some variables, each kept as `NAME/ExponentialMovingAverage`.

    In the first steps they follow faster, by (1 + step) / (10 + step), so that the start is forgotten in time.

    Source: tf.train.ExponentialMovingAverage, `num_updates`.
    """

    def __init__(self, decay: float, variables: Sequence[Any], step: Any, after: Sequence[Any]) -> None:
        """Adds the averages and their update.

        Args:
            decay: how much of an average each step keeps, in [0, 1).
            variables: what is averaged.
            step: scalar, the steps that are done.
            after: operations that the update waits for.
        """
        self.names = [variable.op.name for variable in variables]
        self._variables = list(variables)
        averages = tf1.train.ExponentialMovingAverage(decay, num_updates=step)
        with tf.control_dependencies(after):
            self.update = averages.apply(self._variables)
        self._averages = [averages.average(variable) for variable in self._variables]

    @property
    def by_name(self) -> dict[str, Any]:
        """Each average by the name of the variable it is of."""
        return dict(zip(self.names, self._averages, strict=True))

    def begin(self, session: Any) -> None:
        """Sets each average to its variable: what it was initialised with is not what was restored since."""
        self._assign(session, self._averages, session.run(self._variables))

    @contextmanager
    def in_place(self, session: Any) -> Iterator[None]:
        """Inside, the variables have the values of their averages."""
        own = session.run(self._variables)
        self._assign(session, self._variables, session.run(self._averages))
        try:
            yield
        finally:
            self._assign(session, self._variables, own)

    def _assign(self, session: Any, variables: Sequence[Any], values: Sequence[np.ndarray]) -> None:
        # Variables are hashable only where no eager mode is in force.
        with session.graph.as_default():
            assign_values(session, dict(zip(variables, values, strict=True)))
