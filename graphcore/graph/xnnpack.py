"""XNNPACK, TensorFlow Lite's kernels for processors, as another way to run a frozen program.

It wants every shape known beforehand, so pictures go through it a fixed number at a time, and it computes what
TensorFlow computes, to a rounding: convolutions in another order of additions. Of the ways to reach it the package
ai-edge-litert is the fastest (MobileNet v1 0.5/160, two cores: 2 830 pictures a second; 2 300 through `tf.lite`, which
TensorFlow is about to drop; OpenVINO, of the same kind, 2 150 to 2 550; TensorFlow's session, 32 at a time, 1 810).
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from graphcore.errors import ConfigError
from graphcore.graph.program import Program
from graphcore.graph.runtime import native_stderr_aside, tf, tf1

PACKAGE = "ai-edge-litert"


class XnnpackRunner:
    """A converted program of one input and one output; callers in several threads wait for each other.

    Args:
        model: what `convert` returned.
        threads: that it spreads over.

    Raises:
        ConfigError: the package that runs it is not installed, or refuses the model.
    """

    def __init__(self, model: bytes, threads: int) -> None:
        interpreter_type = import_interpreter()
        # A line about its delegate, straight to descriptor 2.
        with native_stderr_aside():
            try:
                self._interpreter = interpreter_type(model_content=model, num_threads=threads)
                self._interpreter.allocate_tensors()
            except Exception as error:  # likewise
                raise ConfigError(f"XNNPACK does not run this network: {_first_line(error)}.") from error
        # Freed with the interpreter; it reads the weights where they are.
        self._model = model
        (given,), (made,) = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self._input, self._output = given["index"], made["index"]
        self._step = int(given["shape"][0])
        self._lock = threading.Lock()

    def __call__(self, batch: np.ndarray) -> np.ndarray:
        """Runs the program on a batch of any length, which is the first dimension; the results are copies."""
        with self._lock:
            parts = [self._run(batch[first : first + self._step]) for first in range(0, len(batch), self._step)]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def _run(self, some: np.ndarray) -> np.ndarray:
        # What is left from before in the rows after them is computed too, and thrown away.
        self._interpreter.tensor(self._input)()[: len(some)] = some
        self._interpreter.invoke()
        return self._interpreter.get_tensor(self._output)[: len(some)]


def convert(program: Program, input_name: str, output_name: str, shape: Sequence[int]) -> bytes:
    """Turns a frozen program into a model of TensorFlow Lite.

    Args:
        program: without variables; it stays as it is.
        input_name: of the input that is fed, float32; there must be no other that the output needs.
        output_name: of the output, which has as many rows as the input.
        shape: of the input, every dimension; the first is how many rows are taken at a time.

    Raises:
        ConfigError: an operation has no counterpart there.
    """
    with tf.Graph().as_default() as graph, tf1.Session(graph=graph) as session:
        rows = tf1.placeholder(tf.float32, shape)
        (found,) = tf1.import_graph_def(
            program.graph.as_graph_def(),
            input_map={program.find_input(input_name).name: rows},
            return_elements=[program.find_output(output_name).name],
            name="",
        )
        with warnings.catch_warnings(), native_stderr_aside():
            warnings.simplefilter("ignore")
            try:
                return tf1.lite.TFLiteConverter.from_session(session, [rows], [found]).convert()
            # The converter's own error has no other base, and what it makes of a strange graph is not told beforehand.
            except Exception as error:
                raise ConfigError(f"XNNPACK has no way to run this network: {_first_line(error)}.") from error


def import_interpreter() -> Any:
    """The class that runs models.

    Raises:
        ConfigError: the package that has it is not installed.
    """
    try:
        from ai_edge_litert.interpreter import Interpreter
    # A broken installation raises what it likes.
    except Exception as error:
        raise ConfigError(
            f"XNNPACK comes with the package {PACKAGE}, which cannot be imported: {error}.",
            next_step=f"Install it, `pip install {PACKAGE}`, or choose backbone.executor=tensorflow.",
        ) from error
    return Interpreter


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
