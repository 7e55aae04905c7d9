"""One row a segment: any table that says which video or recording, from when to when, and what.

recording,subject,start,end,label
morning,5,0:12:30,0:15,suturing
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from graphcore.config import SEGMENT_COLUMNS
from graphcore.errors import DatasetError
from graphcore.sources.annotations import boris
from graphcore.sources.annotations.clock import parse_time
from graphcore.sources.annotations.collect import Collector, Heading, to_file_name, to_name, to_text
from graphcore.sources.annotations.documents import UnreadableError, show
from graphcore.sources.annotations.model import Annotations, Head, ReadOptions
from graphcore.sources.split_words import list_spellings, parse_split
from graphcore.sources.tables import WORKBOOK_SUFFIXES, Row, read_table, split_text

_NAMES: Mapping[str, str] = {
    "video": "video file filename videofile videofilename videoname videoid videopath media mediafile "
    "mediafilename mediafilepath medianame clip path",
    "recording": "recording recordingid recordingname session sessionid",
    "start": "start starts begin begins beginning from onset tstart",
    "end": "end ends stop stops to until offset finish tend",
    "label": "label procedure behavior behaviour action activity phase class step gesture event annotation",
    "subject": "subject subjectid participant participantid medic person operator surgeon trainee patient",
    "camera": "camera cameraid cam view angle",
    "split": "split subset partition",
}
"""What columns are called, by their meaning, once blanks, signs, case and units of seconds are gone."""

_NO_WORDS = {"s", "sec", "secs", "second", "seconds", "time", "timecode", "hh", "h", "mm", "m", "ss"}
"""Units and the like. "ms" and "frame" stay, so that such columns are not mistaken for seconds."""

_NEEDED = ("start", "end", "label")
_WHOSE = ("video", "recording", "subject")


def recognise(head: Head) -> bool:
    """A workbook or .csv or .tsv that is not another tool's; other text by what its header names."""
    suffix = head.path.suffix.lower()
    if head.names or boris.recognise(head) or "# CSV_HEADER" in head.text:
        return False
    if suffix in (*WORKBOOK_SUFFIXES, ".csv", ".tsv"):
        return True
    try:
        rows = split_text(head.text)
        return bool(rows) and not _find_missing(_match_columns([str(cell) for cell in rows[0].cells]))
    except DatasetError:
        return False


def read(path: Path, options: ReadOptions) -> Annotations:
    """Reads one table; rows of one video, recording, subject, camera and split become one entry.

    Raises:
        DatasetError: it is no table, lacks a column, or has several of one meaning.
    """
    table = read_table(path)
    places = _find_columns(path, table.columns, options.columns)
    collector = Collector("spreadsheet")
    for fault in table.faults:
        collector.note(fault)
    for row in table.rows:
        _read_row(collector, row, places)
    return collector.finish()


def _read_row(collector: Collector, row: Row, places: Mapping[str, int]) -> None:
    cells = {meaning: row.cells[place] for meaning, place in places.items()}
    if all(cells[meaning] is None for meaning in _NEEDED):
        return  # a remark, or a video that nothing was seen in
    where = f"row {row.number}"
    heading = _read_heading(collector, cells, where)
    times = {meaning: parse_time(cells[meaning]) for meaning in ("start", "end")}
    wrong = [meaning for meaning, time in times.items() if time is None]
    for meaning in wrong:
        said = f"{meaning}={show(cells[meaning])} is no time" if cells[meaning] is not None else f"{meaning} is missing"
        collector.note(f"{where}: {said}; write seconds, mm:ss or h:mm:ss", to_text(cells["label"]) or "")
    if heading and not wrong:
        collector.add(heading, cells["label"], times["start"], times["end"], where)


def _read_heading(collector: Collector, cells: Mapping[str, Any], where: str) -> Heading | None:
    """Whose row it is; None after a fault."""
    names, wrong = {}, False
    for meaning in ("video", "recording", "subject", "camera"):
        value = cells.get(meaning)
        names[meaning] = to_file_name(value) if meaning == "video" else to_name(value)
        if names[meaning] is None:
            collector.note(f"{where}: {meaning}={show(value)} cannot be a name")
            wrong = True
    said = to_text(cells.get("split"))
    split = parse_split(said or "")
    if said != "" and not split:
        choices = ", ".join(list_spellings())
        collector.note(f"{where}: split={show(cells.get('split'))} is none; known are {choices}")
        wrong = True
    if not wrong and not any(names[meaning] for meaning in _WHOSE):
        collector.note(f"{where}: neither video nor recording nor subject is given; write it in every row")
        wrong = True
    return None if wrong else Heading(split=split, **names)


def _find_columns(path: Path, columns: Sequence[str], configured: Mapping[str, str]) -> dict[str, int]:
    """Places of the columns by their meaning.

    Raises:
        DatasetError: one is missing, or several fit.
    """
    found = _match_columns([column for column in columns if column not in configured.values()])
    places = {}
    for meaning in SEGMENT_COLUMNS:
        names = [configured[meaning]] if meaning in configured else found.get(meaning, [])
        if len(names) > 1:
            raise UnreadableError(
                path, f"has several columns for {meaning}: {', '.join(names)}", _advise(meaning, names[0])
            )
        if names:
            places[meaning] = _find_place(path, columns, meaning, names[0])
    missing = _find_missing(places)
    if missing:
        raise DatasetError(
            f"dataset.annotations={path} has no column for {missing}.",
            choices=_show_columns(columns),
            next_step=_advise(missing.split()[0], "NAME"),
        )
    return places


def _find_place(path: Path, columns: Sequence[str], meaning: str, name: str) -> int:
    places = [place for place, column in enumerate(columns) if column.casefold() == name.strip().casefold()]
    if len(places) > 1:
        raise UnreadableError(path, f"has {len(places)} columns called {name}", "Rename all but one.")
    if not places:
        raise DatasetError(f"dataset.columns.{meaning}={name} is no column of {path}.", choices=_show_columns(columns))
    return places[0]


def _show_columns(columns: Sequence[str]) -> list[str]:
    """Names of columns for a message; what is no table may have a header of a thousand letters."""
    return [column if len(column) <= 60 else f"{column[:57]}..." for column in columns if column]


def _match_columns(columns: Sequence[str]) -> dict[str, list[str]]:
    """Columns by meaning; one that is called exactly so goes before others."""
    found: dict[str, list[str]] = {}
    for meaning, names in _NAMES.items():
        fitting = [column for column in columns if _simplify(column) in names.split()]
        exact = [column for column in fitting if _simplify(column) == meaning]
        found[meaning] = list(dict.fromkeys(exact[:1] or fitting))
    return {meaning: fitting for meaning, fitting in found.items() if fitting}


def _find_missing(found: Mapping[str, Any]) -> str:
    missing = [meaning for meaning in _NEEDED if meaning not in found]
    if not any(meaning in found for meaning in _WHOSE):
        missing.append(" or ".join(_WHOSE))
    return " and ".join(missing)


def _simplify(column: str) -> str:
    """ "Start (s)", "start_secs" and "startTime" are "start"."""
    words = re.findall(r"[^\W_]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).casefold())
    kept = [word for word in words if word not in _NO_WORDS]
    return "".join(kept or words)


def _advise(meaning: str, name: str) -> str:
    return f"Say which it is: 'dataset.columns={{{meaning}: {name}}}'."
