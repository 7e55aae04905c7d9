"""TensorFlow, imported once, quietly and with its fast kernels on. Nothing else in the project imports it.

A third of the import is spared (1.3 CPU seconds instead of 1.85, TensorFlow 2.21): Keras, which brings Matplotlib, and
garbage collection on the way. Of the rest 0.5 s are the shared library and its initialisers, and 0.25 s the
registration of its operations. Dropped: to bind symbols when they are first called (`sys.setdlopenflags`) crashes it;
to keep requests out as Keras is kept out breaks the import; to load the library in a thread while options are composed
hides 0.2 s of the wall clock, but what it prints could no longer be told from what others print meanwhile.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from graphcore.own_process import freeze_imports

# Both are read when the library is loaded, never after. oneDNN is off by default on processors without VNNI and
# nearly doubles MobileNet's inference there. A value that the user has set stands.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
# Each session gets the threads that it asks for: otherwise those of a process's first one, or of TensorFlow's eager
# mode, which building a loop wakes, serve all, and a head's small operations are handed from thread to thread.
os.environ.setdefault("TF_OVERRIDE_GLOBAL_THREADPOOL", "1")

_KERAS = "keras.src.optimizers"


@contextmanager
def native_stderr_aside() -> Iterator[None]:
    """Keeps what the C++ libraries print while loading off the screen, and shows it if loading fails.

    They print a few lines about processors and CUDA before they have read any log level, straight to descriptor 2.
    """
    sys.stderr.flush()
    try:
        screen = os.dup(2)
    except OSError:  # started without a standard error
        yield
        return
    with tempfile.TemporaryFile() as aside:
        os.dup2(aside.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            os.dup2(screen, 2)
            os.close(screen)
            if failed:
                aside.seek(0)
                os.write(2, aside.read())


@contextmanager
def _keras_aside() -> Iterator[None]:
    """Keeps TensorFlow from loading Keras, and Matplotlib with it, which nothing here needs.

    TensorFlow's last lines import `keras.src.optimizers` for what that registers, and go on where there is none: a name
    that leads to None is one that cannot be imported. Keras itself, and `tf.keras`, load as ever when somebody asks.
    """
    if _KERAS in sys.modules:
        yield
        return
    sys.modules[_KERAS] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if sys.modules.get(_KERAS) is None:
            sys.modules.pop(_KERAS, None)


@contextmanager
def _garbage_left() -> Iterator[None]:
    """Puts garbage collection off: an import makes half a million objects that stay, and each pass walks them all."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        freeze_imports()
    finally:
        if was_on:
            gc.enable()


with warnings.catch_warnings(), native_stderr_aside(), _keras_aside(), _garbage_left():
    # Deprecations inside TensorFlow's own import are not the reader's to mend.
    warnings.simplefilter("ignore")
    import tensorflow as tf

tf1 = tf.compat.v1
logging.getLogger("tensorflow").setLevel(logging.ERROR)
logging.getLogger("absl").setLevel(logging.ERROR)

__all__ = ["tf", "tf1"]
