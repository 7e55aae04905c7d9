"""A run that is still in training, as its checkpoints have it: for whoever looks at it before it is finished.

Training describes the run in RUN/checkpoints/begun.json before its first step; run.json, at the end, means that the run
is finished. Together with a checkpoint of the whole state the description is all that scoring needs.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from graphcore.config import Config
from graphcore.errors import CheckpointError
from graphcore.nets.backbone import Backbone
from graphcore.nets.weights.averages import has_averages, take_averages
from graphcore.training import checkpoints
from graphcore.training.dataset import TrainingData
from graphcore.training.loop import TrainingResult
from graphcore.training.progress import Progress, TrainingState
from graphcore.training.run import Run, read_run

BEGUN_FILE = "begun.json"


def note_beginning(data: TrainingData, config: Config, backbone: Backbone, run_dir: Path, digest: str = "") -> None:
    """Describes a run that is about to begin, or to go on.

    Args:
        data: what it is trained on.
        config: every option.
        backbone: the network below the head.
        run_dir: the run's folder.
        digest: content identity of a frozen backbone's weights.
    """
    nothing_yet = TrainingResult(Progress(), {}, {})
    run = data.describe_run(config, backbone, run_dir, nothing_yet, {}, {})
    replace(run, backbone_digest=digest).write(_begun_path(run_dir))


def read_beginning(run_dir: Path) -> Run | None:
    """What a run was when it began; None where no training has come so far.

    Raises:
        RunError: the description is damaged.
    """
    path = _begun_path(run_dir)
    return read_run(path, run_dir) if path.is_file() else None


def read_weights(run_dir: Path, step: int) -> dict[str, np.ndarray]:
    """The weights after a step by name, the optimiser's slots among them; averages where there are any.

    Raises:
        CheckpointError: the checkpoint is missing, as all are but the newest, or damaged.
    """
    prefix = checkpoints.model_prefix(run_dir, step)
    arrays = checkpoints.read_checkpoint(prefix)
    try:
        variables = dict(TrainingState.from_arrays(arrays).variables)
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"{prefix} is a checkpoint of another program.", next_step="Name another run.") from error
    return take_averages(variables, str(prefix)) if has_averages(variables) else variables


def _begun_path(run_dir: Path) -> Path:
    return checkpoints.checkpoints_dir(run_dir) / BEGUN_FILE
