"""Who watches a training: told before steps are taken, after them, and at every evaluation."""

from __future__ import annotations

from dataclasses import dataclass

from graphcore.training.stepper import ChunkResult, Evaluation, Stepper
from graphcore.training.summaries import SummaryWriters


@dataclass(frozen=True)
class Moment:
    """What an observer is shown.

    Attributes:
        step: optimiser steps done.
        chunk: what the newest of them came to.
        evaluation: of the validation split; None between evaluations, or where the split is empty.
        stepper: what is trained.
        writers: TensorBoard's event files.
        best: whether no earlier evaluation was better: these are the weights that would be kept.
    """

    step: int
    chunk: ChunkResult
    evaluation: Evaluation | None
    stepper: Stepper
    writers: SummaryWriters
    best: bool = False


class Observer:
    """Watches; subclasses override what they want to hear of.

    Attributes:
        every_steps: a multiple of steps at which the observer wants to be told `advanced`; 0 for none in particular.
    """

    every_steps = 0

    def before(self, step: int) -> None:
        """Some steps are about to be taken; `step` are done."""

    def advanced(self, moment: Moment) -> None:
        """Some steps have been taken."""

    def evaluated(self, moment: Moment) -> None:
        """The validation split has been looked at, or would have been, were it not empty."""

    def saving(self) -> None:
        """A checkpoint is about to be written, as one is at the end of every training."""
