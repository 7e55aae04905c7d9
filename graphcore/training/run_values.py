"""Whether run.json says what a run can be, before anything is made of it: people copy, cut and edit such files."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from graphcore.config import EXECUTORS, HEADS, SegmentsConfig
from graphcore.nets.input_spec import InputSpec

_TEXTS = ("backbone_name", "dataset_digest", "backbone_digest", "objective", "output_name", "trainer")
_COUNTS = ("image_size", "batch_size", "steps", "best_step", "seed")
_TABLES = ("input_spec", "dataset_options", "head_options", "segmenting", "validation", "seconds", "speeds")
_FIGURES = ("validation", "seconds", "speeds")
_NUMBER_OPTIONS = ("dataset.size", "dataset.every_secs")


def check_values(values: Mapping[str, Any]) -> None:
    """Looks through the fields of a run that are there; those that are missing are not missed here.

    Raises:
        ValueError: a field cannot be what it says; the message names it.
        TypeError: likewise, of the options of the head, of segments or of the input specification.
        GraphcoreError: likewise.
    """
    for names, kind in ((_TEXTS, str), (_COUNTS, int), (_TABLES, dict), (("multi_label",), bool)):
        for name in names:
            _require(name, values.get(name, kind()), kind)
    for name in ("image_size", "batch_size"):
        if values.get(name, 1) < 1:
            raise ValueError(f"{name} is {values[name]}")
    if values.get("executor", EXECUTORS[0]) not in EXECUTORS:
        raise ValueError(f"executor is {values['executor']!r}, not one of {', '.join(EXECUTORS)}")
    _require("width", values.get("width", 1.0), (int, float))
    _require("end_point", values.get("end_point"), (str, type(None)))
    if "labels" in values:
        _check_labels(values["labels"])
        _check_thresholds(values.get("thresholds"), len(values["labels"]))
    for name in _FIGURES:
        for key, value in values.get(name, {}).items():
            _require(f"{name}[{key}]", value, (int, float))
    for name in _NUMBER_OPTIONS:
        _require(f"dataset_options[{name}]", values.get("dataset_options", {}).get(name), (int, float, type(None)))
    _check_fitted(values)
    _check_head(values.get("head_options", {}))
    if values.get("input_spec"):
        InputSpec.from_json(values["input_spec"])


def _require(name: str, value: Any, kinds: type | tuple[type, ...]) -> None:
    is_kind = isinstance(value, kinds) and not (isinstance(value, bool) and kinds is not bool)
    if not is_kind:
        raise ValueError(f"{name} is {value!r}")


def _check_labels(labels: Any) -> None:
    _require("labels", labels, list)
    for label in labels:
        _require("labels", label, str)
    if not labels or len(set(labels)) < len(labels):
        raise ValueError("labels are none, or one is there twice")


def _check_thresholds(thresholds: Any, classes: int) -> None:
    if thresholds is None:
        return
    _require("thresholds", thresholds, list)
    for value in thresholds:
        _require("thresholds", value, (int, float))
        if math.isnan(value):
            raise ValueError("a threshold is no number")
    if len(thresholds) != classes:
        raise ValueError(f"there are {len(thresholds)} thresholds for {classes} classes")


def _check_fitted(values: Mapping[str, Any]) -> None:
    temperature = values.get("temperature")
    _require("temperature", temperature, (int, float, type(None)))
    if temperature is not None and not (math.isfinite(temperature) and temperature > 0):
        raise ValueError(f"temperature is {temperature}")
    for key, value in values.get("segmenting", {}).items():
        _require(f"segmenting[{key}]", value, (int, float, type(None)))
    SegmentsConfig(**values.get("segmenting", {}))


def _check_head(options: Mapping[str, Any]) -> None:
    name = options.get("name", "linear")
    if name not in HEADS:
        raise ValueError(f"head_options name the head {name!r}")
    HEADS[name](**options)
