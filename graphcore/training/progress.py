"""How far a training has come: what has to survive a stop beside the weights. Pure, and kept in the same
checkpoint.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

_SCALARS = "training/progress"
_FINGERPRINT = "training/fingerprint"
_BEST = "training/best/"

OBJECTIVES = ("validation/accuracy", "validation/loss")


@dataclass(frozen=True)
class Progress:
    """The state of a training between two steps.

    Attributes:
        step: optimiser steps done.
        best_step: when the kept weights were met; 0 before the first evaluation.
        best_accuracy: validation accuracy of the kept weights, in [0, 1].
        best_loss: validation loss of the kept weights.
        stale: evaluations since then.
    """

    step: int = 0
    best_step: int = 0
    best_accuracy: float = -math.inf
    best_loss: float = math.inf
    stale: int = 0

    def judge(self, accuracy: float, loss: float, objective: str) -> Progress:
        """The progress after an evaluation at this step; equal objectives are settled by the other figure."""
        if objective == "validation/loss":
            better = (-loss, accuracy) > (-self.best_loss, self.best_accuracy)
        else:
            better = (accuracy, -loss) > (self.best_accuracy, -self.best_loss)
        if better:
            return replace(self, best_step=self.step, best_accuracy=accuracy, best_loss=loss, stale=0)
        return replace(self, stale=self.stale + 1)

    def is_over(self, steps: int, patience: int) -> bool:
        """Whether all steps are done, or `patience` evaluations (0: any number) brought nothing better."""
        return self.step >= steps or (patience > 0 and self.stale >= patience)


@dataclass(frozen=True)
class TrainingState:
    """Everything a stopped training goes on from.

    Attributes:
        progress: how far it is.
        variables: weights and optimiser slots by name.
        best: the best weights so far by name; empty before the first evaluation.
        fingerprint: what decides the training's result; another one is another training.
    """

    progress: Progress
    variables: Mapping[str, np.ndarray]
    best: Mapping[str, np.ndarray]
    fingerprint: str

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The state as one dictionary for one checkpoint."""
        found = self.progress
        scalars = [found.step, found.best_step, found.best_accuracy, found.best_loss, found.stale]
        return {
            **self.variables,
            **{_BEST + name: value for name, value in self.best.items()},
            _SCALARS: np.array(scalars, np.float64),
            _FINGERPRINT: np.frombuffer(self.fingerprint.encode(), np.uint8).copy(),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> TrainingState:
        """What `to_arrays` gave; raises KeyError where it was something else."""
        step, best_step, accuracy, loss, stale = (float(value) for value in arrays[_SCALARS])
        own = (_SCALARS, _FINGERPRINT)
        return cls(
            Progress(int(step), int(best_step), accuracy, loss, int(stale)),
            {name: value for name, value in arrays.items() if name not in own and not name.startswith(_BEST)},
            {name.removeprefix(_BEST): value for name, value in arrays.items() if name.startswith(_BEST)},
            arrays[_FINGERPRINT].tobytes().decode(),
        )
