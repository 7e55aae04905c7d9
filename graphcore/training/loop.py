"""The one training loop: steps, evaluations, checkpoints, summaries, early stopping and resuming.

What is trained is a `Stepper`: frozen features under a head, or a whole network. The loop says what happens;
`actions` know when, and observers watch.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from graphcore import console
from graphcore.config import TrainerConfig
from graphcore.errors import RunError
from graphcore.training import checkpoints
from graphcore.training.actions import Every, Pause, StopRequest, listen_for_stop, plan_chunk
from graphcore.training.observer import Moment, Observer
from graphcore.training.progress import Progress, TrainingState
from graphcore.training.stepper import ChunkResult, Stepper
from graphcore.training.summaries import SummaryWriters

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainingResult:
    """A finished training: its progress, the weights kept, and their validation metrics by flat name."""

    progress: Progress
    weights: Mapping[str, np.ndarray]
    validation: Mapping[str, float]


def train(
    stepper: Stepper,
    config: TrainerConfig,
    run_dir: Path,
    fingerprint: str,
    state: TrainingState | None,
    observers: Sequence[Observer] = (),
    objective: str = "validation/accuracy",
) -> TrainingResult:
    """Trains to the end, from `state` when there is one.

    Args:
        stepper: what is trained.
        config: lengths and intervals.
        run_dir: where checkpoints and summaries go.
        fingerprint: see `resuming.fingerprint_training`; kept with every checkpoint.
        state: what to go on from; None to begin.
        observers: told of every chunk and evaluation.
        objective: "validation/<figure>" by which the best weights are chosen.

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
        loop = _Loop(stepper, config, run_dir, fingerprint, writers, state, observers, objective)
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
        observers: Sequence[Observer],
        objective: str,
    ) -> None:
        self.stepper, self.config, self.run_dir = stepper, config, run_dir
        self.fingerprint, self.writers, self.objective = fingerprint, writers, objective
        self.observers = observers
        self.progress = state.progress if state else Progress()
        self.best: Mapping[str, np.ndarray] = state.best if state else {}
        self.evaluations = Every(config.eval_every_steps, config.steps)
        self.checkpoints = Every(config.checkpoint_every_steps, config.steps)
        self.dues = [self.evaluations, self.checkpoints]
        self.dues += [Every(each.every_steps, config.steps) for each in observers if each.every_steps]
        self.saved_step = self.progress.step if state else -1
        self.told = False
        self.learning_rate = math.nan

    def run(self, stop: StopRequest) -> TrainingResult:
        with console.progress("Training", self.config.steps - self.progress.step, "steps") as advance:
            pause = Pause(stop, self.config.checkpoint_every_secs, on_steps=advance)
            while not self.progress.is_over(self.config.steps, self.config.patience):
                chunk = self._advance(pause)
                pause.chunk_taken(chunk.steps)
                if self.evaluations.is_due(self.progress.step):
                    self._evaluate(chunk)
                # Asked once: a signal between two looks must not end a training that was not saved.
                stopping = bool(stop)
                if stopping or pause.checkpoint_is_due() or self.checkpoints.is_due(self.progress.step):
                    self._save()
                    pause.saved()
                if stopping and not self.progress.is_over(self.config.steps, self.config.patience):
                    console.say(f"Stopped and saved after step {self.progress.step} of {self.config.steps}")
                    raise KeyboardInterrupt
        if self.saved_step != self.progress.step:
            self._save()
        if self.progress.step < self.config.steps:
            console.say(
                f"Stopped after step {self.progress.step}: {self.progress.stale} evaluations in a row "
                f"brought no better {self.objective} than step {self.progress.best_step}"
            )
        return self._result()

    def _advance(self, pause: Pause) -> ChunkResult:
        first = self.progress.step
        steps = plan_chunk(first, self.dues)
        for observer in self.observers:
            observer.before(first)
        chunk = self.stepper.advance(first, steps, pause)
        self.progress = replace(self.progress, step=first + chunk.steps)
        self.learning_rate = chunk.learning_rate
        if not math.isfinite(chunk.loss):
            raise self._explain_explosion(f"The loss is {chunk.loss:g}")
        for observer in self.observers:
            observer.advanced(Moment(self.progress.step, chunk, None, self.stepper, self.writers))
        return chunk

    def _explain_explosion(self, what: str) -> RunError:
        saved = checkpoints.saved_steps(self.run_dir)
        last = f"the last good checkpoint is {checkpoints.model_prefix(self.run_dir, saved[-1])}" if saved else ""
        return RunError(
            f"{what} at step {self.progress.step} (learning rate {self.learning_rate:g}); "
            f"{last or 'no checkpoint was written before'}.",
            next_step=f"Lower optimizer.learning_rate, for instance to {self.learning_rate / 10:.2g}, "
            "or add schedule.warmup_steps; use a fresh hydra.run.dir.",
        )

    def _evaluate(self, chunk: ChunkResult) -> None:
        step = self.progress.step
        scalars = {chunk.accuracy_name: chunk.accuracy, "loss": chunk.loss, "learning_rate": chunk.learning_rate}
        self.writers.write_scalars("train", step, scalars)
        found = self.stepper.evaluate()
        if found is None:
            self._tell_that_nothing_is_judged()
            # Without a validation split the newest weights are the best that can be known.
            self.progress = replace(self.progress, best_step=step)
            self.best = self.stepper.read_weights()
        else:
            self._refuse_explosion(found.values)
            self.writers.write_scalars("validation", step, {**found.values, "learning_rate": chunk.learning_rate})
            self.progress = self.progress.judge(found.values, self.objective)
            if self.progress.best_step == step:
                self.best = self.stepper.read_weights()
        best = self.progress.best_step == step
        for observer in self.observers:
            observer.evaluated(Moment(step, chunk, found, self.stepper, self.writers, best))
        self.writers.flush()
        _log.info("step %d: train %s, validation %s", step, scalars, found.values if found else None)

    def _refuse_explosion(self, figures: Mapping[str, float]) -> None:
        for name, value in figures.items():
            if not math.isfinite(value):
                raise self._explain_explosion(f"The validation {name} is {value:g}")

    def _tell_that_nothing_is_judged(self) -> None:
        if self.config.patience and not self.told:
            console.warn(f"trainer.patience={self.config.patience} ends nothing: the validation split has no samples.")
            self.told = True

    def _save(self) -> None:
        variables = self.stepper.read_variables()
        # A loss is that of the weights before its step: the last step of all may leave what no loss has seen.
        for name, value in variables.items():
            if value.dtype.kind == "f" and not np.isfinite(value).all():
                raise self._explain_explosion(f"{name} is not finite")
        for observer in self.observers:
            observer.saving()
        state = TrainingState(self.progress, variables, self.best, self.fingerprint)
        checkpoints.write_state(self.run_dir, self.progress.step, state.to_arrays())
        self.saved_step = self.progress.step

    def _result(self) -> TrainingResult:
        found = self.progress
        return TrainingResult(found, self.best, {f"validation/{name}": value for name, value in found.best.items()})
