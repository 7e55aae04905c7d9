"""What a training in a folder goes on from, and whether it is the same training."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from graphcore.config import Config
from graphcore.errors import RunError
from graphcore.training import checkpoints
from graphcore.training.progress import TrainingState
from graphcore.training.schedules import depends_on_total

# Lengths, intervals and who does the work: they may change when a training goes on.
_FREE = (
    *("steps", "eval_every_steps", "checkpoint_every_steps", "checkpoint_every_secs"),
    *("patience", "objective", "threads"),
)
# Of the backbone, what the weights' digest says better than a name, and what decides nothing.
_WEIGHTS_SAY = ("checkpoint", "use_ema", "exclude_scopes", "ignore_missing", "features_dir", "batch_size", "executor")


def read_resumable(run_dir: Path, fingerprint: str) -> TrainingState | None:
    """The state a training in `run_dir` goes on from; None to begin.

    Raises:
        RunError: the folder holds a training of other data, weights or options.
    """
    arrays = checkpoints.read_newest_state(run_dir)
    if arrays is None:
        return None
    try:
        state = TrainingState.from_arrays(arrays)
    except (KeyError, ValueError) as error:
        raise RunError(
            f"{checkpoints.checkpoints_dir(run_dir)} holds checkpoints of another program.",
            next_step="Choose another hydra.run.dir.",
        ) from error
    if state.fingerprint != fingerprint:
        raise RunError(
            f"{run_dir} holds a training of other data, weights or options (step {state.progress.step}).",
            next_step="Give the options it was started with, choose another hydra.run.dir, "
            f"or remove {checkpoints.checkpoints_dir(run_dir)}.",
        )
    return state


def fingerprint_training(config: Config, dataset_digest: str, weights_digest: str) -> str:
    """SHA-256 in hex of all that decides the result at each step; lengths and intervals may change on
    resuming.
    """
    parts = [asdict(part) for part in (config.head, config.augment, config.optimizer, config.schedule)]
    parts.append({name: value for name, value in asdict(config.backbone).items() if name not in _WEIGHTS_SAY})
    parts.append({"seed": config.seed})
    parts.append({name: value for name, value in asdict(config.trainer).items() if name not in _FREE})
    parts.append({"steps": config.trainer.steps if depends_on_total(config.schedule) else None})
    text = json.dumps([parts, dataset_digest, weights_digest], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
