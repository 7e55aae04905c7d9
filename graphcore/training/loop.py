"""The one training loop: steps, evaluations, checkpoints, summaries, early stopping and resuming.

What is trained is a `Stepper`: frozen features under a head, or a whole network. The loop says what happens;
`actions` know when.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from graphcore import console
from graphcore.config import Config, TrainerConfig
from graphcore.errors import RunError
from graphcore.training import checkpoints
from graphcore.training.actions import Every, StopRequest, listen_for_stop, plan_chunk
from graphcore.training.progress import Progress, TrainingState
from graphcore.training.schedules import depends_on_total
from graphcore.training.summaries import SummaryWriters

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ChunkResult:
    """What some steps came to.

    Attributes:
        steps: how many were taken; fewer than asked for after a request to stop or a loss that is not finite.
        loss: mean over their batches, without weight decay; not finite when the last of them was not.
        accuracy: mean over their batches, in [0, 1].
        learning_rate: of the last of them.
    """

    steps: int
    loss: float
    accuracy: float
    learning_rate: float


class Stepper(Protocol):
    """Something that can be trained. It holds a session; `variables` are weights and slots by name."""

    graph: Any

    def advance(self, first_step: int, steps: int, stop: StopRequest) -> ChunkResult:
        """Takes `steps` optimiser steps, the first of which is number `first_step`."""
        ...

    def evaluate(self) -> dict[str, float] | None:
        """Accuracy in [0, 1] and loss over the validation split; None where it is empty."""
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

    def head_weights(self) -> np.ndarray:
        """The weights of the last layer, for the histogram."""
        ...


@dataclass(frozen=True)
class TrainingResult:
    """A finished training: its progress, the weights kept, and their validation metrics by flat name."""

    progress: Progress
    weights: Mapping[str, np.ndarray]
    validation: Mapping[str, float]


def read_resumable(run_dir: Path, fingerprint: str) -> TrainingState | None:
    """The state a training in `run_dir` goes on from; None to begin.

    Raises:
        RunError: the folder holds a training of other data, weights or options.
    """
    arrays = checkpoints.read_newest_state(run_dir)
    if arrays is None:
        return None
    try:
        state = TrainingState.from_arrays(arrays)
    except (KeyError, ValueError) as error:
        raise RunError(
            f"{checkpoints.checkpoints_dir(run_dir)} holds checkpoints of another program.",
            next_step="Choose another hydra.run.dir.",
        ) from error
    if state.fingerprint != fingerprint:
        raise RunError(
            f"{run_dir} holds a training of other data, weights or options (step {state.progress.step}).",
            next_step="Give the options it was started with, choose another hydra.run.dir, "
            f"or remove {checkpoints.checkpoints_dir(run_dir)}.",
        )
    return state


def fingerprint_training(config: Config, dataset_digest: str, weights_digest: str) -> str:
    """SHA-256 in hex of all that decides the result at each step; lengths and intervals may change on
    resuming.
    """
    parts = [asdict(part) for part in (config.head, config.augment, config.optimizer, config.schedule)]
    backbone = config.backbone
    parts.append(
        {"backbone": [backbone.name, backbone.width, backbone.image_size, backbone.end_point], "seed": config.seed}
    )
    parts.append({"trainer": config.trainer.name, "batch_size": config.trainer.batch_size})
    parts.append({"steps": config.trainer.steps if depends_on_total(config.schedule) else None})
    text = json.dumps([parts, dataset_digest, weights_digest], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def train(
    stepper: Stepper, config: TrainerConfig, run_dir: Path, fingerprint: str, state: TrainingState | None
) -> TrainingResult:
    """Trains to the end, from `state` when there is one.

    Raises:
        RunError: the loss is not finite, or `run_dir` is already further than it should go.
        KeyboardInterrupt: somebody asked for an end; the state is saved.
    """
    if state is not None:
        _refuse_fewer_steps(state.progress.step, config.steps, run_dir)
        stepper.write_variables(state.variables)
        if not state.progress.is_over(config.steps, config.patience):
            console.say(f"Going on after step {state.progress.step} of {config.steps}")
    with SummaryWriters(run_dir) as writers, listen_for_stop() as stop:
        if state is None:
            writers.write_graph(stepper.graph)
        loop = _Loop(stepper, config, run_dir, fingerprint, writers, state)
        return loop.run(stop)


def _refuse_fewer_steps(done: int, asked: int, run_dir: Path) -> None:
    # Its result would be that of a longer training than the one that is asked for.
    if done > asked:
        raise RunError(
            f"{run_dir} is at step {done} already, beyond trainer.steps={asked}.",
            next_step=f"Set trainer.steps={done} or more, or choose another hydra.run.dir.",
        )


class _Loop:
    def __init__(
        self,
        stepper: Stepper,
        config: TrainerConfig,
        run_dir: Path,
        fingerprint: str,
        writers: SummaryWriters,
        state: TrainingState | None,
    ) -> None:
        self.stepper, self.config, self.run_dir = stepper, config, run_dir
        self.fingerprint, self.writers = fingerprint, writers
        self.progress = state.progress if state else Progress()
        self.best: Mapping[str, np.ndarray] = state.best if state else {}
        self.evaluations = Every(config.eval_every_steps, config.steps)
        self.checkpoints = Every(config.checkpoint_every_steps, config.steps)
        self.saved_step = self.progress.step if state else -1

    def run(self, stop: StopRequest) -> TrainingResult:
        with console.progress("Training", self.config.steps - self.progress.step, "steps") as advance:
            while not self.progress.is_over(self.config.steps, self.config.patience):
                chunk = self._advance(stop)
                advance(chunk.steps)
                if self.evaluations.is_due(self.progress.step):
                    self._evaluate(chunk)
                if stop or self.checkpoints.is_due(self.progress.step):
                    self._save()
                if stop and not self.progress.is_over(self.config.steps, self.config.patience):
                    console.say(f"Stopped and saved after step {self.progress.step} of {self.config.steps}")
                    raise KeyboardInterrupt
        if self.saved_step != self.progress.step:
            self._save()
        if self.progress.step < self.config.steps:
            console.say(
                f"Stopped after step {self.progress.step}: {self.progress.stale} evaluations in a row "
                f"brought no better {self.config.objective} than step {self.progress.best_step}"
            )
        return self._result()

    def _advance(self, stop: StopRequest) -> ChunkResult:
        steps = plan_chunk(self.progress.step, (self.evaluations, self.checkpoints))
        chunk = self.stepper.advance(self.progress.step, steps, stop)
        self.progress = replace(self.progress, step=self.progress.step + chunk.steps)
        if not math.isfinite(chunk.loss):
            raise RunError(
                f"The loss is {chunk.loss:g} at step {self.progress.step} (learning rate {chunk.learning_rate:g}).",
                next_step=f"Lower optimizer.learning_rate, for instance to {chunk.learning_rate / 10:.2g}, "
                "or add schedule.warmup_steps; use a fresh hydra.run.dir.",
            )
        return chunk

    def _evaluate(self, chunk: ChunkResult) -> None:
        step = self.progress.step
        scalars = {"accuracy": chunk.accuracy, "loss": chunk.loss, "learning_rate": chunk.learning_rate}
        self.writers.write_scalars("train", step, scalars)
        self.writers.write_histogram("train", step, "head/weights", self.stepper.head_weights())
        found = self.stepper.evaluate()
        if found is None:
            # Without a validation split the newest weights are the best that can be known.
            self.progress = replace(self.progress, best_step=step)
            self.best = self.stepper.read_weights()
        else:
            self.writers.write_scalars("validation", step, found | {"learning_rate": chunk.learning_rate})
            self.progress = self.progress.judge(found["accuracy"], found["loss"], self.config.objective)
            if self.progress.best_step == step:
                self.best = self.stepper.read_weights()
        self.writers.flush()
        _log.info("step %d: train %s, validation %s", step, scalars, found)

    def _save(self) -> None:
        state = TrainingState(self.progress, self.stepper.read_variables(), self.best, self.fingerprint)
        checkpoints.write_state(self.run_dir, self.progress.step, state.to_arrays())
        self.saved_step = self.progress.step

    def _result(self) -> TrainingResult:
        found = self.progress
        validation = {}
        if math.isfinite(found.best_loss):
            validation = {"validation/accuracy": found.best_accuracy, "validation/loss": found.best_loss}
        return TrainingResult(found, self.best, validation)
