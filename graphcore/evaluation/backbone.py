"""A run's backbone, ready to compute features: built and folded once, however often it is asked for."""

from __future__ import annotations

import functools
from pathlib import Path

from graphcore.nets.backbone import Backbone
from graphcore.nets.factory import get_backbone
from graphcore.nets.frozen import FrozenBackbone, freeze_backbone
from graphcore.nets.weights import locate_checkpoint
from graphcore.training.run import Run


def freeze_run_backbone(run: Run) -> tuple[Backbone, FrozenBackbone]:
    """The network of a run and the same with its weights.

    Raises:
        CheckpointError: the run's weights are missing or damaged.
    """
    prefix = run.backbone_checkpoint
    index = Path(f"{prefix}.index")
    written_ns = index.stat().st_mtime_ns if index.exists() else 0
    return _freeze(run.backbone_name, run.width, run.image_size, run.end_point, prefix.absolute(), written_ns)


# A training ends with two evaluations and an export; one is kept, as the jobs of a sweep have weights of
# their own.
@functools.lru_cache(maxsize=1)
def _freeze(
    name: str, width: float, image_size: int, end_point: str | None, prefix: Path, written_ns: int
) -> tuple[Backbone, FrozenBackbone]:
    backbone = get_backbone(name, width, image_size, end_point)
    return backbone, freeze_backbone(backbone, locate_checkpoint(str(prefix)), announce=False)
