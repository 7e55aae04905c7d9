"""A profile of some training steps, for TensorBoard's PROFILE tab (the package xprof shows it)."""

from __future__ import annotations

from pathlib import Path

from graphcore import console
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf
from graphcore.training.observer import Moment, Observer
from graphcore.training.summaries import SUMMARIES


def require_enough_steps(steps: int, training_steps: int) -> None:
    """Refuses a profile of more steps than a training has left once as many have warmed up.

    Raises:
        ConfigError: the training is too short.
    """
    if 2 * steps > training_steps:
        raise ConfigError(
            f"summaries.profile_steps={steps} needs as many steps again to warm up, "
            f"and trainer.steps={training_steps}.",
            next_step=f"Set summaries.profile_steps={training_steps // 2} or less.",
        )


class Profile(Observer):
    """Profiles `steps` steps once, after as many that warm up."""

    def __init__(self, run_dir: Path, steps: int, training_steps: int) -> None:
        """Takes the run's folder, how many steps to profile, and how many the training takes in all.

        Raises:
            ConfigError: the training is over before so many steps have warmed up and as many were profiled.
        """
        require_enough_steps(steps, training_steps)
        self.every_steps = steps
        self._folder = run_dir / SUMMARIES / "train"
        self._warm = self._running = self._done = False
        self._first = 0

    def before(self, step: int) -> None:
        """Starts at a multiple of its steps, once some have been taken in this process."""
        if self._warm and not self._running and not self._done and step % self.every_steps == 0:
            _start(str(self._folder))
            self._running, self._first = True, step

    def advanced(self, moment: Moment) -> None:
        """Ends when enough steps have been taken."""
        self._warm = True
        if self._running and moment.step >= self._first + self.every_steps:
            tf.profiler.experimental.stop()
            self._running, self._done = False, True
            console.say(f"Profiled steps {self._first} to {moment.step}: {self._folder / 'plugins' / 'profile'}")


def _start(folder: str) -> None:
    try:
        tf.profiler.experimental.start(folder)
    except tf.errors.AlreadyExistsError:
        # Of a training in this process that failed half-way through its own.
        tf.profiler.experimental.stop(save=False)
        tf.profiler.experimental.start(folder)
