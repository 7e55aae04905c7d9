"""Times as people write them in spreadsheets, in seconds.

A trap that no reader can see: typed into an empty cell, 12:30 is a time of day to a spreadsheet program. It keeps
12 h 30 min, whether the cell shows mm:ss or h:mm, and only the number reaches us. `suspect_minutes` gives the hint
for where such times turn out too long. As text, and so in a .csv, 12:30 is 12 min 30 s.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Iterable
from typing import Any

_NUMBER = re.compile(r"(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_CLOCK = re.compile(r"(?:([0-9]{1,4}):)?([0-9]{1,6}):([0-9]{1,2}(?:[.,][0-9]*)?)")
# 1h02m03s, 90s, and ISO 8601 as .ods keeps durations of a day and more: PT30H12M30.25S.
_UNITS = re.compile(r"(?:PT)?(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+(?:[.,][0-9]+)?)S)?", re.IGNORECASE)

_DAY_ZERO = datetime.datetime(1899, 12, 30)
_EXCEL_DAY_ZERO = datetime.datetime(1899, 12, 31)
_LAST_DURATION = datetime.datetime(1900, 3, 1)
"""Spreadsheets count days from the end of 1899. Excel believes in a 29 February 1900, so that its first two months
count from a day later; a date after those is a date, not a duration.
Source: ECMA-376 part 1, 18.17.4.1."""


def parse_time(value: Any) -> float | None:
    """Seconds of a number, of text or of a cell's time.

    Text may be 75.5, 75,5, mm:ss, m:ss.f, h:mm:ss.f or 1h02m03s; minutes may pass 59 where no hours stand before
    them. A cell's time is h:mm:ss.

    Returns:
        None for what is negative, not finite, or none of these.
    """
    if isinstance(value, str):
        return _parse_text(value.strip())
    if isinstance(value, datetime.datetime):
        return _parse_date(value)
    if isinstance(value, datetime.time):
        return value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
    if isinstance(value, datetime.timedelta):
        return _check(value.total_seconds())
    return parse_number(value)


def parse_number(value: Any) -> float | None:
    """A finite number that is not negative, also with a decimal comma; None for anything else."""
    if isinstance(value, str):
        text = value.strip()
        return _check(float(text.replace(",", "."))) if _NUMBER.fullmatch(text) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return _check(float(value))
    except OverflowError:
        return None


def suspect_minutes(times_secs: Iterable[float]) -> str:
    """A hint for times that lie beyond their video: all whole minutes, an hour and more; else ""."""
    times = [secs for secs in times_secs if secs]
    if not times or max(times) < 3600 or any(secs % 60 for secs in times):
        return ""
    return "perhaps mm:ss was typed into time cells, where 12:30 is 12 h 30 min; write 0:12:30, or format them as text"


def _parse_text(text: str) -> float | None:
    number = parse_number(text)
    if number is not None:
        return number
    clock = _CLOCK.fullmatch(text)
    if clock:
        hours, minutes, seconds = clock.groups()
        if float(seconds.replace(",", ".")) >= 60 or (hours is not None and int(minutes) >= 60):
            return None
    else:
        units = _UNITS.fullmatch(re.sub(r"\s", "", text))
        if not units or not any(units.groups()):
            return None
        hours, minutes, seconds = units.groups()
    parts = [float((part or "0").replace(",", ".")) for part in (hours, minutes, seconds)]
    return _check(parts[0] * 3600 + parts[1] * 60 + parts[2])


def _parse_date(value: datetime.datetime) -> float | None:
    value = value.replace(tzinfo=None)
    if value >= _LAST_DURATION:
        return None
    origin = _DAY_ZERO if value < datetime.datetime(1900, 1, 1) else _EXCEL_DAY_ZERO
    return _check((value - origin).total_seconds())


def _check(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
