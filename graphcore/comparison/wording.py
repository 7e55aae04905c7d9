"""What a comparison found, in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from graphcore.comparison.comparison import Comparison, Difference
from graphcore.comparison.measures import Measure
from graphcore.comparison.paired_test import smallest_p
from graphcore.evaluation.figure_tables import is_of_hundred, name_figure

# What is less likely than this by chance alone is told as a difference.
SIGNIFICANT = 0.05
# Costs without a scale are told as they are, shares in points of a hundred.
_WITHOUT_SCALE = ("loss", "brier")


def tell_difference(difference: Difference, comparison: Comparison) -> str:
    """One sentence on one run held against the first."""
    measure, first, second = comparison.measure, difference.first, difference.second
    figure, over = name_figure(measure.name), f"over {count_groups(comparison)}"
    sign = -1.0 if measure.lower_is_better else 1.0
    gain = sign * difference.test.difference
    better = f"{show_amount(abs(gain), measure)} {'better' if gain >= 0 else 'worse'} in {figure}"
    if difference.p is None:
        return f"{second} is {better} than {first}; over a single one nobody can tell whether that is chance."
    if difference.p == 1 and show_number(gain, measure) == show_number(0.0, measure):
        return _tell_equal(difference, measure, f"in {figure} {over}")
    # Of the amount that is told, whichever run it is that is better by it.
    interval = _tell_interval(difference, measure, sign if gain >= 0 else -sign)
    if difference.p > SIGNIFICANT:
        told = f"{better}{interval}, p = {show_p(difference.p)} {over}"
        return f"No difference can be told between {second} and {first}: {second} is {told}."
    winner, loser = (second, first) if gain > 0 else (first, second)
    by = f"by {show_amount(abs(gain), measure)} in {figure}"
    return f"{winner} is better than {loser} {by}{interval}, p = {show_p(difference.p)} {over}."


def _tell_equal(difference: Difference, measure: Measure, where: str) -> str:
    both = f"{difference.second} and {difference.first}"
    level = f"both {show_level(difference.test.first, measure)} {where}"
    if not difference.won and not difference.lost:
        return f"{both} have the same samples right: {level}."
    interval = difference.test.interval
    bounds = [] if interval is None else [show_number(bound, measure) for bound in (interval.low, interval.high)]
    surely = f" (95 % interval of the difference {' to '.join(bounds)})" if bounds else ""
    return f"No difference can be told between {both}: {level}{surely}."


def _tell_interval(difference: Difference, measure: Measure, sign: float) -> str:
    interval = difference.test.interval
    if interval is None:
        return ""
    low, high = sorted((sign * interval.low, sign * interval.high))
    return f" (95 % interval {show_number(low, measure)} to {show_number(high, measure)})"


def list_cautions(comparison: Comparison) -> Iterator[str]:
    """Yields what to mind about all of it."""
    left_out = [f"{run.left_out:,} of {run.name}" for run in comparison.runs if run.left_out]
    if left_out:
        yield (
            f"Not every run knows every sample: the {comparison.count:,} that all share are compared; left out are "
            f"{', '.join(left_out)}."
        )
    videos = {run.name: run.metrics.videos for run in comparison.runs if run.metrics.videos}
    offline = [name for name, found in videos.items() if not found.causal]
    if 0 < len(offline) < len(videos):
        judge = "judges" if len(offline) == 1 else "judge"
        yield f"Not alike: {', '.join(offline)} {judge} frames by later ones too (offline), the others do not (causal)."
    if not comparison.knows_origin:
        yield (
            "The records of these runs are no longer where they were, so nobody knows which samples are of one video: "
            "each is taken as independent. Of frames, intervals are then too narrow and p values too small."
        )
    if comparison.groups.caution:
        yield comparison.groups.caution
    yield from _tell_smallest(comparison)


def _tell_smallest(comparison: Comparison) -> Iterator[str]:
    tests, groups = len(comparison.differences), comparison.groups.count
    least = min(1.0, smallest_p(groups) * tests)
    if groups < 2 or least <= SIGNIFICANT:
        return
    against = f" and {tests} runs held against the first" if tests > 1 else ""
    yield (
        f"With {count_groups(comparison)}{against} no p below {least:.3g} is possible: they are too few to show "
        "a difference, however large."
    )


def count_groups(comparison: Comparison) -> str:
    """Over how many of what, such as "8 videos"."""
    count, unit = comparison.groups.count, comparison.groups.unit
    return f"{count:,} {unit if count != 1 else unit.removesuffix('s')}"


def show_p(p: float) -> str:
    """A p value with the digits that say something."""
    return f"{p:.2f}" if p >= 0.1 else f"{p:.2g}"


def show_amount(amount: float, measure: Measure) -> str:
    """How much two figures differ, with its unit."""
    shown = show_number(amount, measure)
    if measure.name in _WITHOUT_SCALE:
        return shown
    return f"{shown} {'point' if shown == '1.0' else 'points'}"


def show_number(value: float, measure: Measure) -> str:
    """A difference without its unit: of shares in points of a hundred."""
    if measure.name in _WITHOUT_SCALE:
        shown = f"{value:.3f}"
    else:
        shown = f"{value if is_of_hundred(measure.name) else 100 * value:.1f}"
    return shown.removeprefix("-") if float(shown) == 0 else shown


def show_level(value: float, measure: Measure) -> str:
    """A figure itself, not a difference: of shares in per cent."""
    of_hundred = measure.name in _WITHOUT_SCALE or is_of_hundred(measure.name)
    return show_number(value, measure) + ("" if of_hundred else " %")


def show_unit(measure: Measure) -> str:
    """What goes behind a table's title."""
    return "" if measure.name in _WITHOUT_SCALE else ", in points"
