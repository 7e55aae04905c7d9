"""Cholec80's texts: `videoNN-phase.txt` with a phase a frame, `videoNN-tool.txt` with a column of 0 and 1 a tool.

Phases and tools are the two tiers, "phase" and "tool"; without `dataset.tiers` the phases are read, and the tools where
there are none. Tools may be seen together: their segments overlap. Rows count frames of 25 fps video; a row of a phase
stands for its frame, one of tools for 25; in a copy thinned out to fewer rows, for those up to the next. The last
row stands for half a second at most.
Source: Twinanda et al., EndoNet (IEEE TMI 2017), the annotations released with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from graphcore.sources.annotations.documents import UnreadableError, list_folder, read_text, show
from graphcore.sources.annotations.gathering import Gathering, count_places, find_unknown_tiers
from graphcore.sources.annotations.model import AnnotatedVideo, Annotations, Fault, Head, ReadOptions
from graphcore.sources.annotations.rates import find_start
from graphcore.sources.annotations.runs import list_runs
from graphcore.sources.annotations.timeline import BEYOND_TOLERANCE_SECS

FPS = 25.0
"""Of the videos, and of what the rows count."""

_STEPS = {"phase": 1, "tool": 25}
"""Frames that a row stands for, by tier, where a single row does not show it."""

_FRAME = re.compile(r"\d{1,9}", re.ASCII)

_NAME = re.compile(r"(?P<video>.+)-(phase|tool)\.txt", re.IGNORECASE)
_FOLDERS = ("phase_annotations", "tool_annotations")
"""As the released archive unpacks; either may be given, or the folder above them."""

_HEADER = re.compile(r"\s*Frame[\t ]+(Phase[\t ]*[\r\n]|\w+([\t ]+\w+)+[\t ]*[\r\n]\s*\d+([\t ]+[01])+[\t ]*[\r\n])")


@dataclass(frozen=True)
class _Table:
    """One file: the number of its row's frames and, by column, a label or "" a row."""

    tier: str
    frames: tuple[int, ...]
    columns: tuple[tuple[str, ...], ...]
    step: int


def recognise(head: Head) -> bool:
    """A file that begins as theirs do, or a folder with their names."""
    return bool(_HEADER.match(head.text)) or any(name in _FOLDERS or _NAME.fullmatch(name) for name in head.names)


def read(path: Path, options: ReadOptions) -> Annotations:
    """Reads one file, or those of a folder.

    Raises:
        UnreadableError: a single file cannot be read or is not of Cholec80, or a folder has none.
    """
    tables, faults = _read_folder(path) if path.is_dir() else ([_read_table(path)], [])
    present = sorted({table.tier for _, table, _ in tables})
    faults += [fault for _, _, found in tables for fault in found] + find_unknown_tiers(options.tiers, present)
    chosen = present[:1] if options.tiers is None else options.tiers
    fps = options.fps or FPS
    gatherings: dict[str, Gathering] = {}
    for name, table, _ in tables:
        if table.tier in chosen:
            _gather_table(table, options.frame_base or 0, fps, gatherings.setdefault(name, Gathering(name)))
    videos = tuple(AnnotatedVideo(name, tuple(one.segments), fps=fps) for name, one in gatherings.items())
    faults += [fault for one in gatherings.values() for fault in one.faults()]
    return Annotations("cholec80", videos, tuple(faults))


_Read = tuple[str, _Table, list[Fault]]
"""A video's name, a table of it, and what is wrong with that."""


def _read_folder(path: Path) -> tuple[list[_Read], list[Fault]]:
    folders = [path, *(path / name for name in _FOLDERS)]
    files = [file for folder in folders if folder.is_dir() for file in list_folder(folder, ".txt")]
    files = [file for file in files if _NAME.fullmatch(file.name)]
    if not files:
        raise UnreadableError(path, "is not of Cholec80: no <video>-phase.txt or <video>-tool.txt")
    tables, faults = [], []
    for file in files:
        try:
            tables.append(_read_table(file))
        except UnreadableError as error:
            faults.append(Fault(f"{file.name} {error.reason}"))
    return tables, faults


def _read_table(path: Path) -> _Read:
    match = _NAME.fullmatch(path.name)
    lines = [(number, line) for number, line in enumerate(read_text(path).splitlines(), start=1) if line.strip()]
    header = _split(lines[0][1], -1) if lines else []
    if len(header) < 2 or header[0] != "Frame":
        began = show(lines[0][1]) if lines else "nothing"
        raise UnreadableError(path, f"is not of Cholec80: it begins with {began}, not with Frame and Phase or tools")
    tier = "phase" if header[1:] == ["Phase"] else "tool"
    rows, wrong = _parse_rows(lines[1:], tier, len(header))
    frames = tuple(frame for frame, _ in rows)
    columns = list(zip(*(cells for _, cells in rows), strict=True))
    if tier == "tool":
        named = zip(header[1:], columns, strict=False)  # of no rows there are no columns
        columns = [tuple(name if cell == "1" else "" for cell in cells) for name, cells in named]
    step = _find_step(frames, _STEPS[tier])
    what = "is not a frame and a phase" if tier == "phase" else f"is not a frame and {len(header) - 1} times 0 or 1"
    problems = {what: wrong, f"is not {step} frames after the row before": _find_gaps(frames, step)}
    faults = [Fault(f"{path.name}: a row {what} ({count_places(at)})") for what, at in problems.items() if at]
    faults += [] if rows else [Fault(f"{path.name}: there is no row")]
    return match["video"] if match else path.stem, _Table(tier, frames, tuple(columns), step), faults


def _parse_rows(
    lines: Sequence[tuple[int, str]], tier: str, width: int
) -> tuple[list[tuple[int, list[str]]], list[str]]:
    """Frame and other cells of each row, and the rows that are none."""
    rows, wrong = [], []
    for number, line in lines:
        cells = _split(line, 1 if tier == "phase" else -1)
        is_marked = all(cells[1:]) if tier == "phase" else set(cells[1:]) <= {"0", "1"}
        if len(cells) == width and _FRAME.fullmatch(cells[0]) and is_marked:
            rows.append((int(cells[0]), cells[1:]))
        else:
            wrong.append(f"line {number}: {show(line)}")
    return rows, wrong


def _split(line: str, most: int) -> list[str]:
    """Cells between tabs, else between blanks, of which the last may then hold some."""
    cells = line.split("\t") if "\t" in line.strip() else line.split(maxsplit=most)
    return [cell.strip() for cell in cells]


def _find_step(frames: Sequence[int], usual: int) -> int:
    steps = Counter(after - before for before, after in pairwise(frames) if after > before)
    return steps.most_common(1)[0][0] if steps else usual


def _find_gaps(frames: Sequence[int], step: int) -> list[str]:
    return [f"frame {after} after {before}" for before, after in pairwise(frames) if after - before != step]


def _gather_table(table: _Table, base: int, fps: float, gathering: Gathering) -> None:
    # Nobody says that the video goes on after the last row, and a segment beyond its end would be a fault.
    last = min(table.step, max(1, int(BEYOND_TOLERANCE_SECS * fps)))
    for column in table.columns:
        for label, first, after in list_runs(column):
            if label:
                end = table.frames[after - 1] + (table.step if after < len(column) else last)
                start_secs, end_secs = (find_start(frame - base, fps) for frame in (table.frames[first], end))
                gathering.add(label, start_secs, end_secs, f"frame {table.frames[first]}")
