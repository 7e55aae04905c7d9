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
from collections.abc import Mapping
from pathlib import Path

from graphcore import atomic
from graphcore.graph.freeze import import_graph
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.backbone import Backbone

_log = logging.getLogger(__name__)

# Variable's name -> its type and shape.
Variables = Mapping[str, tuple[str, tuple[int, ...]]]


def read_variables_of(folder: Path, backbone: Backbone) -> Variables | None:
    """What `keep_variables` kept for this network; None where there is nothing, or it is damaged."""
    try:
        kept = json.loads(_path(folder, backbone, "json").read_bytes())
        return {str(name): (str(dtype), tuple(map(int, shape))) for name, (dtype, shape) in kept.items()}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, AttributeError) as error:
        _log.warning("what %s keeps of %s is damaged and will be made again: %s", folder, backbone.title, error)
        return None


def keep_variables(folder: Path, backbone: Backbone, variables: Variables) -> None:
    """Keeps a network's variables; where the folder cannot be written to, the network is built again next time."""
    _write(_path(folder, backbone, "json"), json.dumps(dict(variables), indent=1).encode())


def read_program_of(folder: Path, backbone: Backbone, digest: str) -> Program | None:
    """The program that `keep_program` kept for this network and digest; None where there is none, or it is damaged."""
    path = _path(folder, backbone, "graph", digest)
    try:
        head, _, graph = path.read_bytes().partition(b"\n")
        told = json.loads(head)
        if hashlib.sha256(graph).hexdigest() != told["sha256"]:
            raise ValueError("it does not match its checksum")
        return Program(import_graph(tf1.GraphDef.FromString(graph)), told["inputs"], told["outputs"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("%s is damaged and will be made again: %s", path, error)
        return None


def keep_program(folder: Path, backbone: Backbone, digest: str, program: Program) -> None:
    """Keeps a network's frozen graph, behind a line with its checksum and names; see `keep_variables`."""
    graph = program.graph.as_graph_def().SerializeToString(deterministic=True)
    checksum = hashlib.sha256(graph).hexdigest()
    head = {"sha256": checksum, "inputs": dict(program.inputs), "outputs": dict(program.outputs)}
    _write(_path(folder, backbone, "graph", digest), json.dumps(head).encode() + b"\n" + graph)


def _write(path: Path, data: bytes) -> None:
    try:
        atomic.write_bytes(path, data)
        for old in path.parent.glob(f"{path.stem.partition('-')[0]}-*{path.suffix}"):  # of other versions of the code
            if old != path:
                old.unlink(missing_ok=True)
    except OSError as error:
        _log.warning("%s cannot be written: %s", path, error)


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
