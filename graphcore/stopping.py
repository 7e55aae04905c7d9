"""Ctrl-C and SIGTERM, heard wherever a command happens to be.

Python hears a signal in its main thread only, between two of its steps. One that comes just before that thread goes to
wait for others, or that the system gives to another thread, is noted, and heard when the wait ends: on two busy cores
3 of some hundred servers slept through their SIGTERM. So a stopped command is woken once more, shortly after.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

# Nobody else sends it here, and unheard it does nothing. Windows has none.
_WAKING: int | None = getattr(signal, "SIGURG", None)
_AFTER_SECS = (0.05, 0.5, 2.0)


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Makes SIGTERM end the block as Ctrl-C does, so that whatever is under way cleans up and says how to go on.

    Does nothing outside the main thread, or where somebody else listens to SIGTERM.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def interrupt(number: int, frame: Any) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    try:
        with _waking():
            yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextlib.contextmanager
def unmasked() -> Iterator[None]:
    """Passes on the interrupt where a library that was interrupted in the middle stumbled over what it had left.

    Raises:
        KeyboardInterrupt: an error came of one.
    """
    try:
        yield
    except Exception as error:
        if _comes_of_interrupt(error):
            raise KeyboardInterrupt from error
        raise


def _comes_of_interrupt(error: BaseException | None) -> bool:
    seen: set[int] = set()  # a chain may be a ring
    while error is not None and id(error) not in seen:
        if isinstance(error, KeyboardInterrupt):
            return True
        seen.add(id(error))
        error = error.__cause__ or error.__context__
    return False


@contextlib.contextmanager
def _waking() -> Iterator[None]:
    """Has a thread hear of each signal at once, whoever it was given to, and wake the main one if it sleeps on."""
    if _WAKING is None or signal.getsignal(_WAKING) is not signal.SIG_DFL:
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.signal(_WAKING, lambda number, frame: None)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    of_main = threading.get_ident()
    threading.Thread(target=_wake, args=(reader, of_main, _WAKING), name="stopping", daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        signal.signal(_WAKING, signal.SIG_DFL)
        os.close(writer)


def _wake(reader: int, main_thread: int, waking: int) -> None:
    """Until nobody writes any more."""
    while numbers := os.read(reader, 64):
        if set(numbers) == {waking}:
            continue
        for seconds in _AFTER_SECS:
            time.sleep(seconds)
            signal.pthread_kill(main_thread, waking)
    os.close(reader)
