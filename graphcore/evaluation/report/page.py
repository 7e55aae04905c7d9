"""The page as a whole: its head, sections and paragraphs. It runs no script and loads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graphcore.evaluation.report.markup import Html, join, tag
from graphcore.evaluation.report.style import STYLE


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        title: its heading.
        content: markup.
        anchor: a name to jump to.
    """

    title: str
    content: Html
    anchor: str

    def to_html(self) -> Html:
        """The heading and what stands below it."""
        return tag("section", tag("h2", self.title), self.content, id=self.anchor)


def make_page(title: str, parts: Sequence[Html]) -> str:
    """The text of the file.

    Args:
        title: for the browser's tab.
        parts: of the body, in order.
    """
    head = join(
        [
            tag("meta", charset="utf-8"),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("title", title),
            tag("style", Html(STYLE)),
        ],
        "\n",
    )
    body = tag("main", join(parts, "\n"))
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'


def make_note(text: str) -> Html:
    """A paragraph of explanation."""
    return tag("p", text, class_="note")


def make_contents(sections: Sequence[Section]) -> Html:
    """Where to jump to."""
    return tag("nav", *(tag("a", one.title, href=f"#{one.anchor}") for one in sections), aria_label="Contents")
