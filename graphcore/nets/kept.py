"""What is kept of networks beside the features: which variables they have, and their frozen graphs.

A training whose features are all there asks two things of its backbone: its weights, to know their digest and to keep
them in the run, and its frozen graph, to export it. To choose the weights, and to refuse the checkpoint of another
network as ever, takes the network's own list of variables, for a checkpoint holds more (averages, a last layer, slots).
Both would mean to build it. What is kept counts for the code, and the versions, that it was made by; it can be removed
at any time.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from graphcore import atomic
from graphcore.graph.allow_list import find_forbidden_ops
from graphcore.graph.freeze import import_graph
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.backbone import Backbone

_log = logging.getLogger(__name__)
T = TypeVar("T")

# Larger graphs are built anew: what that takes is little beside reading them, and the folder would fill up.
_LARGEST_BYTES = 64 * 2**20

# Variable's name -> its type and shape.
Variables = Mapping[str, tuple[str, tuple[int, ...]]]


def read_variables_of(folder: Path, backbone: Backbone) -> Variables | None:
    """What `keep_variables` kept for this network; None where there is nothing, or it is damaged."""

    def parse(head: Any, body: bytes) -> Variables:
        kept = json.loads(body)
        return {str(name): (str(dtype), tuple(map(int, shape))) for name, (dtype, shape) in kept.items()}

    return _read(_path(folder, backbone, "variables"), parse)


def keep_variables(folder: Path, backbone: Backbone, variables: Variables) -> None:
    """Keeps a network's variables; where the folder cannot be written to, the network is built again next time."""
    _write(_path(folder, backbone, "variables"), {}, json.dumps(dict(variables), indent=1).encode())


def read_program_of(folder: Path, backbone: Backbone, digest: str) -> Program | None:
    """The program that `keep_program` kept for this network and digest; None where there is none, or it is damaged."""

    def parse(head: Any, body: bytes) -> Program:
        graph_def = tf1.GraphDef.FromString(body)
        # The folder may be shared, and who writes a graph there can write its checksum too.
        if forbidden := find_forbidden_ops(graph_def):
            raise ValueError(f"it holds {', '.join(forbidden)}")
        return Program(import_graph(graph_def), dict(head["inputs"]), dict(head["outputs"]))

    return _read(_path(folder, backbone, "graph", digest), parse)


def keep_program(folder: Path, backbone: Backbone, digest: str, program: Program) -> None:
    """Keeps a network's frozen graph, unless it is large; see `keep_variables`."""
    graph = program.graph.as_graph_def().SerializeToString(deterministic=True)
    if len(graph) <= _LARGEST_BYTES:
        names = {"inputs": dict(program.inputs), "outputs": dict(program.outputs)}
        _write(_path(folder, backbone, "graph", digest), names, graph)


def _read(path: Path, parse: Callable[[Any, bytes], T]) -> T | None:
    """What `parse` makes of the first line, JSON, and of all after it, where those are what was written here."""
    try:
        line, _, body = path.read_bytes().partition(b"\n")
        head = json.loads(line)
        if head["checksum"] != _checksum(path, body):
            raise ValueError("it does not match its checksum")
        return parse(head, body)
    except FileNotFoundError:
        return None
    # What a made-up file makes its readers raise has no common base, and all of it means the same: build it anew.
    except Exception as error:
        _log.warning("%s is damaged and will be made again: %s", path, error)
        return None


def _write(path: Path, head: Mapping[str, Any], body: bytes) -> None:
    try:
        atomic.write_bytes(path, json.dumps({**head, "checksum": _checksum(path, body)}).encode() + b"\n" + body)
        for old in path.parent.glob(f"{path.stem.partition('-')[0]}-*{path.suffix}"):  # of other versions of the code
            if old != path:
                old.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("%s cannot be written: %s", path, error)


def _checksum(path: Path, body: bytes) -> str:
    """Of the content under its name, which says whose it is: another network's file copied here is none."""
    return hashlib.sha256(path.name.encode() + b"\n" + body).hexdigest()


def _path(folder: Path, backbone: Backbone, suffix: str, digest: str = "") -> Path:
    network = hashlib.sha256(json.dumps([*describe(backbone), digest]).encode()).hexdigest()
    return folder / "networks" / f"{network[:32]}-{_identify_code()[:16]}.{suffix}"


def describe(backbone: Backbone) -> list[object]:
    """What a network is known by, as JSON has it: of a graph its content, of those that are built in their names."""
    content = getattr(backbone, "digest", None)
    return [backbone.name, backbone.width, backbone.end_point, backbone.input_spec.to_json(), content]


@functools.cache
def _identify_code() -> str:
    """TensorFlow's version, and names, sizes and times of all files that decide how networks are built and folded."""
    here = Path(__file__).resolve().parent
    folders = [here, here.parent / "layers", here.parent / "graph"]
    slim = importlib.util.find_spec("tf_slim")  # finds, and imports nothing
    if slim is not None and slim.origin:
        folders += [Path(slim.origin).parent / part for part in ("layers", "nets", "ops")]
    files = sorted(path for folder in folders for path in folder.glob("*.py"))
    stats = [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]
    return hashlib.sha256(json.dumps([tf.__version__, stats]).encode()).hexdigest()
