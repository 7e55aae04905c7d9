"""How training went: one small chart for each figure that was recorded."""

from __future__ import annotations

import math
from collections.abc import Sequence

from graphcore.console import show_count
from graphcore.evaluation.curves import Curve
from graphcore.evaluation.report.charts import Line, draw_chart
from graphcore.evaluation.report.markup import Html, join, tag
from graphcore.evaluation.report.page import Section, make_note

# Okabe and Ito's palette, whose colours stay apart for every kind of colour vision; dashes tell them apart
# without any.
LINE_STYLES = {"train": ("#0072B2", "6 3"), "validation": ("#D55E00", ""), "test": ("#009E73", "2 2")}
OTHER_STYLE = ("#000000", "6 2 2 2")
# Charts in the order of what is looked at first; names not listed follow.
ORDER = ("accuracy", "mean_average_precision", "loss", "learning_rate")


def make_training_section(curves: Sequence[Curve], best_step: int | None) -> Section | None:
    """A chart for each name among the curves, with one line a split; nothing without curves."""
    known = [curve for curve in map(_drop_unknown, curves) if curve.steps]
    # What was measured once is no curve.
    names = sorted({curve.name for curve in known if len(curve.steps) > 1}, key=_rank)
    if not names:
        return None
    charts = [_make_chart(name, [curve for curve in known if curve.name == name], best_step) for name in names]
    kept = "" if best_step is None else f" The upright line is step {show_count(best_step)}, whose weights were kept."
    note = make_note(
        "Where the validation line turns back while the training line goes on, the classifier learns its training "
        f"pictures by heart.{kept}"
    )
    return Section("How training went", join([note, tag("div", *charts, class_="charts")]), "training")


def _make_chart(name: str, curves: Sequence[Curve], best_step: int | None) -> Html:
    title = name.replace("_", " ")
    drawn = _drop_repeated(curves)
    lines = [
        # A single line needs no name: the title says what it is.
        Line(curve.split if len(drawn) > 1 else "", list(zip(curve.steps, curve.values, strict=True)), *_style(curve))
        for curve in drawn
    ]
    mark = None if best_step is None else (float(best_step), "kept")
    first, last = min(line.points[0][0] for line in lines), max(line.points[-1][0] for line in lines)
    if mark is not None and not first <= mark[0] <= last:
        mark = None
    return tag("div", tag("h3", title), draw_chart(lines, f"{title} over the steps", "step", mark=mark), class_="chart")


def _style(curve: Curve) -> tuple[str, str]:
    return LINE_STYLES.get(curve.split, OTHER_STYLE)


def _drop_unknown(curve: Curve) -> Curve:
    """Without what is no number, which a training that went astray records."""
    points = [pair for pair in zip(curve.steps, curve.values, strict=True) if math.isfinite(pair[1])]
    return Curve(curve.split, curve.name, tuple(step for step, _ in points), tuple(value for _, value in points))


def _drop_repeated(curves: Sequence[Curve]) -> list[Curve]:
    """Without those that would cover another one, as the learning rate of two splits does."""
    return [
        curve
        for index, curve in enumerate(curves)
        if not any((curve.steps, curve.values) == (other.steps, other.values) for other in curves[:index])
    ]


def _rank(name: str) -> tuple[int, str]:
    return (ORDER.index(name) if name in ORDER else len(ORDER)), name
