"""Tables whose numbers stand under each other, and that are scrolled sideways where a screen is narrow."""

from __future__ import annotations

from collections.abc import Sequence

from graphcore.evaluation.report.markup import Html, join, tag


def make_table(columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: int = 0, kind: str = "") -> Html:
    """A table whose first column heads its rows and whose last `numbers` columns are aligned to the right.

    Args:
        columns: their heads; none for a table without.
        rows: cells, markup or plain text.
        numbers: how many columns at the end hold numbers.
        kind: a class of its own.
    """

    def align(index: int, width: int) -> str:
        return "n" if index >= width - numbers else "name"

    parts: list[Html] = []
    if columns:
        heads = [tag("th", text, scope="col", class_=align(i, len(columns))) for i, text in enumerate(columns)]
        parts.append(tag("thead", tag("tr", *heads)))
    lines = []
    for row in rows:
        # The head of the column again, for where a phone shows the cells of a row below each other.
        titles = columns or [None] * len(row)
        cells = [tag("td", text, class_=align(i, len(row)), data_of=titles[i]) for i, text in enumerate(row) if i]
        lines.append(tag("tr", tag("th", row[0], scope="row", class_=align(0, len(row))), *cells))
    parts.append(tag("tbody", join(lines, "\n")))
    # The frame is scrolled by keyboard too.
    return tag("div", tag("table", *parts, class_=kind or None), class_="wide", tabindex="0")


def make_bar(share: float) -> Html:
    """A share in [0, 1] as the length of a bar, for the eye; the number stands beside it."""
    return tag(
        "span", tag("span", style=f"width:{max(0.0, min(1.0, share)) * 100:.1f}%"), class_="bar", aria_hidden="true"
    )


def fold(summary: str, content: str) -> Html:
    """What is there for whoever opens it; browsers open it without any script."""
    return tag("details", tag("summary", summary), content)
