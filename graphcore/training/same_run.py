"""RUN/config.yaml: every option a run was started with, and whether who goes on with it asks for the same."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from graphcore import atomic
from graphcore.config import Config
from graphcore.errors import RunError
from graphcore.training import checkpoints
from graphcore.training.run import RUN_FILE

CONFIG = "config.yaml"
# What may differ when a run goes on: lengths, intervals, places, and who does the work.
_MAY_CHANGE = {
    "trainer.steps",
    "trainer.eval_every_steps",
    "trainer.checkpoint_every_steps",
    "trainer.patience",
    "dataset.dir",
    "dataset.list",
    "dataset.labels_file",
    "dataset.videos",
    "dataset.annotations",
    "dataset.records",
    "audit.on_leakage",
    "audit.similar_bits",
    "audit.tolerated_percent",
    "shards.workers",
    "backbone.checkpoint",
    "backbone.features_dir",
    "backbone.batch_size",
    "backbone.executor",
    "trainer.checkpoint_every_secs",
    "trainer.objective",
    "trainer.threads",
}
# Groups of options that decide nothing of what is learnt.
_MAY_CHANGE_WHOLLY = ("summaries.", "test.", "segments.", "export.")


def refuse_other_options(config: Config, run_dir: Path) -> None:
    """Finds that the folder holds a training of other options before the records it was trained on are made anew.

    Raises:
        RunError: what differs decides the result.
    """
    path = run_dir / CONFIG
    if not path.exists() or not holds_training(run_dir):
        return
    before = OmegaConf.to_container(OmegaConf.load(path))
    now = OmegaConf.to_container(OmegaConf.structured(config))
    changed = [line for name, line in _list_changes(before, now) if not _may_change(name)]
    if changed:
        raise RunError(
            f"{run_dir} holds a training of other options: {'; '.join(changed)}.",
            next_step="Choose another hydra.run.dir, or give the options it was started with.",
        )


def holds_training(run_dir: Path) -> bool:
    """Whether there is anything to go on from, or to lose: a training that was refused before its first step, or
    killed before it saved any, binds nobody to its options.
    """
    return bool(checkpoints.saved_steps(run_dir)) or (run_dir / RUN_FILE).exists()


def _list_changes(before: Any, now: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(option, what it was and is) for every option that is not the same."""
    for name in dict.fromkeys((*before, *now)):
        old, new, full = before.get(name), now.get(name), f"{prefix}{name}"
        if isinstance(old, dict) and isinstance(new, dict):
            yield from _list_changes(old, new, f"{full}.")
        elif old != new:
            yield full, f"{full} was {old}, now {new}"


def _may_change(option: str) -> bool:
    return option in _MAY_CHANGE or option.startswith(_MAY_CHANGE_WHOLLY)


def digest_options(config: Config) -> str:
    """The hexadecimal SHA-256 of all options that decide the result of a training."""
    options = OmegaConf.to_container(OmegaConf.structured(config))
    named = sorted((name, repr(value)) for name, value in _flatten(options) if not _may_change(name))
    return hashlib.sha256(json.dumps(named).encode()).hexdigest()


def _flatten(options: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in options.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


# Lines of config.yaml by the group and its options: the jobs of a sweep differ in one or two of them, and OmegaConf
# writes YAML in Python, 11 ms for all.
_written: dict[tuple[str, str], str] = {}
_MOST_WRITTEN = 64


def write_config(config: Config, run_dir: Path) -> None:
    """Writes RUN/config.yaml: every option, as it was resolved."""
    groups = ((one.name, getattr(config, one.name)) for one in dataclasses.fields(config))
    atomic.write_text(run_dir / CONFIG, "".join(_to_yaml(name, value) for name, value in groups))


def _to_yaml(name: str, value: Any) -> str:
    """The lines of one group of options, or of one that is in none."""
    key = name, repr(value)
    if key not in _written:
        if len(_written) >= _MOST_WRITTEN:
            _written.clear()
        options = OmegaConf.structured(value) if dataclasses.is_dataclass(value) else value
        _written[key] = OmegaConf.to_yaml({name: options})
    return _written[key]
