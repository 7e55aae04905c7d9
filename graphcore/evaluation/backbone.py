"""A run's backbone, ready to compute features: built and folded once, however often it is asked for."""

from __future__ import annotations

import dataclasses
import functools
import json
from pathlib import Path

from graphcore.config.network import GRAPH
from graphcore.nets.backbone import Backbone
from graphcore.nets.factory import get_backbone
from graphcore.nets.frozen import FrozenBackbone, freeze_backbone
from graphcore.nets.graph_backbone import read_graph_backbone
from graphcore.nets.input_spec import InputSpec
from graphcore.nets.memory import recall_weights
from graphcore.nets.weights import RUN_GRAPH, locate_checkpoint
from graphcore.training.run import Run


def freeze_run_backbone(run: Run) -> tuple[Backbone, FrozenBackbone]:
    """The network of a run and the same with its weights.

    Raises:
        CheckpointError: the run's weights are missing or damaged.
    """
    spec = json.dumps(run.input_spec) if run.input_spec else None
    remembered = _recall(run, spec)
    if remembered is not None:
        return remembered
    if run.backbone_name == GRAPH:
        path = (run.folder / RUN_GRAPH).absolute()
        return _read_graph(path, spec or json.dumps({"image_size": run.image_size}), _read_time(path))
    prefix = run.backbone_checkpoint
    network = (run.backbone_name, run.width, run.image_size, run.end_point)
    # Trained weights are one run's alone, and where a run has been copied to, nothing is made beside it.
    kept_dir = run.features_dir if run.backbone_digest and run.features_dir.is_dir() else None
    return _freeze(network, spec, prefix.absolute(), _read_time(Path(f"{prefix}.index")), kept_dir)


def _recall(run: Run, spec: str | None) -> tuple[Backbone, FrozenBackbone] | None:
    """What this process has made already, where the run's own training, or one like it, was in it."""
    if run.backbone_name == GRAPH or not run.backbone_digest:
        return None
    backbone = _get_network((run.backbone_name, run.width, run.image_size, run.end_point), spec)
    frozen = recall_weights(backbone, run.backbone_digest)
    return (backbone, frozen) if frozen is not None else None


def _get_network(network: tuple[str, float, int, str | None], spec: str | None) -> Backbone:
    backbone = get_backbone(*network)
    if spec is None:  # made by hand, as tests do
        return backbone
    return dataclasses.replace(backbone, input_spec=InputSpec.from_json(json.loads(spec)))


def _read_time(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0


# A training ends with two evaluations and an export; one is kept, as the jobs of a sweep have weights of
# their own.
@functools.lru_cache(maxsize=1)
def _freeze(
    network: tuple[str, float, int, str | None], spec: str | None, prefix: Path, written_ns: int, kept_dir: Path | None
) -> tuple[Backbone, FrozenBackbone]:
    backbone = _get_network(network, spec)
    source = locate_checkpoint(str(prefix))
    return backbone, freeze_backbone(backbone, source, announce=False, kept_dir=kept_dir)


@functools.lru_cache(maxsize=1)
def _read_graph(path: Path, spec: str, written_ns: int) -> tuple[Backbone, FrozenBackbone]:
    backbone = read_graph_backbone(path, InputSpec.from_json(json.loads(spec)))
    return backbone, freeze_backbone(backbone, None, announce=False)
