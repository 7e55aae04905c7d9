"""One video on the page: its rows above each other, and the pictures of where answer and truth differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

import numpy as np

from graphcore.console import count_of
from graphcore.evaluation.report.blocks import Span
from graphcore.evaluation.report.confidence import draw_confidence
from graphcore.evaluation.report.disagreements import Disagreement, choose_disagreements, find_confidences
from graphcore.evaluation.report.markup import Html, join, tag
from graphcore.evaluation.report.palette import make_legend
from graphcore.evaluation.report.pictures import Album
from graphcore.evaluation.report.rows import make_axis, make_class_row, make_pins, make_row, make_wrong_row
from graphcore.evaluation.report.videos import measure_accuracy
from graphcore.evaluation.report.wording import NARROW, show_share, show_time
from graphcore.evaluation.videos.spans import find_edges
from graphcore.timelines.timeline import Timeline


@dataclass(frozen=True)
class Pin:
    """A picture beside a timeline: its letter, where it stands in per cent of the row, and itself with its words."""

    letter: str
    place: float
    figure: Html


@dataclass(frozen=True)
class Drawing:
    """What is drawn of a video.

    Attributes:
        timeline: its frames, at least one.
        joined: int [frames], what they were called after post-processing, below 0 for nothing; None where there was
            none.
        keys: of the frames, to read their pictures by; empty where nobody knows.
        class_names: of the classifier.
    """

    timeline: Timeline
    joined: np.ndarray | None
    keys: Sequence[str]
    class_names: Sequence[str]

    @property
    def span(self) -> Span:
        """The time that its rows cover."""
        edges = find_edges(self.timeline)
        return Span(float(edges[0]), float(edges[-1]))

    def list_labels(self) -> list[int]:
        """The classes that appear in any row, in order."""
        rows = [self.timeline.labels, self.timeline.predicted, *([] if self.joined is None else [self.joined])]
        return [label for label in np.unique(np.concatenate(rows)).tolist() if label >= 0]

    def make(self, album: Album, most_pictures: int) -> Html:
        """Title, legend, rows and pictures."""
        pins = self._make_pins(album, most_pictures)
        figures = tag("div", *(pin.figure for pin in pins), class_="cards") if pins else Html()
        legend = make_legend(self.class_names, self.list_labels())
        return tag("article", self._make_title(), legend, self._make_rows(pins), figures, class_="video")

    def _make_title(self) -> Html:
        length = show_time(self.span.end_secs - self.span.start_secs)
        right = show_share(measure_accuracy(self.timeline))
        told = f"{right} right, {length} long, {count_of(len(self.timeline), 'frame')}"
        return tag("h3", "Video ", tag("bdi", self.timeline.video), " ", tag("small", told))

    def _make_rows(self, pins: Sequence[Pin]) -> Html:
        timeline, span, names = self.timeline, self.span, self.class_names
        line = draw_confidence(timeline.times_secs, find_confidences(timeline), span)
        rows = [
            make_class_row("truth", timeline, timeline.labels, span, names),
            make_class_row("called", timeline, timeline.predicted, span, names),
            *([] if self.joined is None else [make_class_row("joined", timeline, self.joined, span, names)]),
            make_wrong_row("wrong", timeline, span),
            make_pins([(pin.letter, pin.place) for pin in pins]),
            make_row(join(["confidence ", tag("small", f"0 to 100{NARROW}%")]), tag("div", line, class_="confidence")),
            make_axis(span),
        ]
        return tag("div", *rows, class_="timeline")

    def _make_pins(self, album: Album, most: int) -> list[Pin]:
        """Those of the longest disagreements whose picture can be read."""
        pins: list[Pin] = []
        if not self.keys or not album.left:
            return pins
        for one in choose_disagreements(self.timeline, self.span, most):
            letter = ascii_uppercase[len(pins)]
            figure = self._make_figure(album, one, letter)
            if figure:
                pins.append(Pin(letter, self.span.locate(one.start_secs + one.duration_secs / 2), figure))
        return pins

    def _make_figure(self, album: Album, one: Disagreement, letter: str) -> Html:
        decimals = 1 if 0 < self.timeline.step_secs < 1 else 0
        when = show_time(float(self.timeline.times_secs[one.middle]), decimals=decimals)
        true, called = self.class_names[one.label], self.class_names[one.called]
        picture = album.make_picture(
            self.keys[one.middle], f"video {self.timeline.video} at {when}: is {true}, called {called}"
        )
        if not picture:
            return Html()
        score = show_share(float(find_confidences(self.timeline)[one.middle]), 0)
        words = [
            tag("b", letter, class_="letter"),
            f" {when}, wrong for {one.duration_secs:.{decimals}f}{NARROW}s",
            tag("span", tag("b", f"called {called}, {score}")),
            tag("span", f"is {true}"),
        ]
        return tag("figure", picture, tag("figcaption", *words))
