"""What a command may do in the process that is its own, and a library in somebody else's must not.

TensorFlow is half a million Python objects that live as long as the process. Each generation of the garbage collector
walks them all once, and Python does once more at its end: 0.5 s and 0.55 s of processor time in a training of 4.0 s.
Frozen, they are walked no more, and neither is whatever else there is by then: of somebody's own objects those that
hold each other would stay for ever. Dropped: to leave by `os._exit`, which spares 0.05 s more, and with it the exit
status, unwritten files and whatever else is done at an end.
"""

from __future__ import annotations

import atexit
import gc

_owned = False


def take() -> None:
    """Says that this process runs one command and ends with it."""
    global _owned
    _owned = True
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)  # before Python collects for the last time


def freeze_imports() -> None:
    """Keeps the garbage collector from what was just imported, where the process is ours."""
    if _owned:
        gc.freeze()
