"""Heads side by side: one table on the screen, and all of their figures in a CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from graphcore.atomic import write_text
from graphcore.console import say, show_table, warn
from graphcore.evaluation.figure_tables import describe_caution, show_interval, tell_groups
from graphcore.evaluation.figures import Metrics

BEST = "*"


@dataclass(frozen=True)
class HeadResult:
    """What a head came to.

    Attributes:
        name: the head.
        causal: whether no frame is judged by a later one.
        is_own: whether it is the run's own.
        seconds: of its training.
        metrics: of the split.
    """

    name: str
    causal: bool
    is_own: bool
    seconds: float
    metrics: Metrics


def show_heads(results: Sequence[HeadResult], split: str, title: str) -> None:
    """Prints the table; the heads with the highest headline figure are marked, all where several have it."""
    of_videos = any(each.metrics.videos for each in results)
    best = find_best(results)
    describe = _describe_video_head if of_videos else _describe_head
    rows = [describe(each, _measure(each) == _measure(best)) for each in results]
    counted = results[0].metrics
    samples = f"{counted.count:,} {'frames' if of_videos else 'samples'}{tell_groups(counted)}"
    show_table(f"Heads of {title} on {split}: {samples}", list(rows[0]), [list(row.values()) for row in rows])
    chosen = best.metrics.headline.replace("_", " ")
    by = "" if split == "validation" else "; to choose one, compare on validation: split=validation"
    say(f"{BEST} the highest {chosen} on {split}{by}.")
    if note := describe_caution(counted):
        warn(note)


def find_best(results: Sequence[HeadResult]) -> HeadResult:
    """The one with the highest headline figure; of equals the first."""
    return max(results, key=_measure)


def _measure(each: HeadResult) -> float:
    return each.metrics.values.get(each.metrics.headline, -1.0)


def write_heads(path: Path, results: Sequence[HeadResult], split: str) -> None:
    """Writes a row for every head; the columns are every figure that any of them has."""
    rows = [_flatten(each, split) for each in results]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    write_text(path, text.getvalue())


def _flatten(each: HeadResult, split: str) -> dict[str, object]:
    row: dict[str, object] = {"head": each.name, "own": int(each.is_own), "causal": int(each.causal), "split": split}
    row["seconds_train"] = round(each.seconds, 3)
    for name, value in each.metrics.values.items():
        row[name] = value
        if name in each.metrics.intervals:
            row |= {f"{name}_low": each.metrics.intervals[name].low, f"{name}_high": each.metrics.intervals[name].high}
    return row


def _describe_video_head(each: HeadResult, is_best: bool) -> dict[str, str]:
    values = each.metrics.values
    overlaps = "/".join(_cell(values, f"f1@{overlap}", 0) for overlap in (10, 25, 50))
    return {
        "head": each.name + (BEST if is_best else ""),
        "looks\nahead": "no" if each.causal else "yes",
        "accuracy": _with_interval(each.metrics),
        "Jacc.": _cell(values, "phase_jaccard", 3),
        "edit": _cell(values, "edit", 0),
        "F1@10/25/50": overlaps,
        "seg\nmAP": _cell(values, "map@tiou", 2),
        "secs": f"{each.seconds:.0f}",
    }


def _describe_head(each: HeadResult, is_best: bool) -> dict[str, str]:
    values = each.metrics.values
    return {
        "head": each.name + (BEST if is_best else ""),
        "accuracy": _with_interval(each.metrics),
        "balanced": _cell(values, "balanced_accuracy", 4),
        "macro F1": _cell(values, "macro_f1", 4),
        "loss": _cell(values, "loss", 4),
        "calibration": _cell(values, "expected_calibration_error", 4),
        "secs": f"{each.seconds:.0f}",
    }


def _with_interval(metrics: Metrics) -> str:
    name = metrics.headline
    # Without zeros before the point: eight columns are many for a screen of 80.
    bounds = show_interval(name, metrics.intervals).replace("0.", ".")
    return f"{metrics.values[name]:.3f} {bounds}".rstrip()


def _cell(values: Mapping[str, float], name: str, digits: int) -> str:
    return f"{values[name]:.{digits}f}" if name in values else "-"
