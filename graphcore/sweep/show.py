"""A sweep on the screen and as a CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from graphcore import atomic, console
from graphcore.sweep.jobs import Job
from graphcore.sweep.summary import Summary

MOST_ON_SCREEN = 30
_WIDEST = 24
_LONGEST_NUMBER = 8


def show_summary(summary: Summary, title: str) -> None:
    """Prints the table, best first, then what failed and why."""
    shown = summary.settings[:MOST_ON_SCREEN]
    others = list(summary.settings[0].others) if summary.settings else []
    # A header breaks at a space.
    figures = [name.replace("/", " ").replace("_", " ") for name in (summary.metric, *others)]
    columns = ["", *(_shorten_name(name, summary.options) for name in summary.options), *figures]
    rows = [
        [
            str(rank),
            *(_shorten(value) for value in setting.options),
            str(setting.metric),
            *(str(setting.others[name]) if name in setting.others else "" for name in others),
            len(setting.jobs),
            f"{setting.seconds:.1f}" if setting.seconds is not None else "",
        ]
        for rank, setting in enumerate(shown, 1)
    ]
    if rows:
        console.show_table(title, [*columns, "jobs", "s"], rows)
    if len(summary.settings) > len(shown):
        console.say(f"The first {len(shown)} of {len(summary.settings)} settings; all are in the CSV.")
    for job in summary.unfinished:
        reason = (job.failure or _explain(job, summary.metric)).splitlines()[0]
        told = ", ".join(f"{name}={job.options[name]}" for name in summary.options if name in job.options)
        console.warn(f"job {job.name} ({told}): {reason}" if told else f"job {job.name}: {reason}")


def _explain(job: Job, metric: str) -> str:
    return f"it has no {metric}" if job.state == "done" else "it has not finished"


def _shorten_name(name: str, among: Sequence[str]) -> str:
    """The last word of an option where no other option of the table ends in it."""
    last = name.rpartition(".")[2]
    return last if sum(other.rpartition(".")[2] == last for other in among) == 1 else name


def _shorten(value: str) -> str:
    try:
        number = float(value)
    except ValueError:
        pass
    else:
        return f"{number:.4g}" if len(value) > _LONGEST_NUMBER else value
    return value if len(value) <= _WIDEST else f"{value[: _WIDEST // 2 - 1]}…{value[-_WIDEST // 2 :]}"


def write_csv(path: Path, jobs: Sequence[Job], options: Sequence[str]) -> None:
    """Writes one row a job: its name and state, every varied option, every figure, and why it failed."""
    figures = sorted({name for job in jobs for name in job.metrics})
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["job", "state", *options, *figures, "failure"])
    for job in jobs:
        writer.writerow(
            [
                *(job.name, job.state),
                *(job.options.get(name, "") for name in options),
                *(job.metrics.get(name, "") for name in figures),
                job.failure or "",
            ]
        )
    atomic.write_text(path, buffer.getvalue())
