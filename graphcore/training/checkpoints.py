"""Checkpoints of a training as dictionaries of arrays: written whole, read whole, in TensorFlow's own format.

The whole state of a training (weights, optimiser slots, step, best weights so far, patience) is one
dictionary and one checkpoint, so there is no moment at which half of it is new.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from graphcore.errors import CheckpointError
from graphcore.graph.runtime import tf
from graphcore.nets import weights
from graphcore.nets.backbone import Backbone
from graphcore.nets.graph_backbone import GraphBackbone, write_graph_backbone

_log = logging.getLogger(__name__)

KEPT_CHECKPOINTS = 2
_SUFFIXES = (".data-00000-of-00001", ".index")


def checkpoints_dir(run_dir: Path) -> Path:
    """RUN/checkpoints."""
    return run_dir / "checkpoints"


def backbone_prefix(run_dir: Path) -> Path:
    """Prefix of the backbone's slim checkpoint."""
    return checkpoints_dir(run_dir) / "backbone.ckpt"


def best_prefix(run_dir: Path) -> Path:
    """Prefix of the best head's checkpoint."""
    return checkpoints_dir(run_dir) / "best.ckpt"


def model_prefix(run_dir: Path, step: int) -> Path:
    """Prefix of the whole state after `step` steps."""
    return checkpoints_dir(run_dir) / f"model.ckpt-{step}"


def write_checkpoint(prefix: Path, variables: Mapping[str, np.ndarray]) -> None:
    """Writes `variables` under `prefix`.

    Raises:
        CheckpointError: the disk is full or the folder cannot be written to.
    """
    try:
        weights.write_checkpoint(prefix, variables)
        for suffix in _SUFFIXES:
            with open(f"{prefix}{suffix}", "rb") as file:
                os.fsync(file.fileno())
    except (tf.errors.OpError, OSError) as error:
        raise CheckpointError(
            f"The checkpoint {prefix} could not be written: {_tell_reason(error)}",
            next_step="Make room, or name a folder that can be written to; the same command goes on.",
        ) from error


def _tell_reason(error: Exception) -> str:
    """The system's reason: TensorFlow puts it behind a file's name and a semicolon, often below its first line."""
    reason = re.search(r"\S; ([A-Z][^\n\[{]*[^\s\[{])", str(error))
    return reason[1] if reason else (str(error).splitlines() or [type(error).__name__])[0]


def write_backbone(
    run_dir: Path, backbone: Backbone, values: Mapping[str, np.ndarray], digest: str | None = None
) -> None:
    """Writes a run's backbone: its variables by name, or the graph that it is.

    Jobs of one process with the same backbone share its files as hard links where the file system has them: a sweep
    of 100 jobs on a VGG would hold 50 GB of copies otherwise. Nobody writes into them: a newer checkpoint is renamed.

    Args:
        run_dir: the run's folder.
        backbone: the network.
        values: its variables by name.
        digest: their content identity; None writes them in any case.

    Raises:
        CheckpointError: the disk is full or the folder cannot be written to.
    """
    if isinstance(backbone, GraphBackbone):
        write_graph_backbone(run_dir / weights.RUN_GRAPH, backbone)
        return
    prefix = backbone_prefix(run_dir)
    if digest is not None and _link_earlier(digest, prefix):
        return
    write_checkpoint(prefix, values)
    if digest is not None:
        _written[digest] = _stat(prefix)


# Content of backbones that this process wrote -> their files with size and time.
_written: dict[str, list[tuple[str, int, int]]] = {}


def _stat(prefix: Path) -> list[tuple[str, int, int]]:
    files = [Path(f"{prefix.absolute()}{suffix}") for suffix in _SUFFIXES]
    return [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]


def _link_earlier(digest: str, prefix: Path) -> bool:
    """Links the files of an earlier run to this one's; False where they are gone, changed or cannot be linked."""
    try:
        earlier = Path(_written[digest][0][0].removesuffix(_SUFFIXES[0]))
        if _stat(earlier) != _written[digest]:
            return False
        if earlier == prefix.absolute():
            return True
        prefix.parent.mkdir(parents=True, exist_ok=True)
        for suffix in _SUFFIXES:
            aside = f"{prefix}{suffix}.{os.getpid()}.tmp"
            os.link(f"{earlier}{suffix}", aside)
            os.replace(aside, f"{prefix}{suffix}")
    except (KeyError, OSError):
        return False
    return True


def read_checkpoint(prefix: Path) -> dict[str, np.ndarray]:
    """Reads every variable under `prefix`.

    Raises:
        CheckpointError: it is missing or damaged.
    """
    if not Path(f"{prefix}.index").is_file():
        raise CheckpointError(f"There is no checkpoint {prefix}.", next_step="Train the run again.")
    return weights.CheckpointSource("checkpoint", prefix, str(prefix)).read_all()


def saved_steps(run_dir: Path) -> list[int]:
    """The steps whose whole state lies in the run, ascending."""
    names = (path.name for path in checkpoints_dir(run_dir).glob("model.ckpt-*"))
    found = (re.fullmatch(r"model\.ckpt-(\d+)\.index", name) for name in names)
    return sorted(int(match[1]) for match in found if match)


def write_state(run_dir: Path, step: int, state: Mapping[str, np.ndarray]) -> None:
    """Writes the whole state after `step` steps and removes all but the newest few before it."""
    write_checkpoint(model_prefix(run_dir, step), state)
    for old in saved_steps(run_dir)[:-KEPT_CHECKPOINTS]:
        for suffix in reversed(_SUFFIXES):
            Path(f"{model_prefix(run_dir, old)}{suffix}").unlink(missing_ok=True)


def read_newest_state(run_dir: Path) -> dict[str, np.ndarray] | None:
    """The newest whole state that can be read, or None; a damaged one is passed over for the one before
    it.
    """
    for step in reversed(saved_steps(run_dir)):
        try:
            return read_checkpoint(model_prefix(run_dir, step))
        except CheckpointError as error:
            _log.warning("passed over: %s", error)
    return None
