"""A comparison on a screen of 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from graphcore.comparison.comparison import Comparison, Difference
from graphcore.comparison.measures import Measure
from graphcore.comparison.wording import count_groups, list_cautions, show_number, show_p, show_unit, tell_difference
from graphcore.console import say, shorten_middle, show_table, warn
from graphcore.evaluation.figure_tables import is_of_hundred, name_figure
from graphcore.evaluation.figures import Metrics

# Figures of so many runs stand side by side in 80 columns.
_RUNS_ABREAST = 3
_WIDEST_NAME = 15
_MOST_GROUPS = 5

# What is shown of a run; all of it is in its own metrics.json.
_OF_SAMPLES = ("accuracy", "balanced_accuracy", "macro_f1", "loss", "expected_calibration_error")
_OF_VIDEOS = ("video_accuracy", "phase_jaccard", "edit", "f1@50")
_OF_LABELS = ("mean_average_precision", "f1_macro", "f1_micro", "loss")


def show_comparison(comparison: Comparison) -> None:
    """Prints the figures, the tests, where the runs differ most, and what it means."""
    names = shorten_names([run.name for run in comparison.runs])
    for start in range(0, len(names), _RUNS_ABREAST):
        _show_figures(comparison, names, range(start, min(start + _RUNS_ABREAST, len(names))))
    _show_differences(comparison, names)
    for number, difference in enumerate(comparison.differences, 1):
        _show_gaps(comparison, difference, (names[0], names[number]))
    for difference in comparison.differences:
        say(tell_difference(difference, comparison))
    if len(comparison.differences) > 1:
        say(f"p is corrected by Holm's method for {len(comparison.differences)} runs held against the first.")
    for caution in list_cautions(comparison):
        warn(caution)


def shorten_names(names: Sequence[str], width: int = _WIDEST_NAME) -> list[str]:
    """Names that fit above a column and still differ: numbered where what is left of them is the same."""
    short = [shorten_middle(name, width) for name in names]
    if len(set(short)) == len(names):
        return short
    return [f"{number} {shorten_middle(name, width - 1 - len(str(number)))}" for number, name in enumerate(names, 1)]


def _show_figures(comparison: Comparison, names: Sequence[str], shown: range) -> None:
    metrics = [comparison.runs[index].metrics for index in shown]
    wanted = _OF_LABELS if metrics[0].multi_label else (*_OF_SAMPLES, *_OF_VIDEOS)
    if comparison.measure.name not in wanted:
        wanted = (*wanted, comparison.measure.name)
    present = [name for name in wanted if any(name in one.values for one in metrics)]
    titles = [name_figure(name).removeprefix("expected ") for name in present]
    rows = [[title, *(_show_figure(name, one) for one in metrics)] for name, title in zip(present, titles, strict=True)]
    over = f", 95 % intervals over {count_groups(comparison)}" if any(one.intervals for one in metrics) else ""
    title = f"{comparison.split}: {comparison.count:,} samples{over}"
    show_table(title, ["figure", *(names[index] for index in shown)], rows)


def _show_figure(name: str, metrics: Metrics) -> str:
    """Such as "0.812 (.77-.85)"."""
    if name not in metrics.values:
        return "-"
    value, interval = metrics.values[name], metrics.intervals.get(name)
    of_hundred = is_of_hundred(name)
    shown = f"{value:.1f}" if of_hundred else f"{value:.3f}" if value <= 1 else f"{value:.2f}"
    if interval is None:
        return shown
    low, high = (_strip(f"{bound:.{0 if of_hundred else 2}f}") for bound in (interval.low, interval.high))
    return f"{shown} ({low}-{high})"


def _strip(shown: str) -> str:
    return shown.removeprefix("0") if shown.startswith("0.") else shown


def _show_differences(comparison: Comparison, names: Sequence[str]) -> None:
    measure = comparison.measure
    rows = []
    for name, difference in zip(names[1:], comparison.differences, strict=True):
        test = difference.test
        bounds = [] if test.interval is None else [test.interval.low, test.interval.high]
        interval = " to ".join(_show_signed(bound, measure) for bound in bounds) or "-"
        p = "-" if difference.p is None else show_p(difference.p)
        change = _show_signed(test.difference, measure)
        rows.append([name, change, interval, p, difference.won, difference.lost])
    figure = name_figure(measure.name)
    title = (
        f"{figure[:1].upper()}{figure[1:]} less that of {names[0]}{show_unit(measure)}\n"
        f"won: samples right here only; lost: right in {names[0]} only"
    )
    p = "p, Holm" if len(rows) > 1 else "p"
    show_table(title, ["run", "difference", "95 % interval", p, "won", "lost"], rows)


def _show_signed(value: float, measure: Measure) -> str:
    shown = show_number(value, measure)
    return shown if shown.startswith("-") or float(shown) == 0 else f"+{shown}"


def _show_gaps(comparison: Comparison, difference: Difference, names: tuple[str, str]) -> None:
    """The groups in which the runs lie widest apart."""
    measure, unit = comparison.measure, comparison.groups.unit
    rows = [
        [
            gap.name,
            *(show_number(value, measure) for value in (gap.first, gap.second)),
            _show_signed(gap.second - gap.first, measure),
        ]
        for gap in difference.gaps[:_MOST_GROUPS]
    ]
    if rows:
        title = f"{unit.capitalize()} in which they differ most: {name_figure(measure.name)}{show_unit(measure)}"
        show_table(title, [unit.removesuffix("s"), *names, "difference"], rows, shorten=0)
