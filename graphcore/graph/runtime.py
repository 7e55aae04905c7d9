"""TensorFlow, imported once, quietly and with its fast kernels on. Nothing else in the project imports it."""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

# Both are read when the library is loaded, never after. oneDNN is off by default on processors without VNNI and
# nearly doubles MobileNet's inference there. A value that the user has set stands.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


@contextmanager
def _native_stderr_aside() -> Iterator[None]:
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


with warnings.catch_warnings(), _native_stderr_aside():
    # Deprecations inside TensorFlow's own import are not the reader's to mend.
    warnings.simplefilter("ignore")
    import tensorflow as tf

tf1 = tf.compat.v1
logging.getLogger("tensorflow").setLevel(logging.ERROR)
logging.getLogger("absl").setLevel(logging.ERROR)

__all__ = ["tf", "tf1"]
