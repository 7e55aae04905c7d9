"""A comparison as plain values, for a file."""

from __future__ import annotations

import math
from typing import Any

from graphcore.comparison.comparison import Comparison, Difference
from graphcore.comparison.wording import list_cautions, tell_difference
from graphcore.evaluation.figures import Metrics
from graphcore.evaluation.intervals.interval import Interval


def to_json(comparison: Comparison) -> dict[str, Any]:
    """All of it; what is not defined is null."""
    return {
        "split": comparison.split,
        "samples": comparison.count,
        "groups": comparison.groups.count,
        "unit": comparison.groups.unit,
        "metric": comparison.measure.name,
        "lower_is_better": comparison.measure.lower_is_better,
        "runs": [
            {"name": run.name, "left_out": run.left_out, "figures": _figures_to_json(run.metrics)}
            for run in comparison.runs
        ],
        "differences": [_difference_to_json(difference, comparison) for difference in comparison.differences],
        "cautions": list(list_cautions(comparison)),
    }


def _figures_to_json(metrics: Metrics) -> dict[str, Any]:
    return {
        name: {"value": _or_null(value)} | _interval_to_json(metrics.intervals.get(name))
        for name, value in metrics.values.items()
    }


def _difference_to_json(difference: Difference, comparison: Comparison) -> dict[str, Any]:
    test = difference.test
    return {
        "run": difference.second,
        "against": difference.first,
        "difference": test.difference,
        **_interval_to_json(test.interval),
        "p": test.p,
        "p_corrected": difference.p,
        "swaps": test.swaps,
        "every_swap": test.is_exact,
        "won": difference.won,
        "lost": difference.lost,
        "meaning": tell_difference(difference, comparison),
        "groups": [
            {"name": gap.name, "against": _or_null(gap.first), "run": _or_null(gap.second)} for gap in difference.gaps
        ],
    }


def _interval_to_json(interval: Interval | None) -> dict[str, float | None]:
    return {"low": interval.low if interval else None, "high": interval.high if interval else None}


def _or_null(value: float) -> float | None:
    return None if math.isnan(value) else value
