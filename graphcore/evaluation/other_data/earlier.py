"""What another dataset's evaluation replaces: two datasets of one name have one folder of results.

The options that a dataset was made by are noted beside its results, so that the next evaluation can tell whether it is
of the same samples.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from graphcore import atomic
from graphcore.config import DatasetConfig
from graphcore.console import warn

NOTE_NAME = "evaluation.json"
# Where records lie says nothing of what is in them.
_PASSED_OVER = ("records",)


def list_options(dataset: DatasetConfig) -> dict[str, Any]:
    """What decides which samples a dataset has, by full name ("dataset.seed"), as JSON gives it back."""
    options = {f"dataset.{name}": value for name, value in asdict(dataset).items() if name not in _PASSED_OVER}
    return json.loads(json.dumps(options))


def replace_note(folder: Path, options: Mapping[str, Any]) -> None:
    """Notes the options of an evaluation, and warns where its results take the place of those of other options.

    Args:
        folder: of the results.
        options: as `list_options` gives them.
    """
    changes = list_changes(_read(folder / NOTE_NAME), options)
    if changes:
        warn(f"{folder} had the results of an evaluation with other options, which are replaced: {'; '.join(changes)}.")
    atomic.write_json(folder / NOTE_NAME, {"options": dict(options)})


def list_changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What options were and are, where that is not the same; nothing where nothing is known of what they were."""
    names = dict.fromkeys((*before, *now)) if before else ()
    return [
        f"{name} was {_show(before.get(name))}, now {_show(now.get(name))}"
        for name in names
        if before.get(name) != now.get(name)
    ]


def _show(value: Any) -> str:
    return "null" if value is None else str(value)


def _read(path: Path) -> dict[str, Any]:
    try:
        options = json.loads(path.read_bytes())["options"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return options if isinstance(options, dict) else {}
