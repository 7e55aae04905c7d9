"""HTML as values: plain text is escaped wherever it enters, so that no name of a file or class can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

# What HTML cannot hold, and what cannot be written as UTF-8: half a surrogate pair, as Linux makes of odd file names.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_VOID = {"img", "br", "meta"}


class Html(str):
    """Text that is markup already; any other string is plain text."""

    __slots__ = ()


def to_html(content: str) -> Html:
    """Markup as it is, plain text escaped."""
    return content if isinstance(content, Html) else Html(escape(_UNPRINTABLE.sub("\ufffd", content)))


def join(parts: Iterable[str], between: str = "") -> Html:
    """Several pieces after each other; plain text among them is escaped."""
    return Html(to_html(between).join(to_html(part) for part in parts))


def tag(name: str, /, *content: str, **attributes: object) -> Html:
    """An element, such as `tag("td", "a < b", class_="n")`.

    Args:
        name: of the element.
        content: markup or plain text.
        attributes: by name, `class_` for class and `data_x` for data-x; None and False are left out, True has no value.
    """
    head = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{to_html(str(value))}"')
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    if name in _VOID:
        return Html(f"<{name}{head}>")
    return Html(f"<{name}{head}>{join(content)}</{name}>")
