"""How BORIS lays out its tables: which columns there are, where they begin, and which files an event is about.

Names of columns changed over the versions; tabular events of the older ones begin with rows about the observation.
Source: boris_docs/export_events.rst of olivierfriard/boris_docs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from graphcore.sources.annotations.clock import parse_time
from graphcore.sources.annotations.collect import to_text
from graphcore.sources.tables import Row

_UNKNOWN = ("", "na", "n/a", "nan", "none", "not found")
_LONGEST_PREAMBLE = 300
"""Rows before the header of tabular events: files, descriptions, independent variables."""

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "behavior": ("behavior", "behaviour"),
    "type": ("behavior type", "behaviour type", "status"),
    "start": ("start (s)", "start"),
    "stop": ("stop (s)", "stop"),
    "time": ("time", "time (s)"),
    "media": ("media file name", "media file", "media file path"),
    "source": ("source",),
    "observation": ("observation id",),
    "subject": ("subject",),
    "fps": ("fps (frame/s)", "fps"),
    "offset": ("time offset (s)",),
    "durations": ("media duration (s)", "total length"),
}
_AGGREGATED = ("behavior", "start", "stop")
_TABULAR = ("behavior", "time", "type")


def find_media(cells: Mapping[str, Any]) -> str:
    """The file an event is in; "" for what BORIS calls not available or not found."""
    named = to_text(cells.get("media")) or ""
    if named.lower() in _UNKNOWN:
        players = _list_players(cells.get("source"))
        named = players[0][0] if players and len(players[0]) == 1 else ""
    players = _list_players(named)
    return players[0][0] if players else named


def _list_players(source: Any) -> list[list[str]]:
    """The files of each player, out of `player #1:a.mp4;b.mp4|player #2:c.mp4`."""
    # No blanks at either end: a cell of them would be tried in every division, for hours.
    players = re.split(r"player\s*#\d+:", to_text(source) or "", flags=re.IGNORECASE)
    lists = [player.strip().removesuffix("|") for player in players[1:]]
    return [[file.strip() for file in files.split(";") if file.strip()] for files in lists]


def find_chained(events: Sequence[Mapping[str, Any]], preamble: Mapping[str, Any]) -> set[str]:
    """Observations that play several files one after the other: their times run over all of them."""
    files: dict[str, set[str]] = {}
    for event in events:
        cells = {**preamble, **event}
        seen = files.setdefault(to_text(cells.get("observation")) or "", set())
        players = _list_players(cells.get("source"))
        seen.update(players[0] if players else [find_media(cells)])
    chained = {observation for observation, seen in files.items() if len(seen - {""}) > 1}
    # Without an id nothing tells observations apart, and each file is its own.
    return chained - {""}


def read_preamble(rows: Sequence[Row]) -> dict[str, Any]:
    """What stands above the header of tabular events: a name and a value a row."""
    known: dict[str, Any] = {}
    files = []
    for row in rows:
        name, value = (*row.cells, None)[:2]
        text = (to_text(name) or "").lower()
        if text in ("observation id", "time offset (s)"):
            known["observation" if text.startswith("obs") else "offset"] = value
        elif text == "player #1" and to_text(value):
            files.append(to_text(value))
    if files:
        known["source"] = "player #1:" + ";".join(files)
    return known


def parse_offset(value: Any) -> float:
    """Seconds that were added to every time; they may be negative."""
    text = to_text(value) or ""
    seconds = parse_time(text.removeprefix("-")) or 0.0
    return -seconds if text.startswith("-") else seconds


def find_header(rows: Sequence[Row]) -> int | None:
    """Which of the rows names the columns; None where this is no export of BORIS."""
    for place, row in enumerate(rows[:_LONGEST_PREAMBLE]):
        found = find_columns([str(cell or "").strip() for cell in row.cells])
        aggregated = all(key in found for key in _AGGREGATED) and ("observation" in found or "media" in found)
        if aggregated or (all(key in found for key in _TABULAR) and "media" in found):
            return place
    return None


def find_columns(columns: Sequence[str]) -> dict[str, int]:
    """Places of the columns that count, by what they hold."""
    plain = [column.lower() for column in columns]
    found = {}
    for meaning, names in _COLUMNS.items():
        places = [plain.index(name) for name in names if name in plain]
        if places:
            found[meaning] = places[0]
    return found


def is_header(line: str) -> bool:
    """Whether a line of text may be the one with the names of columns."""
    plain = line.lower()
    return "behavio" in plain and ("status" in plain or "stop" in plain or "type" in plain)
