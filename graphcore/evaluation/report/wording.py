"""Numbers and lists as the page words them."""

from __future__ import annotations

import math
from collections.abc import Sequence

from graphcore.console import shorten_middle

# Keeps a number and its sign on one line.
NARROW = "\u202f"
LONGEST_NAME = 28


def show_share(share: float | None, decimals: int = 1) -> str:
    """A share in [0, 1] in per cent; a dash for what is not known."""
    if share is None or not math.isfinite(share):
        return "–"
    return f"{share * 100:.{decimals}f}{NARROW}%"


def show_number(value: float | None, decimals: int = 3) -> str:
    """A figure that is no share; a dash for what is not known."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.{decimals}f}"


def show_interval(low: float, high: float, decimals: int = 0) -> str:
    """A 95 % interval of a share, in words: 78 % to 91 %."""
    if not math.isfinite(low) or not math.isfinite(high):
        return ""
    return f"{show_share(low, decimals)} to {show_share(high, decimals)}"


def show_time(secs: float, hours: bool = False, decimals: int = 0) -> str:
    """A moment of a video: m:ss, or h:mm:ss from an hour on.

    Args:
        secs: seconds from the video's beginning.
        hours: whether hours are shown before they are reached, as on an axis that goes beyond one.
        decimals: of the seconds, where frames lie closer than that.
    """
    unit = 10**decimals
    # Rounded half up and cut in whole units, so that 59.97 with one decimal is 1:00.0, never 0:60.0.
    units = math.floor(secs * unit + 0.5)
    minutes, rest = divmod(units, 60 * unit)
    seconds, part = divmod(rest, unit)
    tail = f"{seconds:02d}" + (f".{part:0{decimals}d}" if decimals else "")
    if hours or minutes >= 60:
        return f"{minutes // 60}:{minutes % 60:02d}:{tail}"
    return f"{minutes}:{tail}"


def list_words(words: Sequence[str]) -> str:
    """a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def shorten(name: str, longest: int = LONGEST_NAME) -> str:
    """Cuts a long name in the middle, keeping both ends, which is where names differ."""
    return shorten_middle(" ".join(name.split()), longest)
