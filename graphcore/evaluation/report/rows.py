"""The rows of a timeline: boxes placed in per cent, so that they fit any screen while their text stays legible."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphcore.console import count_of
from graphcore.evaluation.report.blocks import Block, Span, plan_blocks, plan_ticks
from graphcore.evaluation.report.markup import Html, join, tag
from graphcore.evaluation.report.wording import show_time
from graphcore.evaluation.videos.spans import find_edges
from graphcore.timelines.timeline import Timeline

# A narrower block, in per cent of the row, has no room for an edge, its number or its name on any screen.
NARROWEST_EDGED, NARROWEST_NUMBER, NARROWEST_NAME = 1.0, 1.5, 6.0
CLOSEST_TO_END = 3.0
# Widths in letters at which the browser shows a name in its block: the style has a rule for each.
NAME_WIDTHS = (6, 9, 12, 16, 22, 30)
MOST_DESCRIBED = 12
# So many marks of mistakes may be drawn wider than they are, to be seen.
MOST_SPARSE = 40


def make_row(title: str, content: str, kind: str = "") -> Html:
    """One line of a timeline: its title, and what is drawn beside it, or on a phone below."""
    return tag("div", tag("div", title, class_="row-title"), tag("div", content, class_="row"), class_=kind or None)


def make_class_row(title: str, timeline: Timeline, labels: np.ndarray, span: Span, class_names: Sequence[str]) -> Html:
    """A row of the classes over time.

    Args:
        title: what they are.
        timeline: of the video.
        labels: int [frames].
        span: the time that the row covers.
        class_names: of all classes.
    """
    blocks = plan_blocks(labels, timeline.times_secs, find_edges(timeline)[1:], span)
    boxes = join(_make_block(block, class_names[block.label]) for block in blocks)
    row = tag("div", boxes, class_="band", role="img", aria_label=_describe(title, blocks, span, class_names))
    return make_row(title, row)


def make_wrong_row(title: str, timeline: Timeline, span: Span) -> Html:
    """A row that is black wherever the answer is wrong."""
    wrong = (timeline.labels != timeline.predicted).astype(np.int64)
    blocks = plan_blocks(wrong, timeline.times_secs, find_edges(timeline)[1:], span)
    boxes = [tag("i", style=_place(block)) for block in blocks if block.label]
    kind = "strip dense" if len(boxes) > MOST_SPARSE else "strip"
    return make_row(title, tag("div", *boxes, class_=kind, aria_hidden="true"))


def make_axis(span: Span) -> Html:
    """The time below the rows; on a phone every other moment is left out."""
    ticks = plan_ticks(span, most=10)
    decimals = 1 if len(ticks) > 1 and ticks[1] - ticks[0] < 1 else 0
    hours = span.end_secs >= 3600
    marks = []
    for index, tick in enumerate(ticks):
        place = span.locate(tick)
        # At the ends of the row the text stays inside it.
        kinds = {"minor": index % 2, "first": place < CLOSEST_TO_END, "last": place > 100 - CLOSEST_TO_END}
        kind = " ".join(name for name, holds in kinds.items() if holds)
        marks.append(tag("span", show_time(tick, hours, decimals), class_=kind or None, style=f"left:{place:.2f}%"))
    return make_row("time", tag("div", *marks, class_="axis"), "axis-row")


def make_pins(places: Sequence[tuple[str, float]]) -> Html:
    """Letters where pictures are shown: (letter, per cent of the row)."""
    pins = [tag("b", letter, style=f"left:{place:.2f}%") for letter, place in places]
    return make_row("pictures", tag("div", *pins, class_="pins"), "pins-row") if pins else Html()


def _make_block(block: Block, name: str) -> Html:
    text = Html()
    if block.width >= NARROWEST_NUMBER:
        text = tag("b", str(block.label + 1))
    if block.width >= NARROWEST_NAME:
        letters = next((width for width in NAME_WIDTHS if len(name) + 3 <= width), None)
        if letters:
            text = tag("b", str(block.label + 1), tag("span", " ", name, class_=f"w{letters}"))
    # An edge between two narrow blocks would be all that is seen of them.
    edge = " edged" if block.width >= NARROWEST_EDGED else ""
    return tag("i", text, class_=f"k{block.label}{edge}", style=_place(block))


def _place(block: Block) -> str:
    return f"left:{block.left:.2f}%;width:{block.width:.2f}%"


def _describe(title: str, blocks: Sequence[Block], span: Span, class_names: Sequence[str]) -> str:
    """For whoever has the page read out: the stretches, or how many there are."""
    if len(blocks) > MOST_DESCRIBED:
        return f"{title}: {count_of(len(blocks), 'stretch', 'stretches')}"
    length = span.end_secs - span.start_secs
    starts = (span.start_secs + block.left / 100 * length for block in blocks)
    told = [f"{show_time(start)} {class_names[block.label]}" for start, block in zip(starts, blocks, strict=True)]
    return f"{title}: {', '.join(told)}"
