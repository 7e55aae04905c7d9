"""Small line charts as SVG, drawn for the width of a phone, so that their text is never scaled down to be illegible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from graphcore.evaluation.report.markup import Html, tag
from graphcore.evaluation.report.scales import Scale, find_range, plan_envelope, plan_ticks, round_out, spread

WIDTH, HEIGHT = 340, 210
LEFT, RIGHT, TOP, BOTTOM = 46, 74, 20, 44
# A line of so few points shows them.
MOST_MARKED = 25
# The least distance of two labels beside the lines, in pixels.
LINE_HEIGHT = 14
INK, QUIET, GRID = "#1a1a1a", "#595959", "#e0e0e0"


@dataclass(frozen=True)
class Line:
    """One line of a chart.

    Attributes:
        name: written beside its end; "" for none.
        points: (x, y) in the order of x.
        colour: as CSS has it.
        dashes: as SVG has them; "" for a solid line.
        weights: of its points in [0, 1], shown by the size of their dots; all alike where there are none.
    """

    name: str
    points: Sequence[tuple[float, float]]
    colour: str = INK
    dashes: str = ""
    weights: Sequence[float] = ()


def draw_chart(
    lines: Sequence[Line],
    description: str,
    x_title: str,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    mark: tuple[float, str] | None = None,
    height: int = HEIGHT,
) -> Html:
    """Draws lines over a grid, each named beside its end.

    Args:
        lines: at least one, with at least one point.
        description: what it shows, for whoever has the page read out.
        x_title: what x is.
        x_range: of x; that of the points when None.
        y_range: of y; when None that of the points, out to the next round figures.
        mark: an upright line at (x, its name).
        height: in pixels.
    """
    points = [point for line in lines for point in line.points]
    low, high = x_range or find_range([x for x, _ in points])
    x = Scale(low, high, LEFT, WIDTH - RIGHT)
    low, high = y_range or round_out(*find_range([y for _, y in points]))
    y = Scale(low, high, height - BOTTOM, TOP)
    parts = [*_draw_axes(x, y, x_title, height), *(_draw_line(line, x, y) for line in lines)]
    if mark is not None:
        parts.append(_draw_mark(x.locate(mark[0]), mark[1], height))
    parts += _name_lines(lines, x, y)
    return tag(
        "svg", *parts, width=WIDTH, height=height, viewBox=f"0 0 {WIDTH} {height}", role="img", aria_label=description
    )


def _draw_axes(x: Scale, y: Scale, x_title: str, height: int) -> list[Html]:
    parts = []
    for tick in plan_ticks(y.low, y.high):
        at = f"{y.locate(tick):.1f}"
        parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=at, y2=at, stroke=GRID))
        parts.append(tag("text", _show(tick), x=LEFT - 6, y=f"{y.locate(tick) + 4:.1f}", text_anchor="end"))
    base = height - BOTTOM
    parts.append(tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=base, y2=base, stroke="#8c8c8c"))
    for tick in plan_ticks(x.low, x.high, most=4):
        at = f"{x.locate(tick):.1f}"
        parts.append(tag("line", x1=at, x2=at, y1=base, y2=base + 4, stroke="#8c8c8c"))
        parts.append(tag("text", _show(tick), x=at, y=base + 17, text_anchor="middle"))
    parts.append(tag("text", x_title, x=(LEFT + WIDTH - RIGHT) / 2, y=base + 35, text_anchor="middle"))
    return parts


def _draw_line(line: Line, x: Scale, y: Scale) -> Html:
    rows = plan_envelope(np.array([value for _, value in line.points]))
    places = [(x.locate(line.points[row][0]), y.locate(line.points[row][1])) for row in rows]
    drawn = tag(
        "polyline",
        points=" ".join(f"{left:.1f},{top:.1f}" for left, top in places),
        fill="none",
        stroke=line.colour,
        stroke_width=1.8,
        stroke_linejoin="round",
        stroke_dasharray=line.dashes or None,
    )
    if len(places) > MOST_MARKED:
        return drawn
    # The area of a dot tells its weight.
    sizes = [2 + 6 * weight**0.5 for weight in line.weights] or [2.5] * len(places)
    dots = [
        tag("circle", cx=f"{left:.1f}", cy=f"{top:.1f}", r=f"{size:.1f}", fill=line.colour)
        for (left, top), size in zip(places, sizes, strict=True)
    ]
    return tag("g", drawn, *dots)


def _draw_mark(at: float, name: str, height: int) -> Html:
    line = tag("line", x1=f"{at:.1f}", x2=f"{at:.1f}", y1=TOP, y2=height - BOTTOM, stroke=QUIET, stroke_dasharray="2 2")
    return tag("g", line, tag("text", name, x=f"{at:.1f}", y=TOP - 6, text_anchor="middle"))


def _name_lines(lines: Sequence[Line], x: Scale, y: Scale) -> list[Html]:
    named = sorted((line for line in lines if line.name), key=lambda line: y.locate(line.points[-1][1]))
    tops = spread([y.locate(line.points[-1][1]) for line in named], LINE_HEIGHT)
    ends = (WIDTH - RIGHT if not line.points else x.locate(line.points[-1][0]) for line in named)
    return [
        tag("text", line.name, x=f"{end + 7:.1f}", y=f"{top + 4:.1f}", class_="direct")
        for line, top, end in zip(named, tops, ends, strict=True)
    ]


def _show(value: float) -> str:
    if 1e6 <= abs(value) < 1e12:
        return f"{value / 1e6:g}M"
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e6 else f"{value:g}"
