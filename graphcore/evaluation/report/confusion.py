"""What is called what: the commonest mistakes in words, and all of them as a table shaded by share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphcore.console import show_count
from graphcore.evaluation.figures import Metrics, confused_pairs, share
from graphcore.evaluation.report.markup import Html, join, tag
from graphcore.evaluation.report.page import Section, make_note
from graphcore.evaluation.report.tables import make_table
from graphcore.evaluation.report.wording import shorten, show_share

# Above this a table of all pairs is too large to look at; the commonest mistakes are listed instead.
MOST_CLASSES = 60
MOST_PAIRS, MOST_PAIRS_OF_MANY = 5, 40
# With more the cells are drawn closer, and names are cut shorter.
MOST_ROOMY, LONGEST_OF_MANY = 15, 18
# From light to dark, so that print and colour-blind eyes see the same order; the text turns white on the dark half.
LIGHTEST, DARKEST = (255, 255, 255), (8, 69, 148)


def make_confusions_section(metrics: Metrics) -> Section | None:
    """The commonest mistakes, most first."""
    pairs = confused_pairs(metrics, MOST_PAIRS)
    if not pairs:
        return Section("What it confuses", make_note("Nothing: there is not one mistake."), "confused")
    return Section("What it confuses most", _make_pairs(pairs), "confused")


def make_given_section(metrics: Metrics) -> Section | None:
    """Of several labels a sample, which were given instead of which."""
    pairs, title = confused_pairs(metrics, MOST_PAIRS), "What is given instead"
    if not pairs:
        is_wrong = any(max(one.predicted, one.support) > one.correct for one in metrics.classes)
        said = (
            "No sample misses one label and wrongly has another." if is_wrong else "Nothing: there is not one mistake."
        )
        return Section(title, make_note(said), "confused")
    rows = [[true, given, show_count(times), show_share(share(times, of))] for true, given, times, of in pairs]
    table = make_table(["label missed", "wrongly given", "times", "of the label"], rows, numbers=2)
    return Section(title, table, "confused")


def make_matrix_section(metrics: Metrics) -> Section | None:
    """Every pair of classes with its number of samples, or, of very many classes, the commonest mistakes."""
    title = "Confusion matrix"
    if len(metrics.class_names) > MOST_CLASSES:
        pairs = confused_pairs(metrics, MOST_PAIRS_OF_MANY)
        if not pairs:
            return None
        note = make_note(f"Of {len(metrics.class_names):,} classes the {len(pairs)} commonest mistakes.")
        return Section(title, join([note, _make_pairs(pairs)]), "matrix")
    note = make_note(
        "Each row is a true class, each column what its samples were called. Framed numbers are right. "
        "Darker is a larger share of the row."
    )
    return Section(title, join([note, make_matrix(metrics.confusion, metrics.class_names)]), "matrix")


def make_matrix(confusion: np.ndarray, class_names: Sequence[str]) -> Html:
    """The table, with true classes by row; its row heads stay where it is scrolled sideways.

    Args:
        confusion: int [classes, classes].
        class_names: of both.
    """
    is_dense = len(class_names) > MOST_ROOMY
    names = [shorten(name, LONGEST_OF_MANY) if is_dense else shorten(name) for name in class_names]
    heads = [tag("th", tag("span", tag("bdi", name)), scope="col") for name in names]
    head = tag("tr", tag("th", "true ↓  called →", class_="corner"), *heads)
    shares = confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)
    rows = [
        tag(
            "tr",
            tag("th", tag("bdi", names[row]), scope="row"),
            *(
                _make_cell(int(confusion[row, column]), float(shares[row, column]), row == column)
                for column in range(len(names))
            ),
        )
        for row in range(len(names))
    ]
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="confusion dense" if is_dense else "confusion")
    return tag("div", table, class_="wide", tabindex="0")


def _make_cell(count: int, part: float, is_own: bool) -> Html:
    kind = "own" if is_own else None
    if not count:
        return tag("td", "0" if is_own else "", class_=kind)
    # The root of the share lifts rare mistakes out of the white: they are what one comes to see.
    shade = part**0.5
    colour = ",".join(f"{low + (high - low) * shade:.0f}" for low, high in zip(LIGHTEST, DARKEST, strict=True))
    ink = ";color:#fff" if shade > 0.6 else ""
    return tag("td", show_count(count), class_=kind, style=f"background:rgb({colour}){ink}")


def _make_pairs(pairs: Sequence[tuple[str, str, int, int]]) -> Html:
    rows = [[true, called, show_count(times), show_share(share(times, of))] for true, called, times, of in pairs]
    return make_table(["true class", "called", "times", "of the class"], rows, numbers=2)
