"""How far a training has come: what has to survive a stop beside the weights. Pure, and kept in the same
checkpoint.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

_SCALARS = "training/progress"
_FIGURES = "training/best_figures"
_FINGERPRINT = "training/fingerprint"
_BEST = "training/best/"

# Less of these is better.
_COSTS = ("loss",)


@dataclass(frozen=True)
class Progress:
    """The state of a training between two steps.

    Attributes:
        step: optimiser steps done.
        best_step: when the kept weights were met; 0 before the first evaluation.
        best: validation figures of the kept weights by name; empty before the first evaluation, or without a
            validation split.
        stale: evaluations since then.
    """

    step: int = 0
    best_step: int = 0
    best: Mapping[str, float] = field(default_factory=dict)
    stale: int = 0

    def judge(self, values: Mapping[str, float], objective: str) -> Progress:
        """The progress after an evaluation at this step; equal objectives are settled by the other figures.

        Args:
            values: figures by name.
            objective: "validation/<name of one of them>".
        """
        if not self.best or _rank(values, objective) > _rank(self.best, objective):
            return replace(self, best_step=self.step, best=dict(values), stale=0)
        return replace(self, stale=self.stale + 1)

    def is_over(self, steps: int, patience: int) -> bool:
        """Whether all steps are done, or `patience` evaluations (0: any number) brought nothing better."""
        return self.step >= steps or (patience > 0 and self.stale >= patience)


def _rank(values: Mapping[str, float], objective: str) -> tuple[float, ...]:
    chosen = objective.removeprefix("validation/")
    names = [chosen, *(name for name in sorted(values) if name != chosen)]
    return tuple(-values[name] if name in _COSTS else values[name] for name in names)


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
        return {
            **self.variables,
            **{_BEST + name: value for name, value in self.best.items()},
            _SCALARS: np.array([found.step, found.best_step, found.stale], np.int64),
            _FIGURES: _to_array(json.dumps(dict(found.best))),
            _FINGERPRINT: _to_array(self.fingerprint),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> TrainingState:
        """What `to_arrays` gave; raises KeyError or ValueError where it was something else."""
        step, best_step, stale = (int(value) for value in arrays[_SCALARS])
        own = (_SCALARS, _FIGURES, _FINGERPRINT)
        return cls(
            Progress(step, best_step, json.loads(_to_text(arrays[_FIGURES])), stale),
            {name: value for name, value in arrays.items() if name not in own and not name.startswith(_BEST)},
            {name.removeprefix(_BEST): value for name, value in arrays.items() if name.startswith(_BEST)},
            _to_text(arrays[_FINGERPRINT]),
        )


def _to_array(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), np.uint8).copy()


def _to_text(array: np.ndarray) -> str:
    return array.tobytes().decode()
