"""`backbone=graph`: a frozen GraphDef or a SavedModel of somebody else's, made into a backbone.

Its operations pass the allow-list before anything is imported. Then the tensors are found, by the options or by the
names of well-known graphs, and the part between them becomes a program from "images" to pooled "features".
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from graphcore.config.network import BackboneConfig, GraphBackboneConfig
from graphcore.errors import CheckpointError, ConfigError, InputError
from graphcore.graph.allow_list import require_allowed_ops
from graphcore.graph.constants import find_variables
from graphcore.graph.freeze import import_graph, op_name
from graphcore.graph.inline import inline_functions
from graphcore.graph.program import read_graph_def
from graphcore.graph.runtime import tf
from graphcore.graph.saved_model import FILE, Signature, read_saved_model
from graphcore.nets.classic_names import guess_range
from graphcore.nets.graph_backbone import GraphBackbone, make_graph_backbone
from graphcore.nets.graph_part import make_program
from graphcore.nets.graph_tensors import choose_features, choose_input
from graphcore.nets.input_spec import InputSpec
from graphcore.nets.weights.locate import RUN_GRAPH, RUN_NOTE
from graphcore.nets.weights.source import CheckpointSource

_SHOWN = 20
# The range and crop of those who say nothing of them.
_UNTOLD = (GraphBackboneConfig.low, GraphBackboneConfig.high, GraphBackboneConfig.crop_fraction)
_NO_SIGNATURE = Signature("", {}, {})


def get_foreign_backbone(config: BackboneConfig) -> tuple[GraphBackbone, CheckpointSource]:
    """Makes the backbone that a configuration with backbone=graph means.

    Raises:
        ConfigError: an option means nothing here, or a tensor cannot be found; the message lists candidates.
        CheckpointError: there is no such file.
        InputError: it is no graph, or does more than compute.
    """
    if not isinstance(config, GraphBackboneConfig):
        raise ConfigError(
            "backbone.name=graph needs the options of backbone=graph.", next_step="Choose backbone=graph."
        )
    source = locate_graph(config)
    written_ns = (source.path / FILE if source.kind == "saved_model" else source.path).stat().st_mtime_ns
    wanted = _Wanted(
        *(source.path.absolute(), source.kind, config.input_tensor, config.features_tensor or config.end_point),
        *(config.image_size, config.low, config.high, config.crop_fraction),
    )
    backbone = _load(wanted, written_ns)
    spec = _read_run_spec(source.path, config) or backbone.input_spec
    return replace(backbone, input_spec=replace(spec, grayscale=config.grayscale or spec.grayscale)), source


def _read_run_spec(path: Path, config: GraphBackboneConfig) -> InputSpec | None:
    """How a run fed the graph that it kept; None for other graphs, and where the options say it anew."""
    given = (config.low, config.high, config.crop_fraction)
    if path.parts[-2:] != RUN_GRAPH.parts or given != _UNTOLD:
        return None
    try:
        return InputSpec.from_json(json.loads((path.parents[1] / RUN_NOTE).read_text("utf-8"))["input_spec"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def locate_graph(config: GraphBackboneConfig) -> CheckpointSource:
    """Finds the file or folder that backbone.checkpoint names, and refuses options that mean nothing for it.

    Raises:
        ConfigError: such an option is set, or none names a file.
        CheckpointError: there is no such file.
    """
    _refuse_options(config)
    path = Path(str(config.checkpoint)).expanduser()
    for folder in (path, path.parent) if path.name == FILE else (path,):
        if (folder / FILE).is_file():
            return CheckpointSource("saved_model", folder, str(folder))
    if (path / RUN_GRAPH).is_file():
        return CheckpointSource("graph", path / RUN_GRAPH, f"the backbone of the run {path}")
    if path.is_file():
        return CheckpointSource("graph", path, str(path))
    raise CheckpointError(
        f"backbone.checkpoint is {config.checkpoint!r}, and there is no such graph.",
        choices=_list_nearby(path),
        next_step=f"Give a frozen graph (.pb), or a SavedModel's folder ({FILE} in it).",
    )


def _refuse_options(config: GraphBackboneConfig) -> None:
    if not config.checkpoint:
        raise ConfigError(
            "backbone=graph needs a graph.", next_step="Set backbone.checkpoint to a .pb file or a SavedModel's folder."
        )
    for name in ("use_ema", "exclude_scopes", "ignore_missing"):
        if getattr(config, name):
            raise ConfigError(
                f"backbone.{name}={getattr(config, name)} means nothing for backbone=graph: a graph is taken whole.",
                next_step=f"Leave backbone.{name} out.",
            )
    if config.width != GraphBackboneConfig.width:
        raise ConfigError(
            f"backbone.width={config.width:g} means nothing for backbone=graph: a graph is as wide as it is.",
            next_step="Leave backbone.width out.",
        )
    if config.features_tensor and config.end_point and config.features_tensor != config.end_point:
        raise ConfigError(
            f"backbone.features_tensor={config.features_tensor} and backbone.end_point={config.end_point} are two "
            "names for one thing.",
            next_step="Give one of them.",
        )


def _list_nearby(path: Path) -> list[str]:
    folder = path if path.is_dir() else path.parent
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return []
    return [str(entry) for entry in entries if entry.suffix == ".pb" or (entry / FILE).is_file()][:_SHOWN]


@dataclass(frozen=True)
class _Wanted:
    """All that decides what a graph becomes."""

    path: Path
    kind: str
    input_tensor: str | None
    features_tensor: str | None
    image_size: int
    low: float | None
    high: float | None
    crop_fraction: float


# One command asks for it twice: when it checks its options, and when it trains.
@functools.lru_cache(maxsize=1)
def _load(wanted: _Wanted, written_ns: int) -> GraphBackbone:
    graph_def, signature = _read(wanted)
    graph = _import(graph_def, wanted.path)
    features = choose_features(graph, wanted.features_tensor, signature, wanted.path)
    fed = choose_input(graph, wanted.input_tensor, signature, features, wanted.path)
    spec = _plan_spec(fed, wanted)
    program = make_program(graph_def, fed, features, spec, wanted.path)
    return make_graph_backbone(program, spec, fed.name, features.name)


def _read(wanted: _Wanted) -> tuple[Any, Signature]:
    """The graph as constants, without functions."""
    if wanted.kind == "saved_model":
        names = [name for name in (wanted.input_tensor, wanted.features_tensor) if name]
        return read_saved_model(wanted.path, names)
    graph_def, origin = read_graph_def(wanted.path), str(wanted.path)
    if find_variables(graph_def):
        raise InputError(
            f"{origin} has {len(find_variables(graph_def))} variables and no values for them.",
            next_step="Freeze it where it was trained, or use its checkpoint with a network that is built in.",
        )
    require_allowed_ops(graph_def, origin)
    taken = {op_name(each.lstrip("^")) for node in graph_def.node for each in node.input}
    ends = [node.name for node in graph_def.node if node.name not in taken]
    return inline_functions(graph_def, ends, origin), _NO_SIGNATURE


def _import(graph_def: Any, path: Path) -> tf.Graph:
    for node in graph_def.node:
        node.device = ""  # those of the machine where it was made
    try:
        return import_graph(graph_def)
    except ValueError as error:
        raise InputError(f"{path} is not a graph that TensorFlow {tf.__version__} can load: {error}.") from error


def _plan_spec(fed: Any, wanted: _Wanted) -> InputSpec:
    sides = fed.shape.as_list()[1:3] if fed.shape.rank == 4 else [None, None]
    if sides[0] != sides[1]:
        raise ConfigError(f"{wanted.path}: {fed.name} takes pictures of {sides[0]}x{sides[1]}; only squares are made.")
    known = guess_range(fed.name)
    low = wanted.low if wanted.low is not None else known.low if known is not None else InputSpec.low
    high = wanted.high if wanted.high is not None else known.high if known is not None else InputSpec.high
    return InputSpec(sides[0] or wanted.image_size, low, high, wanted.crop_fraction)
