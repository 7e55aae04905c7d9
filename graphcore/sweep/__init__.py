"""`train -m ...` afterwards: every job of a sweep, best first, in one table, one CSV and one picture.

Reads nothing but the folders that the jobs left behind, so it can be asked at any time and for any sweep.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from graphcore.errors import RunError
from graphcore.sweep.jobs import Job, read_jobs
from graphcore.sweep.summary import AVERAGED, Summary, choose_metric, summarise

CSV_FILE = "sweep.csv"
PICTURE_FILE = "sweep.png"


def summarise_sweep(
    folder: Path | str, metric: str | None = None, average_over: Sequence[str] = AVERAGED
) -> tuple[list[Job], Summary]:
    """Reads a sweep's jobs and ranks their settings.

    Args:
        folder: a sweep's folder ("multirun/..."); each job has a folder of its own in it.
        metric: what to rank by, as metrics.json names it; None for what the jobs chose their weights by.
        average_over: options that settings are averaged over rather than told apart by.

    Raises:
        RunError: the folder is missing or holds no job, or no job knows the metric.
    """
    folder = Path(folder)
    jobs = read_jobs(folder)
    if not jobs:
        raise RunError(
            f"dir={folder} holds no jobs of a sweep.",
            choices=_list_sweeps(folder) or _list_sweeps(folder.parent) or None,
            next_step="Give the folder that `train -m` named: multirun/<date>_<time>.",
        )
    return jobs, summarise(jobs, choose_metric(jobs, metric), average_over)


def _list_sweeps(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.glob("*") if read_jobs(path))[-20:] if folder.is_dir() else []
