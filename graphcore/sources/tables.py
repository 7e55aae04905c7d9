"""Rows of tables: comma, semicolon or tab separated text, and spreadsheets (.xlsx, .xlsm, .ods, .xls).

Cells stay what the file has: text out of text files, numbers and times out of spreadsheets. Who reads a table
decides what they mean.
"""

from __future__ import annotations

import codecs
import csv
import datetime
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphcore.errors import DatasetError
from graphcore.sources.workbook import read_grid

Cell = str | int | float | bool | datetime.time | datetime.timedelta | datetime.datetime | None

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".ods", ".xls")

_DELIMITERS = ",;\t|"
_BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Row:
    """A row that is not blank.

    Attributes:
        number: of its line in a text file, or of the row in a sheet, from 1.
        cells: None for empty ones.
    """

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """A header and what stands below it.

    Attributes:
        columns: names of the columns, without outer blanks; "" for those without.
        rows: each with as many cells as there are columns.
        faults: rows with more cells than that, each a line for a person.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    faults: tuple[str, ...] = ()


def read_table(path: Path, sheet: str | None = None) -> Table:
    """Reads a table whose first row that is not blank names its columns.

    Args:
        path: the file; local or remote.
        sheet: of a workbook; None for the first that is not empty.

    Raises:
        DatasetError: it cannot be read, has no rows, or is too large to be a table of this kind.
    """
    return make_table(read_rows(path, sheet))


def read_rows(path: Path, sheet: str | None = None, is_header: Callable[[str], bool] = bool) -> list[Row]:
    """Reads all rows that are not blank, with the header among them.

    Args:
        path: the file; local or remote.
        sheet: of a workbook; None for the first that is not empty.
        is_header: picks, out of the lines of a text file, the one that shows what separates columns.

    Raises:
        DatasetError: it cannot be read, has no rows, or is too large to be a table of this kind.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"{path} cannot be read: {error.strerror or error}.") from None
    if path.suffix.lower() in WORKBOOK_SUFFIXES:
        rows = _make_rows(read_grid(path, data, sheet))
    else:
        rows = split_text(decode_text(path, data), is_header, str(path))
    if not rows:
        raise DatasetError(f"{path} has no rows.", next_step="Its first row names the columns.")
    return rows


def make_table(rows: Sequence[Row], header: int = 0) -> Table:
    """Takes one row as the header, and what follows as the table; pure."""
    columns = tuple("" if cell is None else str(cell).strip() for cell in _trim(rows[header].cells))
    below, faults = [], []
    for row in rows[header + 1 :]:
        cells = _trim(row.cells)
        if len(cells) > len(columns):
            faults.append(f"row {row.number}: {len(cells)} cells, where the header has {len(columns)}")
            cells = cells[: len(columns)]
        below.append(Row(row.number, cells + (None,) * (len(columns) - len(cells))))
    return Table(columns, tuple(below), tuple(faults))


def decode_text(path: Path, data: bytes) -> str:
    """Text in UTF-8, or in UTF-16 with a byte order mark.

    Raises:
        DatasetError: it is in another encoding. None is guessed: a wrong guess would garble names in silence.
    """
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise DatasetError(
            f"{path} is not {encoding[:6].upper()} text: {error.reason} at byte {error.start}.",
            next_step="Save it anew as 'CSV UTF-8'.",
        ) from None
    if "\0" in text:
        raise DatasetError(f"{path} holds zero bytes: it is no text.", next_step="Save it anew as 'CSV UTF-8'.")
    return text


def split_text(text: str, is_header: Callable[[str], bool] = bool, name: str = "The table") -> list[Row]:
    """Cuts text into rows; pure. The header line alone decides what separates the columns.

    Args:
        text: of the whole file, or its beginning.
        is_header: picks the header out of the lines.
        name: of the file, for the error.

    Raises:
        DatasetError: a cell is longer than 128 KiB, as where a quote was never closed.
    """
    lines = text.splitlines(keepends=True)
    first = 1 if lines and re.fullmatch(r"sep=.\s*", lines[0]) else 0  # Excel's own mark
    header = next((line for line in lines[first:] if is_header(line.strip())), "")
    delimiter = lines[0][4] if first else max(_DELIMITERS, key=lambda sign: _count_cells(header, sign))
    rows, begin = [], first + 1
    reader = csv.reader(io.StringIO("".join(lines[first:]), newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            row = _make_row(begin, cells)
            rows += [row] if row else []
            begin = first + 1 + reader.line_num
    except csv.Error as error:
        raise DatasetError(
            f"{name} cannot be read from line {begin} on: {error}.", next_step="Is a quote never closed?"
        ) from None
    return rows


def _count_cells(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=delimiter), ()))
    except csv.Error:
        return 0


def _make_rows(grid: Iterable[Sequence[Any]]) -> list[Row]:
    return [row for number, cells in enumerate(grid, start=1) if (row := _make_row(number, cells))]


def _make_row(number: int, cells: Sequence[Any]) -> Row | None:
    kept = tuple(_make_cell(cell) for cell in cells)
    return Row(number, kept) if any(cell is not None for cell in kept) else None


def _make_cell(value: Any) -> Cell:
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return datetime.datetime(value.year, value.month, value.day)
    return value


def _trim(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """Without the empty ones at its end."""
    filled = [place for place, cell in enumerate(cells, start=1) if cell is not None]
    return cells[: max(filled, default=0)]
