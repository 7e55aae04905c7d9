"""Drawing on all cores: each unit of a sample in a process of its own turn, handed over as it is finished."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any, TypeVar

Result = TypeVar("Result")


def draw_all(draw: Callable[..., Result], units: Sequence[tuple[Any, ...]]) -> Iterator[tuple[tuple[Any, ...], Result]]:
    """Calls `draw(*unit)` for every unit and yields each with its result, as they are finished.

    Args:
        draw: a function at the top of its module.
        units: its arguments.
    """
    workers = min(os.cpu_count() or 1, len(units))
    if workers <= 1:
        yield from ((unit, draw(*unit)) for unit in units)
        return
    # Spawned, not forked: the caller may have threads running. Pillow's drawing holds the lock, so threads
    # would not help.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, initializer=_leave_with_parent) as pool:
        tasks = {pool.submit(draw, *unit): unit for unit in units}
        try:
            for task in as_completed(tasks):
                yield tasks[task], task.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _leave_with_parent() -> None:
    """Ends this worker when its parent is killed: a pool's workers would otherwise wait for work for ever."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
