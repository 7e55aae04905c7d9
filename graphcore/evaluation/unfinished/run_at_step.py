"""A run as it was after one of its steps, which scores samples as a finished one does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from graphcore.heads.factory import get_head
from graphcore.heads.temporal import SmoothingHead
from graphcore.heads.trained import TrainedHead
from graphcore.nets.factory import get_backbone
from graphcore.training import checkpoints
from graphcore.training.run import Run
from graphcore.training.unfinished import read_weights


@dataclass(frozen=True)
class RunAtStep(Run):
    """A run with the weights of the moment.

    Attributes:
        weights: by name, those of the head among them.
    """

    weights: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)

    def read_head(self) -> TrainedHead:
        """The head of the moment. How a smoothing head smooths is chosen when training is over: until then it is the
        head below, which judges each frame alone.
        """
        head = get_head(self.head_config, len(self.labels), self.seed)
        return TrainedHead(head.frame if isinstance(head, SmoothingHead) else head, self.weights)


def make_run_at_step(begun: Run, step: int, aside: Path) -> RunAtStep:
    """Reads a checkpoint.

    Args:
        begun: the run, as it was described when it began.
        step: one whose checkpoint is there.
        aside: an empty folder for the backbone and its features, where the backbone is trained too. They are of no use
            to anybody else: the next step has other ones.

    Raises:
        CheckpointError: the checkpoint is gone or damaged.
    """
    weights = read_weights(begun.folder, step)
    values: dict[str, Any] = {each.name: getattr(begun, each.name) for each in fields(Run)} | {
        "steps": step,
        "best_step": step,
    }
    if begun.trainer == "finetune":
        scope = get_backbone(begun.backbone_name, begun.width, begun.image_size, begun.end_point).scope
        below = {name: value for name, value in weights.items() if name.startswith(f"{scope}/")}
        checkpoints.write_checkpoint(checkpoints.backbone_prefix(aside), below)
        values |= {"folder": aside, "features_dir": aside / "features"}
    return RunAtStep(**values, weights=weights)
