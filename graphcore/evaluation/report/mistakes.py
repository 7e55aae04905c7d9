"""The surest mistakes, as pictures where there are any: look here first for wrong labels."""

from __future__ import annotations

import numpy as np

from graphcore.evaluation.mistakes import Mistake, find_mistakes
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.report.markup import Html, join, tag
from graphcore.evaluation.report.page import Section, make_note
from graphcore.evaluation.report.pictures import Album
from graphcore.evaluation.report.places import are_frames, describe_place
from graphcore.evaluation.report.tables import make_table
from graphcore.evaluation.report.wording import show_share
from graphcore.evaluation.samples.one_label import predict

MOST_MISTAKES = 12


def make_mistakes_section(predictions: Predictions, album: Album) -> Section | None:
    """Cards of the mistakes with the highest scores; a table where there are no pictures; nothing without mistakes."""
    mistakes = _choose(predictions)
    if not mistakes:
        return None
    alike = " Of frames in a row that are wrong alike, one is shown." if are_frames(predictions) else ""
    note = make_note(
        f"Wrong and sure of it: look here first for wrong labels.{alike} Every score is in the run's predictions."
    )
    cards = [_make_card(predictions, one, album) for one in mistakes] if album.left else []
    body = tag("div", *cards, class_="cards") if any(cards) else Html()
    rest = [one for one, card in zip(mistakes, cards or [Html()] * len(mistakes), strict=True) if not card]
    if rest:
        true = "true labels" if predictions.multi_label else "true class"
        rows = [[describe_place(predictions, one.row), one.true, one.called, show_share(one.score)] for one in rest]
        body = join([body, make_table(["sample", true, "called", "score"], rows, numbers=1)])
    return Section("Surest mistakes", join([note, body]), "mistakes")


def _choose(predictions: Predictions) -> list[Mistake]:
    """The surest; of consecutive frames that are called the same wrongly, which look alike, the surest alone."""
    if not are_frames(predictions) or predictions.multi_label:
        return find_mistakes(predictions, MOST_MISTAKES)
    stretches = _number_stretches(predictions)
    first: dict[int, Mistake] = {}
    for one in find_mistakes(predictions, len(predictions.keys)):
        first.setdefault(stretches[one.row], one)
    return list(first.values())[:MOST_MISTAKES]


def _number_stretches(predictions: Predictions) -> list[int]:
    """Of each frame the number of the stretch of its video, of one class and called one, that it is in."""
    assert predictions.marks is not None  # they are frames
    numbers, count = np.zeros(len(predictions.keys), np.int64), 0
    pairs = np.asarray(predictions.labels) * len(predictions.class_names) + predict(predictions.scores)
    for rows in predictions.marks.find_videos().values():
        starts = np.append(True, pairs[rows][1:] != pairs[rows][:-1])
        numbers[rows] = count + np.cumsum(starts)
        count += int(starts.sum())
    return numbers.tolist()


def _make_card(predictions: Predictions, mistake: Mistake, album: Album) -> Html:
    place = describe_place(predictions, mistake.row)
    picture = album.make_picture(mistake.key, f"{place}: is {mistake.true}, called {mistake.called}")
    if not picture:
        return Html()
    words = [
        tag("b", f"called {mistake.called}, {show_share(mistake.score)}"),
        tag("span", f"is {mistake.true or 'none of the labels'}"),
        tag("span", place, class_="place"),
    ]
    return tag("figure", picture, tag("figcaption", *words))
