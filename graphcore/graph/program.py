"""Program: a graph with named inputs and outputs, run, saved, frozen and imported by those names."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from graphcore.atomic import write_bytes
from graphcore.errors import GraphcoreError, InputError
from graphcore.graph.allow_list import require_allowed_ops
from graphcore.graph.freeze import freeze, import_graph, op_name, tensor_name
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session


class _Lazy:
    """What a program makes when first needed and keeps; locked, since servers run it in threads."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.runner: Runner | None = None
        self.init_op: Any = None
        self.saver: Any = None


@dataclass(frozen=True)
class Program:
    """A graph and the names by which it is run.

    Attributes:
        graph: the graph; it is not changed after the program has been made, but for operations that
            initialise and save its variables.
        inputs: what callers say -> tensor name ("images" -> "input:0").
        outputs: what callers say -> tensor name.
    """

    graph: tf.Graph
    inputs: Mapping[str, str]
    outputs: Mapping[str, str]
    _lazy: _Lazy = field(default_factory=_Lazy, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", {key: tensor_name(name) for key, name in self.inputs.items()})
        object.__setattr__(self, "outputs", {key: tensor_name(name) for key, name in self.outputs.items()})
        for name in (*self.inputs.values(), *self.outputs.values()):
            try:
                self.graph.get_tensor_by_name(name)
            except (KeyError, ValueError):
                raise GraphcoreError(f"The graph has no tensor {name}.", choices=_some_tensors(self.graph)) from None

    def session(self, threads: int = 0, parallel_ops: int = 0) -> Runner:
        """Opens a session of its own, with the variables' initial values; a context manager, or close it.

        Args:
            threads: see `make_session`.
            parallel_ops: see `make_session`.
        """
        return Runner(self, make_session(self.graph, threads, parallel_ops), self._init_op())

    def run(self, feeds: Mapping[str, Any], outputs: Sequence[str] | None = None) -> list[np.ndarray]:
        """Runs in a session that is opened at the first call and kept until `close`; see `Runner.run`."""
        return self._kept_runner().run(feeds, outputs)

    def make_callable(self, inputs: Sequence[str], outputs: Sequence[str]) -> Callable[..., list[np.ndarray]]:
        """Returns a fast function of arrays on the kept session; see `Runner.make_callable`."""
        return self._kept_runner().make_callable(inputs, outputs)

    def close(self) -> None:
        """Closes the kept session, if there is one; the program can be run again."""
        with self._lazy.lock:
            if self._lazy.runner is not None:
                self._lazy.runner.close()
                self._lazy.runner = None

    def find_input(self, name: str) -> tf.Tensor:
        """Returns an input's tensor by its name; an unknown name is an error that lists those there are."""
        return self._find(name, self.inputs, "input")

    def find_output(self, name: str) -> tf.Tensor:
        """Returns an output's tensor by its name; an unknown name is an error that lists those there are."""
        return self._find(name, self.outputs, "output")

    def write(self, path: Path) -> None:
        """Writes the graph as a binary GraphDef (.pb); variables' values are not in it: freeze first."""
        write_bytes(Path(path), self.graph.as_graph_def().SerializeToString())

    def _find(self, name: str, names: Mapping[str, str], kind: str) -> tf.Tensor:
        if name not in names:
            raise GraphcoreError(f"The program has no {kind} {name!r}.", choices=sorted(names))
        return self.graph.get_tensor_by_name(names[name])

    def _kept_runner(self) -> Runner:
        with self._lazy.lock:
            if self._lazy.runner is None:
                self._lazy.runner = self.session()
            return self._lazy.runner

    def _init_op(self) -> Any:
        with self._lazy.lock, self.graph.as_default():
            if self._lazy.init_op is None and tf1.global_variables():
                self._lazy.init_op = tf1.global_variables_initializer()
            return self._lazy.init_op

    def _saver(self) -> Any:
        with self._lazy.lock, self.graph.as_default():
            if self._lazy.saver is None:
                self._lazy.saver = tf1.train.Saver(max_to_keep=None)
            return self._lazy.saver


class Runner:
    """A program in a session: values in, values out, by name. Made by `Program.session`."""

    def __init__(self, program: Program, session: Any, init_op: Any) -> None:
        self.program = program
        self.session = session
        if init_op is not None:
            session.run(init_op)

    def run(self, feeds: Mapping[str, Any], outputs: Sequence[str] | None = None) -> list[np.ndarray]:
        """Runs the program once.

        Args:
            feeds: input name -> array.
            outputs: names of the outputs wanted; None for all, in the program's order.

        Returns:
            One array per output, in the order asked for.

        Raises:
            GraphcoreError: there is no such input or output; the message lists those there are.
        """
        names = list(self.program.outputs) if outputs is None else outputs
        if isinstance(names, str):
            raise GraphcoreError(f"outputs is the text {names!r}, and a list of names is wanted: [{names!r}].")
        fetches = [self.program.find_output(name) for name in names]
        return self.session.run(fetches, {self.program.find_input(name): value for name, value in feeds.items()})

    def make_callable(self, inputs: Sequence[str], outputs: Sequence[str]) -> Callable[..., list[np.ndarray]]:
        """Returns a function of one array per name in `inputs`; it skips what `run` looks up each time."""
        return self.session.make_callable(
            [self.program.find_output(name) for name in outputs],
            feed_list=[self.program.find_input(name) for name in inputs],
        )

    def save(self, prefix: Path) -> Path:
        """Writes the variables as a checkpoint and returns its prefix.

        Raises:
            GraphcoreError: the program has no variables, because it is frozen.
        """
        self._require_variables("save")
        Path(prefix).parent.mkdir(parents=True, exist_ok=True)
        saver = self.program._saver()
        # Outside its graph TensorFlow believes to be in eager mode, and the saver would build itself anew.
        with self.program.graph.as_default():
            return Path(saver.save(self.session, str(prefix), write_meta_graph=False, write_state=False))

    def restore(self, prefix: Path) -> None:
        """Reads variables that `save` wrote.

        Raises:
            GraphcoreError: the program has no variables, because it is frozen.
        """
        self._require_variables("restore")
        saver = self.program._saver()
        with self.program.graph.as_default():
            saver.restore(self.session, str(prefix))

    def freeze(self, outputs: Sequence[str] | None = None, fold: bool = True) -> Program:
        """Returns a program whose graph holds this session's values as constants; see `graph.freeze.freeze`.

        Args:
            outputs: names of the outputs to keep; None for all. Inputs that they do not need are dropped.
            fold: whether to fold batch norm.
        """
        names = list(self.program.outputs) if outputs is None else outputs
        tensors = {name: self.program.find_output(name).name for name in names}
        graph = import_graph(freeze(self.session, list(tensors.values()), fold))
        kept = {op.name for op in graph.get_operations()}
        inputs = {key: name for key, name in self.program.inputs.items() if op_name(name) in kept}
        return Program(graph, inputs, tensors)

    def close(self) -> None:
        """Closes the session; a second call does nothing."""
        self.session.close()

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _require_variables(self, verb: str) -> None:
        with self.program.graph.as_default():
            if not tf1.global_variables():
                raise GraphcoreError(f"There is nothing to {verb}: the program has no variables (it is frozen).")


def read_program(
    path: Path,
    inputs: Mapping[str, str] | None = None,
    outputs: Mapping[str, str] | None = None,
    trusted: bool = False,
) -> Program:
    """Imports a frozen graph from a binary GraphDef (.pb).

    Args:
        path: the file.
        inputs: name -> tensor name; None takes every placeholder under its operation's name.
        outputs: name -> tensor name; None takes every operation whose result nothing else uses.
        trusted: True skips the allow-list of operations, which refuses graphs that could do more than
            compute.

    Raises:
        InputError: the file is missing or no GraphDef, or its operations are refused.
        GraphcoreError: a name is not in the graph.
    """
    graph_def = read_graph_def(Path(path))
    if not trusted:
        require_allowed_ops(graph_def, str(path))
    try:
        graph = import_graph(graph_def)
    except ValueError as error:
        raise InputError(f"{path} is not a graph that TensorFlow {tf.__version__} can load: {error}.") from error
    if inputs is None:
        inputs = {op.name: op.outputs[0].name for op in graph.get_operations() if op.type.startswith("Placeholder")}
    if outputs is None:
        outputs = {op.name: op.outputs[0].name for op in graph.get_operations() if _is_last(op)}
    return Program(graph, inputs, outputs)


def read_graph_def(path: Path) -> Any:
    """Parses a binary GraphDef (.pb) and imports nothing.

    Raises:
        InputError: the file is missing or no GraphDef.
    """
    graph_def = tf1.GraphDef()
    try:
        graph_def.ParseFromString(path.read_bytes())
    except OSError as error:
        raise InputError(f"Cannot read the graph {path}: {error.strerror or error}.") from error
    except Exception as error:  # protobuf's DecodeError lives at a path that changes between its releases
        raise InputError(f"{path} is not a frozen graph: it does not parse as a GraphDef.") from error
    if not graph_def.node:
        raise InputError(f"{path} is not a frozen graph: it holds no operations.")
    return graph_def


# Every variable brings these along, used or not; they are nobody's result.
_HELPERS_OF_VARIABLES = ("ReadVariableOp", "VarIsInitializedOp")


def _is_last(op: Any) -> bool:
    if not op.outputs or op.type in _HELPERS_OF_VARIABLES:
        return False
    return not any(output.consumers() for output in op.outputs)


def _some_tensors(graph: tf.Graph) -> list[str]:
    # Inputs and ends of the graph are what people mean; all thousand names would help nobody.
    ops = [op for op in graph.get_operations() if op.type.startswith("Placeholder") or _is_last(op)]
    return [op.outputs[0].name for op in ops[:20] if op.outputs]
