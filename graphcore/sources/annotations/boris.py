"""BORIS: its aggregated events, one row a segment, and its tabular events, one row a START or a STOP.

Columns are found by their names, which changed over the versions. Two traps: where an observation plays several
files one after the other, its times run over all of them, and so it is a recording here; and a time offset is part
of every time.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphcore.errors import DatasetError
from graphcore.sources.annotations.boris_layout import (
    find_chained,
    find_columns,
    find_header,
    find_media,
    is_header,
    parse_offset,
    read_preamble,
)
from graphcore.sources.annotations.clock import parse_number, parse_time
from graphcore.sources.annotations.collect import Collector, Heading, to_file_name, to_name, to_text
from graphcore.sources.annotations.documents import UnreadableError, decode_head, list_folder, show
from graphcore.sources.annotations.model import Annotations, Head, ReadOptions
from graphcore.sources.tables import TEXT_SUFFIXES, WORKBOOK_SUFFIXES, make_table, read_rows, split_text

NOBODY = "No focal subject"
"""What BORIS writes for events of no subject."""


def recognise(head: Head) -> bool:
    """A table, or a folder of tables, whose header has BORIS's columns."""
    try:
        if head.names:
            tables = _keep_tables([head.path / name for name in sorted(head.names)])
            return bool(tables) and _recognise_file(tables[0], None)
        return _recognise_file(head.path, head.text)
    except (DatasetError, OSError):
        return False


def read(path: Path, options: ReadOptions) -> Annotations:
    """Reads an export, or a folder of exports.

    Raises:
        DatasetError: nothing can be read.
    """
    files = _keep_tables(list_folder(path)) if path.is_dir() else [path]
    if not files:
        raise UnreadableError(path, "holds no tables", f"Put exports here: {', '.join(TEXT_SUFFIXES[:2])}, .xlsx.")
    collector, subjects = Collector("boris"), dict[str, None]()
    for file in files:
        _read_file(file, collector, options, subjects)
    collector.check_tiers(options.tiers, subjects)
    return collector.finish()


@dataclass(frozen=True)
class _Event:
    """A row, as told by its columns. `states` is what a START and its STOP have in common."""

    where: str
    cells: Mapping[str, Any]
    heading: Heading
    states: tuple[str, ...]
    offset_secs: float

    def time(self, meaning: str) -> float | None:
        """Seconds on the clock of the file or recording."""
        time = parse_time(self.cells.get(meaning))
        return None if time is None else time - self.offset_secs


_Opened = dict[tuple[str, ...], tuple[_Event, float]]
"""STARTs that wait for their STOP, by what they have in common, with their time."""


def _read_file(path: Path, collector: Collector, options: ReadOptions, subjects: dict[str, None]) -> None:
    rows = read_rows(path, is_header=is_header)
    header = find_header(rows)
    if header is None:
        first = ", ".join(str(cell) for cell in rows[0].cells if cell is not None)
        raise UnreadableError(path, "is no export of BORIS", f"dataset.annotation_format=NAME; it begins with: {first}")
    table = make_table(rows, header)
    places = find_columns(table.columns)
    modifiers = [place for place, name in enumerate(table.columns) if name.lower().startswith("modifier")]
    preamble = read_preamble(rows[:header])
    rows_cells = [({key: row.cells[place] for key, place in places.items()}, row) for row in table.rows]
    chained = find_chained([cells for cells, _ in rows_cells], preamble)
    for fault in table.faults:
        collector.note(f"{path.name}, {fault}")
    opened: _Opened = {}
    for cells, row in rows_cells:
        subject = to_text(cells.get("subject")) or NOBODY
        subjects.setdefault(subject)
        if options.tiers is None or subject in options.tiers:
            where = f"{path.name} row {row.number}"
            event = _make_event(collector, where, preamble | cells, chained, [row.cells[at] for at in modifiers])
            if event:
                _take_event(collector, event, opened, "start" in places)
    for event, time in opened.values():
        where = f"{event.where}, {time:g} s"
        collector.note_video(event.heading, "START without a STOP", where, event.cells["behavior"])


def _make_event(
    collector: Collector, where: str, cells: Mapping[str, Any], chained: Collection[str], modifiers: Sequence[Any]
) -> _Event | None:
    observation = to_text(cells.get("observation")) or ""
    media = find_media(cells)
    video = "" if observation in chained else to_file_name(media)
    recording = "" if video else to_name(observation)
    subject = to_name(cells.get("subject"))
    if video is None or recording is None or subject is None:
        shown = ", ".join(show(value) for value in (media, observation, cells.get("subject")))
        collector.note(f"{where}: of file, observation and subject ({shown}), one cannot be a name")
        return None
    if not video and not recording:
        collector.note(f"{where}: no media file and no observation id are given")
        return None
    heading = Heading(video, recording, "" if subject == NOBODY else subject)
    numbers = [parse_number(part) for part in re.split(r"[;|]", to_text(cells.get("durations")) or "")]
    duration = numbers[0] if video and len(numbers) == 1 else None
    fps = parse_number(re.split(r"[;|]", to_text(cells.get("fps")) or "")[0])
    collector.declare(heading, duration, fps)
    label = to_text(cells["behavior"]) or ""
    states = (observation or video, subject, label, *(to_text(one) or "" for one in modifiers))
    return _Event(where, cells, heading, states, parse_offset(cells.get("offset")))


def _take_event(collector: Collector, event: _Event, opened: _Opened, is_aggregated: bool) -> None:
    kind = (to_text(event.cells.get("type")) or "").upper()
    label = event.cells["behavior"]
    if is_aggregated:
        start, stop = event.time("start"), event.time("stop")
        collector.add(event.heading, label, start, start if kind == "POINT" else stop, event.where)
        return
    time = event.time("time")
    if time is None:
        collector.note_video(event.heading, f"time={show(event.cells.get('time'))} is no time", event.where, label)
    elif kind == "POINT":
        collector.add(event.heading, label, time, time, event.where)
    elif kind == "START":
        if event.states in opened:
            collector.note_video(event.heading, "START without a STOP before", f"{event.where}, {time:g} s", label)
        opened.setdefault(event.states, (event, time))
    elif kind == "STOP":
        begun = opened.pop(event.states, None)
        if begun is None:
            collector.note_video(event.heading, "STOP without a START", f"{event.where}, {time:g} s", label)
        else:
            collector.add(begun[0].heading, label, begun[1], time, begun[0].where)
    else:
        collector.note_video(event.heading, f"status {show(kind)} is not START, STOP or POINT", event.where, label)


def _recognise_file(path: Path, text: str | None) -> bool:
    if path.suffix.lower() in WORKBOOK_SUFFIXES:
        return find_header(read_rows(path)) is not None
    if text is None:
        text = decode_head(path.read_bytes()[: 1 << 16])
    return find_header(split_text(text, is_header)) is not None


def _keep_tables(paths: Iterable[Path]) -> list[Path]:
    return [one for one in paths if one.suffix.lower() in (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES)]
