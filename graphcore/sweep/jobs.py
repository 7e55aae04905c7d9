"""What the jobs of a sweep left behind: their options, their figures, or why they failed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graphcore.command import FAILED_FILE
from graphcore.natural_order import natural_order

_OVERRIDES = Path(".hydra") / "overrides.yaml"
_METRICS = "metrics.json"
_RUN = "run.json"


@dataclass(frozen=True)
class Job:
    """One job of a sweep.

    Attributes:
        name: its folder below the sweep's.
        options: what it was told on the command line, by option ("optimizer.learning_rate", "head").
        metrics: the figures of metrics.json by name; empty where it has none.
        objective: the figure it chose its weights by; None where it did not finish.
        failure: why it failed, None where it did not.
    """

    name: str
    options: Mapping[str, str]
    metrics: Mapping[str, float] = field(default_factory=dict)
    objective: str | None = None
    failure: str | None = None

    @property
    def state(self) -> str:
        """ "done", "failed" or "unfinished"."""
        if self.objective is not None:
            return "done"
        return "failed" if self.failure is not None else "unfinished"


def read_jobs(folder: Path) -> list[Job]:
    """Every job below a sweep's folder, in the order of their numbers; none where it is no sweep."""
    found = [path.parents[1] for path in folder.glob(f"*/{_OVERRIDES}")] if folder.is_dir() else []
    return [_read_job(path) for path in sorted(found, key=lambda path: natural_order(path.name))]


def _read_job(folder: Path) -> Job:
    note = _read_json(folder / _RUN)
    values = _read_json(folder / _METRICS)
    objective = note.get("objective")
    failure = folder / FAILED_FILE
    return Job(
        folder.name,
        _read_overrides(folder / _OVERRIDES),
        {name: value for name, value in values.items() if isinstance(value, (int, float)) and math.isfinite(value)},
        objective if isinstance(objective, str) and values else None,
        failure.read_text("utf-8", "replace").strip() if failure.is_file() else None,
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}  # the job failed before it came so far
    return values if isinstance(values, dict) else {}


def _read_overrides(path: Path) -> dict[str, str]:
    import yaml

    try:
        # OmegaConf, which reads YAML in Python, takes four times as long.
        overrides = yaml.load(path.read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (OSError, ValueError, yaml.YAMLError):
        overrides = None  # somebody's edit: the job counts, and nobody knows what it was told
    options = {}
    for override in overrides if isinstance(overrides, list) else ():
        name, _, value = str(override).partition("=")
        options[name.lstrip("+~")] = value
    return options
