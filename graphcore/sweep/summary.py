"""Settings of a sweep, ranked: jobs that differ only by seed or fold are one, with a mean and a spread. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from graphcore.errors import RunError
from graphcore.sweep.jobs import Job

AVERAGED = ("seed", "split.fold")
_COSTS = ("loss",)
# Of every setting, besides what it is ranked by.
SHOWN = ("test/accuracy", "test/mean_average_precision")


@dataclass(frozen=True)
class Spread:
    """A figure over several jobs.

    Attributes:
        mean: their mean.
        deviation: their sample standard deviation; None for a single job.
    """

    mean: float
    deviation: float | None

    def __str__(self) -> str:
        return f"{self.mean:.4f}" if self.deviation is None else f"{self.mean:.3f}±{self.deviation:.3f}"


@dataclass(frozen=True)
class Setting:
    """Jobs that differ only in what is averaged over.

    Attributes:
        options: the value of each varied option, in the order of `Summary.options`; "" where none was given.
        jobs: their names.
        metric: what settings are ranked by.
        others: further figures by name.
        seconds: mean duration of a job; None where none was noted.
    """

    options: tuple[str, ...]
    jobs: tuple[str, ...]
    metric: Spread
    others: dict[str, Spread]
    seconds: float | None


@dataclass(frozen=True)
class Summary:
    """A sweep at a glance.

    Attributes:
        metric: what settings are ranked by.
        options: names of the options that vary.
        settings: best first.
        unfinished: jobs without figures: those that failed, and those that have not ended.
    """

    metric: str
    options: tuple[str, ...]
    settings: tuple[Setting, ...]
    unfinished: tuple[Job, ...]


def choose_metric(jobs: Sequence[Job], asked: str | None) -> str:
    """What to rank by.

    Raises:
        RunError: no job has such a figure; the message lists those there are.
    """
    known = sorted({name for job in jobs for name in job.metrics})
    if asked is not None:
        if known and asked not in known:
            split = [name for name in known if name.count("/") == 1 and not name.startswith("seconds/")]
            raise RunError(f"metric={asked} is in no job's metrics.json.", choices=split or known)
        return asked
    objectives = [job.objective for job in jobs if job.objective]
    return statistics.mode(objectives) if objectives else "validation/accuracy"


def summarise(jobs: Sequence[Job], metric: str, average_over: Sequence[str] = AVERAGED) -> Summary:
    """Ranks the settings of finished jobs by the mean of `metric`; less is better of a loss."""
    done = [job for job in jobs if metric in job.metrics and job.state == "done"]
    options = _find_varied(jobs, average_over)
    groups: dict[tuple[str, ...], list[Job]] = {}
    for job in done:
        groups.setdefault(tuple(job.options.get(name, "") for name in options), []).append(job)
    settings = [_make_setting(values, members, metric) for values, members in groups.items()]
    sign = 1 if metric.rpartition("/")[2] in _COSTS else -1
    settings.sort(key=lambda setting: sign * setting.metric.mean)
    return Summary(metric, options, tuple(settings), tuple(job for job in jobs if job not in done))


def _find_varied(jobs: Sequence[Job], average_over: Sequence[str]) -> tuple[str, ...]:
    names = dict.fromkeys(name for job in jobs for name in job.options)
    varied = (name for name in names if len({job.options.get(name) for job in jobs}) > 1)
    return tuple(name for name in varied if name not in average_over)


def _make_setting(values: tuple[str, ...], members: Sequence[Job], metric: str) -> Setting:
    others = {
        name: _spread([job.metrics[name] for job in members])
        for name in SHOWN
        if name != metric and all(name in job.metrics for job in members)
    }
    seconds = [job.metrics["seconds/total"] for job in members if "seconds/total" in job.metrics]
    return Setting(
        values,
        tuple(job.name for job in members),
        _spread([job.metrics[metric] for job in members]),
        others,
        statistics.fmean(seconds) if seconds else None,
    )


def _spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else None)
