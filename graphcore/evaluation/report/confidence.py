"""The confidence of a video over time as a line that keeps its dips, however many frames there are."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphcore.evaluation.report.blocks import Span
from graphcore.evaluation.report.markup import Html, tag

# A stretch makes three points: its mean, lowest and highest.
MOST_STRETCHES = 200
# Units of the drawing; the browser stretches it to the row, and no text lies inside.
WIDTH, HEIGHT = 1000, 100


def plan_stretches(count: int, most: int = MOST_STRETCHES) -> list[np.ndarray]:
    """Frames that are drawn as one point: at most `most` stretches of consecutive rows, about equally long."""
    return np.array_split(np.arange(count), min(count, most))


def draw_confidence(times_secs: np.ndarray, confidences: np.ndarray, span: Span) -> Html:
    """An SVG of the mean over a grid at 0, 50 and 100 %, with the lowest and highest as a pale band behind it.

    Args:
        times_secs: float [frames], ascending; at least one.
        confidences: float [frames] in [0, 1].
        span: the time that the row covers.
    """
    stretches = plan_stretches(len(confidences))
    lefts = [span.locate(float(times_secs[rows].mean())) / 100 * WIDTH for rows in stretches]
    lows, means, highs = (
        [(1 - float(measure(confidences[rows]))) * HEIGHT for rows in stretches]
        for measure in (np.min, np.mean, np.max)
    )
    if len(lefts) == 1:  # a line needs two ends
        lefts, lows, means, highs = [0.0, float(WIDTH)], lows * 2, means * 2, highs * 2
    grid = [
        tag("line", x1=0, x2=WIDTH, y1=y, y2=y, class_="grid", vector_effect="non-scaling-stroke")
        for y in (0, HEIGHT / 2, HEIGHT)
    ]
    parts = list(grid)
    if len(stretches) < len(confidences):
        around = _list_points([*lefts, *lefts[::-1]], [*highs, *lows[::-1]])
        parts.append(tag("polygon", points=around, class_="range"))
    parts.append(tag("polyline", points=_list_points(lefts, means), class_="line", vector_effect="non-scaling-stroke"))
    return tag("svg", *parts, viewBox=f"0 -2 {WIDTH} {HEIGHT + 4}", preserveAspectRatio="none", aria_hidden="true")


def _list_points(lefts: Sequence[float], tops: Sequence[float]) -> str:
    return " ".join(f"{left:.1f},{top:.1f}" for left, top in zip(lefts, tops, strict=True))
