"""Names on pictures: one font that every installation has, and names cut to the room there is for them."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import ImageFont

INK = (26, 26, 26)
QUIET = (107, 107, 107)
# Okabe and Ito's vermilion, which stays apart from the ink for every kind of colour vision.
ALARM = (190, 75, 0)
# Unicode will never give this one away.
_NO_LETTER = "\uffff"


@functools.lru_cache(maxsize=8)
def get_font(size: int) -> ImageFont.FreeTypeFont:
    """DejaVu Sans, `size` pixels high: Latin, Greek, Cyrillic, Hebrew, Arabic and others, no Chinese."""
    return ImageFont.truetype(str(_font_path()), size)


def _font_path() -> Path:
    # matplotlib is installed wherever graphcore is, and brings the font; the system may have none at all. Importing it
    # would take longer than all of the writing.
    found = importlib.util.find_spec("matplotlib")
    if found is None or found.origin is None:
        raise ImportError("matplotlib, which brings the font, is not installed")
    return Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"


def plan_names(labels: Sequence[str]) -> tuple[str, ...]:
    """The classes as they are written on pictures: "class 7" where the font lacks a letter of the name."""
    return tuple(
        name if can_write(name := " ".join(label.split())) else f"class {number}" for number, label in enumerate(labels)
    )


def can_write(text: str) -> bool:
    """Whether the font has every letter; what it lacks it would draw as boxes."""
    return bool(text) and all(_has(letter) for letter in text)


@functools.lru_cache(maxsize=4096)
def _has(letter: str) -> bool:
    return _draw(letter) != _draw(_NO_LETTER)


def _draw(letter: str) -> tuple[tuple[int, int], bytes]:
    """What it looks like; all that the font lacks looks alike."""
    mask: Any = _plain_font().getmask(letter)
    return mask.size, bytes(mask)


@functools.lru_cache(maxsize=1)
def _plain_font() -> ImageFont.FreeTypeFont:
    # Letter by letter: the other layout hides some of what is lacking.
    return ImageFont.truetype(str(_font_path()), 14, layout_engine=ImageFont.Layout.BASIC)


def fit(text: str, font: ImageFont.FreeTypeFont, width: int) -> str:
    """Cuts a text in its middle until it is no wider than `width` pixels; both ends are where names differ."""
    kept = len(text)
    shown = text
    while kept > 2 and font.getlength(shown) > width:
        kept -= 1
        shown = f"{text[: (kept + 1) // 2]}…{text[len(text) - kept // 2 :]}"
    return shown
