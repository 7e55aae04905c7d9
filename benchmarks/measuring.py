"""How the benchmarks measure: side by side in one run, so that what disturbs one of two ways disturbs the other too."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

GOALS = "goals"
"""Where a benchmark's extra information keeps what `note_goal` was told."""


@dataclass(frozen=True)
class Beside:
    """What was measured side by side.

    Attributes:
        seconds: the median of each way by its name, "ours" among them.
        ratios: how many times as fast as each other way ours is: the median of the ratios taken round by round.
        best: the fastest round of each way, for what a busy disk disturbs far more in one way than in the other.
    """

    seconds: Mapping[str, float]
    ratios: Mapping[str, float]
    best: Mapping[str, float]


def time_beside(
    benchmark: Any,
    ours: Callable[[], Any],
    others: Mapping[str, Callable[[], Any]],
    rounds: int = 5,
    setup: Callable[[], Any] | None = None,
    warmup_rounds: int = 1,
) -> Beside:
    """Measures ours with pytest-benchmark, and before each round of it the other ways.

    Args:
        benchmark: pytest-benchmark's fixture; medians and ratios go into its `extra_info`.
        ours: what is measured.
        others: the ways it is held against, by name.
        rounds: of all ways.
        setup: called before each way, unmeasured: to clear what the last one left.
        warmup_rounds: of all ways, unmeasured.
    """
    theirs: dict[str, list[float]] = {name: [] for name in others}
    prepare = setup or (lambda: None)

    def run_others() -> None:
        for name, way in others.items():
            prepare()
            start = time.perf_counter()
            way()
            theirs[name].append(time.perf_counter() - start)
        prepare()

    for _ in range(warmup_rounds):
        run_others()
        ours()
    for secs in theirs.values():
        secs.clear()
    benchmark.pedantic(ours, setup=run_others, rounds=rounds)
    own = list(benchmark.stats.stats.data)
    seconds = {"ours": statistics.median(own)} | {name: statistics.median(secs) for name, secs in theirs.items()}
    ratios = {
        name: statistics.median(their / our for their, our in zip(secs, own, strict=True))
        for name, secs in theirs.items()
    }
    best = {"ours": min(own)} | {name: min(secs) for name, secs in theirs.items()}
    benchmark.extra_info["seconds_at_best"] = {name: round(value, 4) for name, value in best.items()}
    benchmark.extra_info["seconds"] = {name: round(value, 4) for name, value in seconds.items()}
    benchmark.extra_info["times_as_fast_as"] = {name: round(value, 2) for name, value in ratios.items()}
    return Beside(seconds, ratios, best)


def note_goal(
    benchmark: Any,
    number: int,
    what: str,
    measured: float,
    wanted: float | None,
    unit: str = "x",
    at_most: bool = False,
) -> None:
    """Puts a figure into the table of goals, which the run ends with and `python -m benchmarks.table` writes down.

    Args:
        benchmark: pytest-benchmark's fixture.
        number: of the goal, 1 to 7: the table is in this order.
        what: what was measured against what, short.
        measured: the figure.
        wanted: the bar; None where the figure only stands beside one that has a bar.
        unit: what follows the figure: "x" for times, "%" where `measured` is a share (0.85 is shown as 85 %).
        at_most: whether less is better.
    """
    goal = {"number": number, "what": what, "measured": round(measured, 4), "wanted": wanted}
    benchmark.extra_info.setdefault(GOALS, []).append(goal | {"unit": unit, "at_most": at_most})
