"""Bars and lines as SVG, text as text, on a white panel that reads well on light and dark pages alike."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphcore.evaluation.report.markup import Html, tag
from graphcore.evaluation.report.scales import Scale, plan_ticks, round_out, spread

INK, QUIET, GRID = "#1a1a1a", "#595959", "#e0e0e0"
# After Okabe and Ito, "Color Universal Design" (2008): they stay apart for every kind of colour vision; green and
# orange a little darker, so that they can be read as text.
BLUE, GREEN, ORANGE = "#0072B2", "#007A5A", "#C65200"
_FONT = "-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'Liberation Sans',sans-serif"
_LINE_HEIGHT = 14


@dataclass(frozen=True)
class Line:
    """A line of a chart: its name, (x, y) in the order of x, how it is drawn, and the x whose point has a ring."""

    name: str
    points: Sequence[tuple[float, float]]
    colour: str
    dashes: str = ""
    ringed: float | None = None


def write(
    words: str, x: float, y: float, size: float = 12, colour: str = INK, anchor: str = "start", bold: bool = False
) -> Html:
    """Text whose base line begins, ends or is centred at a point."""
    weight = 600 if bold else None
    return tag(
        "text", words, x=f"{x:.1f}", y=f"{y:.1f}", font_size=size, fill=colour, text_anchor=anchor, font_weight=weight
    )  # fmt: skip


def draw_page(parts: Sequence[Html], width: int, height: int, description: str) -> str:
    """The whole picture; `description` is for whoever has it read out."""
    panel = tag("rect", width=width, height=height, rx=8, fill="#ffffff")
    return tag(
        "svg", panel, *parts, xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {width} {height}", width=width,
        height=height, font_family=_FONT, role="img", aria_label=description,
    )  # fmt: skip


def draw_bar(value: float, most: float, left: float, width: float, top: float, colour: str, words: str) -> Html:
    """One bar and its figure beside it; `most` would be `width` long."""
    length = width * value / most
    bar = tag("rect", x=left, y=f"{top:.1f}", width=f"{length:.1f}", height=14, rx=2, fill=colour)
    return tag("g", bar, write(words, left + length + 6, top + 11.5))


def draw_lines(
    lines: Sequence[Line],
    ticks: Mapping[float, Sequence[str]],
    box: tuple[float, float, float, float],
) -> list[Html]:
    """Lines over a grid, x logarithmic, y from 0, each line named beside its end.

    Args:
        lines: what is drawn.
        ticks: the lines of text below each marked x.
        box: left, top, right and bottom of the grid.
    """
    left, top, right, bottom = box
    x = Scale(math.log2(min(ticks)), math.log2(max(ticks)), left + 8, right)
    y = Scale(*round_out(0, max(value for line in lines for _, value in line.points)), bottom, top)
    parts = []
    for tick in plan_ticks(y.low, y.high, most=4):
        at = f"{y.locate(tick):.1f}"
        parts.append(tag("line", x1=left, x2=right, y1=at, y2=at, stroke=GRID))
        parts.append(write(f"{tick:,.0f}", left - 6, y.locate(tick) + 4, 11, QUIET, "end"))
    for value, words in ticks.items():
        at = x.locate(math.log2(value))
        parts += [write(each, at, bottom + 16 + 14 * row, 11, QUIET, "middle") for row, each in enumerate(words)]
    return parts + [_draw_line(line, x, y) for line in lines] + _name_lines(lines, x, y)


def _draw_line(line: Line, x: Scale, y: Scale) -> Html:
    places = [(x.locate(math.log2(size)), y.locate(value)) for size, value in line.points]
    drawn = tag(
        "polyline", points=" ".join(f"{left:.1f},{top:.1f}" for left, top in places), fill="none",
        stroke=line.colour, stroke_width=2, stroke_linejoin="round", stroke_dasharray=line.dashes or None,
    )  # fmt: skip
    dots = [_draw_dot(*place, 3, fill=line.colour) for place in places]
    rings = [
        _draw_dot(*place, 7, fill="none", stroke=line.colour, stroke_width=2)
        for place, (size, _) in zip(places, line.points, strict=True)
        if size == line.ringed
    ]
    return tag("g", drawn, *dots, *rings)


def _draw_dot(left: float, top: float, radius: float, **look: object) -> Html:
    return tag("circle", cx=f"{left:.1f}", cy=f"{top:.1f}", r=radius, **look)


def _name_lines(lines: Sequence[Line], x: Scale, y: Scale) -> list[Html]:
    named = sorted((line for line in lines if line.name), key=lambda line: y.locate(line.points[-1][1]))
    tops = spread([y.locate(line.points[-1][1]) for line in named], _LINE_HEIGHT)
    return [
        write(line.name, x.locate(math.log2(line.points[-1][0])) + 8, top + 4, 11.5, line.colour, bold=True)
        for line, top in zip(named, tops, strict=True)
    ]
