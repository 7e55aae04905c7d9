"""A few samples picked by lot, right and wrong alike, with their pictures and scores: for checking by eye."""

from __future__ import annotations

import functools

import numpy as np

from graphcore.console import count_of
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.report.markup import Html, join, tag
from graphcore.evaluation.report.page import Section, make_note
from graphcore.evaluation.report.pictures import Album
from graphcore.evaluation.report.places import describe_place
from graphcore.evaluation.report.tables import make_bar
from graphcore.evaluation.report.wording import show_share
from tfrecords.plan import stable_hash

MOST_SAMPLES = 20
MOST_SCORES = 3
_SALT = "spot check "


def make_spot_check_section(predictions: Predictions, album: Album) -> Section | None:
    """One row a sample: picture, where it is from, what it is, what it was called, and its highest scores."""
    rows = choose_samples(predictions.keys)
    if not rows:
        return None
    true, called = predictions.name_labels()
    columns = ("picture", "sample", "true", "called", "highest scores")
    head = tag("tr", *(tag("th", title, scope="col") for title in columns if album.left or title != "picture"))
    has_pictures = bool(album.left)
    lines = [_make_line(predictions, row, true[row], called[row], album, has_pictures) for row in rows]
    table = tag("table", tag("thead", head), tag("tbody", join(lines, "\n")), class_="spot")
    note = make_note(
        f"{count_of(len(rows), 'sample')} picked by lot, the same ones every time, whether right or wrong, to be "
        "checked by eye. ✓ is right, ✗ is wrong."
    )
    return Section("Spot check", join([note, tag("div", table, class_="wide", tabindex="0")]), "spot-check")


# The jobs of a sweep have the same two splits.
@functools.lru_cache(maxsize=2)
def choose_samples(keys: tuple[str, ...], most: int = MOST_SAMPLES) -> tuple[int, ...]:
    """Rows of a fixed random sample: it hangs on nothing but the keys."""
    order = sorted(range(len(keys)), key=lambda row: (stable_hash(_SALT + keys[row]), keys[row]))
    return tuple(order[:most])


def _make_line(predictions: Predictions, row: int, true: str, called: str, album: Album, has_pictures: bool) -> Html:
    place = describe_place(predictions, row)
    picture = [tag("th", album.make_picture(predictions.keys[row], place), scope="row")] if has_pictures else []
    sign = "✓" if true == called else "✗"
    none = "none"
    cells = [
        tag("td", tag("bdi", place), class_="name"),
        tag("td", tag("bdi", true or none), class_="name", data_of="is"),
        tag("td", f"{sign} ", tag("bdi", called or none), class_="name", data_of="called"),
        tag("td", _make_scores(predictions, row)),
    ]
    return tag("tr", *picture, *cells)


def _make_scores(predictions: Predictions, row: int) -> Html:
    scores = predictions.scores[row]
    best = np.argsort(-scores, kind="stable")[:MOST_SCORES]
    cells = []
    for number in best.tolist():
        score = float(scores[number])
        cells.append(tag("span", tag("bdi", predictions.class_names[number]), class_="name"))
        cells += [make_bar(score), tag("span", show_share(score), class_="n")]
    return tag("div", *cells, class_="scores")
