"""When things happen in a training: pure functions of the step, and the ear for a request to stop."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True)
class Every:
    """Due at every multiple of `steps`, and at the last step of all."""

    steps: int
    last_step: int

    def is_due(self, step: int) -> bool:
        """Whether it is due once `step` steps are done."""
        return step == self.last_step or (step > 0 and step % self.steps == 0)

    def next_due(self, step: int) -> int:
        """The first step after `step` at which it is due."""
        return min(self.last_step, (step // self.steps + 1) * self.steps)


def plan_chunk(step: int, actions: Iterable[Every]) -> int:
    """How many steps can be taken in one go after `step` before one of `actions` is due."""
    return min(action.next_due(step) for action in actions) - step


class StopRequest:
    """Whether somebody has asked for the training to end; false at first."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def __bool__(self) -> bool:
        return self._event.is_set()

    def ask(self) -> None:
        """Asks."""
        self._event.set()


class Pause:
    """Whether a training should come up for air: somebody asked for its end, or a checkpoint is due by the clock.

    True or false when it is looked at; a stepper whose steps are slow looks after each of them.
    """

    def __init__(
        self,
        stop: StopRequest | None = None,
        every_secs: float = float("inf"),
        on_steps: Callable[[int], None] = lambda steps: None,
    ) -> None:
        """Takes what it hangs on, and who is to hear of steps.

        Args:
            stop: the request to listen to.
            every_secs: how many seconds may pass between two checkpoints.
            on_steps: told how many steps were taken since it was told the last time.
        """
        # A request that nobody has made yet is false: `or` would lose it.
        self.stop = StopRequest() if stop is None else stop
        self._every_secs = every_secs
        self._saved = time.monotonic()
        self._on_steps, self._told = on_steps, 0

    def __bool__(self) -> bool:
        return bool(self.stop) or self.checkpoint_is_due()

    def checkpoint_is_due(self) -> bool:
        """Whether the last checkpoint was written that long ago."""
        return time.monotonic() - self._saved >= self._every_secs

    def saved(self) -> None:
        """Notes that a checkpoint was written just now."""
        self._saved = time.monotonic()

    def step_taken(self) -> None:
        """Tells of a step within a chunk, where a stepper takes them one by one: a chunk may last a minute."""
        self._on_steps(1)
        self._told += 1

    def chunk_taken(self, steps: int) -> None:
        """Tells of those steps of a finished chunk that nobody has told of yet."""
        self._on_steps(steps - self._told)
        self._told = 0


@contextmanager
def listen_for_stop() -> Iterator[StopRequest]:
    """Turns SIGINT and SIGTERM into a request while the block runs; a second signal acts as it did before.

    Outside the main thread Python allows no handlers, and the request stays false.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    previous = {number: signal.getsignal(number) for number in _SIGNALS}

    def handle(number: int, frame: FrameType | None) -> None:
        request.ask()
        signal.signal(number, previous[signal.Signals(number)])

    for number in previous:
        signal.signal(number, handle)
    try:
        yield request
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
