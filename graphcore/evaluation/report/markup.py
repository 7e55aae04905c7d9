"""HTML as values: plain text is escaped wherever it enters, so that no name of a file or class can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape

# What HTML cannot hold, and what cannot be written as UTF-8: half a surrogate pair, as Linux makes of odd file names.
_NO_TEXT = "\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
_UNPRINTABLE = re.compile(f"[{_NO_TEXT}]")
# Those, and what means something in HTML.
_SPECIAL = re.compile(f"[&<>\"'{_NO_TEXT}]")
_VOID = {"img", "br", "meta"}


class Html(str):
    """Text that is markup already; any other string is plain text."""

    __slots__ = ()


def to_html(content: str) -> Html:
    """Markup as it is, plain text escaped."""
    if isinstance(content, Html):
        return content
    # Of a thousand pieces of text on a page a few have anything to escape, which is five searches.
    return Html(escape(_UNPRINTABLE.sub("\ufffd", content)) if _SPECIAL.search(content) else content)


def join(parts: Iterable[str], between: str = "") -> Html:
    """Several pieces after each other; plain text among them is escaped."""
    return Html(to_html(between).join([part if isinstance(part, Html) else to_html(part) for part in parts]))


def tag(name: str, /, *content: str, **attributes: object) -> Html:
    """An element, such as `tag("td", "a < b", class_="n")`.

    Args:
        name: of the element.
        content: markup or plain text.
        attributes: by name, `class_` for class and `data_x` for data-x; None and False are left out, True has no value.
    """
    head = ""
    for key, value in attributes.items():
        if value is True:
            head += f" {_name_attribute(key)}"
        elif value is not None and value is not False:
            head += f' {_name_attribute(key)}="{to_html(str(value))}"'
    if name in _VOID:
        return Html(f"<{name}{head}>")
    return Html(f"<{name}{head}>{join(content)}</{name}>")


def _name_attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")
