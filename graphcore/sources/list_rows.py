"""Rows of a list of pictures, whatever the file: a table, a JSON list of objects, JSON lines, or {path: labels}.

What is wrong with a row is noted and the rest goes on; `image_list` tells all of it at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphcore.errors import DatasetError
from graphcore.sources.annotations.model import is_text
from graphcore.sources.list_json import JSON_SUFFIXES, read_entries
from graphcore.sources.tables import TEXT_SUFFIXES, WORKBOOK_SUFFIXES, read_table

WELL_KNOWN = {
    "path": ("path", "file", "filename", "file_name", "filepath", "image", "image_path", "image_file"),
    "label": ("label", "labels", "class", "classes", "category", "categories", "tag", "tags"),
    "split": ("split", "subset", "set"),
    "group": ("group", "patient"),
    "subject": ("subject",),
}
"""What columns are called where `dataset.columns` does not say it; case does not matter."""


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row as it was written, in text without outer blanks.

    Attributes:
        where: "row 3", "line 3" or "entry 3", from 1.
        path: of the picture.
        labels: each once, sorted; none where the cell is empty.
        split: "" where there is none.
        group: likewise.
        subject: likewise.
    """

    where: str
    path: str
    labels: tuple[str, ...]
    split: str = ""
    group: str = ""
    subject: str = ""


@dataclass(frozen=True)
class _Records:
    """Rows with their values by column."""

    columns: tuple[str, ...]
    rows: Sequence[tuple[str, Sequence[Any]]]
    faults: tuple[str, ...] = ()


def read_list(path: Path, columns: Mapping[str, str], separator: str) -> tuple[list[ListRow], list[str]]:
    """Reads a list.

    Args:
        path: the file; local or remote.
        columns: names of columns by their meaning, for those that `WELL_KNOWN` does not know.
        separator: between several labels in one cell.

    Returns:
        The rows, and what is wrong with the others, a line each.

    Raises:
        DatasetError: it cannot be read, or a column is missing or could be either of two.
    """
    records = _read_records(path)
    places = _find_columns(path, records.columns, columns)
    rows: list[ListRow] = []
    faults = list(records.faults)
    for where, values in records.rows:
        row = _make_row(where, {meaning: values[place] for meaning, place in places.items()}, separator)
        if isinstance(row, str):
            faults.append(row)
        else:
            rows.append(row)
    return rows, faults


def _read_records(path: Path) -> _Records:
    suffix = path.suffix.lower()
    if suffix in (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES):
        table = read_table(path)
        return _Records(table.columns, [(f"row {row.number}", row.cells) for row in table.rows], table.faults)
    if suffix not in JSON_SUFFIXES:
        raise DatasetError(
            f"dataset.list={path} is no kind of list that is known.",
            choices=(*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES, *JSON_SUFFIXES),
        )
    entries = read_entries(path)
    columns = tuple(dict.fromkeys(key for _, entry in entries if isinstance(entry, dict) for key in entry))
    rows = [(where, [entry.get(key) for key in columns]) for where, entry in entries if isinstance(entry, dict)]
    faults = tuple(f"{where}: no object with a path and a label" for where, entry in entries if type(entry) is not dict)
    return _Records(columns, rows, faults)


def _find_columns(path: Path, there: Sequence[str], given: Mapping[str, str]) -> dict[str, int]:
    """Where each meaning's column is."""
    places = {}
    for meaning, known in WELL_KNOWN.items():
        wanted = (given[meaning].strip().lower(),) if meaning in given else known
        found = [place for place, name in enumerate(there) if name.strip().lower() in wanted]
        advice = f"Say which: 'dataset.columns={{{meaning}: NAME}}'."
        if len(found) > 1:
            names = " or ".join(there[place] for place in found)
            raise DatasetError(f"dataset.list={path}: which column holds the {meaning}, {names}?", next_step=advice)
        if not found and (meaning in given or meaning in ("path", "label")):
            what = f"no column {given[meaning]}" if meaning in given else f"no column that holds the {meaning}"
            raise DatasetError(f"dataset.list={path} has {what}.", choices=filter(None, there), next_step=advice)
        if found:
            places[meaning] = found[0]
    return places


def _make_row(where: str, values: Mapping[str, Any], separator: str) -> ListRow | str:
    """The row, or what is wrong with it."""
    texts = {meaning: _to_text(value) for meaning, value in values.items() if meaning != "label"}
    labels = _to_labels(values["label"], separator)
    bad = next((meaning for meaning, text in {**texts, "label": labels}.items() if text is None), None)
    if bad is not None:
        return f"{where}: its {bad} is no text: {str(values[bad])[:80]!a}"
    if not texts["path"]:
        return f"{where}: it has no path"
    return ListRow(where, labels=labels or (), **{meaning: text or "" for meaning, text in texts.items()})


def _to_labels(value: Any, separator: str) -> tuple[str, ...] | None:
    if isinstance(value, list):
        parts = [_to_text(one) for one in value]
    else:
        text = _to_text(value)
        parts = [None] if text is None else [part.strip() for part in text.split(separator)]
    if None in parts:
        return None
    return tuple(sorted({part for part in parts if part}))


def _to_text(value: Any) -> str | None:
    """A cell as text, numbers as one would write them; None for what is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, (list, dict, tuple)):
        return None
    text = str(value).strip()
    return text if is_text(text) else None
