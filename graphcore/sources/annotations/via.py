"""VIA 3 (VGG Image Annotator): its project as JSON, and its export as CSV.

    "metadata": {"1_a": {"vid": "1", "z": [1.1, 5.3], "xy": [], "av": {"1": "0"}}}
    "1_a","[""v.mp4""]",0,"[1.1,5.3]","[]","{""1"":""0""}"

Both give attributes values; for a choice the value is an option's id. `z` are seconds: two of a segment, one of a
still picture, none of the whole file.
Source: https://gitlab.com/vgg/via, via-3.x.y/CodeDoc.md and _via_import_export.js
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphcore.sources.annotations.collect import Collector, Heading, to_file_name, to_text
from graphcore.sources.annotations.documents import UnreadableError, read_json, read_text, show
from graphcore.sources.annotations.model import Annotations, Head, ReadOptions, to_number
from graphcore.sources.annotations.via_writer import FIELDS, write

__all__ = ["read", "recognise", "write"]

_EXPECTED = "Expected is a project or a CSV export of VIA 3."
_UNSET = ("", "_DEFAULT")
"""Values of an attribute that nobody set."""
_CHECKBOX = 2
"""The type of an attribute that has several values."""


@dataclass(frozen=True)
class _Attribute:
    """A name, and the options it offers by their id."""

    name: str
    options: Mapping[str, Any]
    is_multiple: bool


@dataclass(frozen=True)
class _Mark:
    """One entry of the metadata, from either file: files, seconds, and values by the attribute's id."""

    where: str
    files: Sequence[Any]
    times: Sequence[Any]
    values: Mapping[str, Any]


def recognise(head: Head) -> bool:
    """The CSV's own comment, or the parts of a project."""
    text = head.text.lstrip()
    if text.startswith("#") and "CSV_HEADER" in text and "temporal_coordinates" in text:
        return True
    parts = ('"project"', '"attribute"', '"file"', '"view"')
    return text.startswith("{") and (all(part in text for part in parts) or ('"vid_list"' in text and '"attr' in text))


def read(path: Path, options: ReadOptions) -> Annotations:
    """Reads a project or an export.

    Raises:
        UnreadableError: it is neither.
    """
    text = read_text(path)
    collector = Collector("via")
    if text.lstrip().startswith("#") or path.suffix.lower() == ".csv":
        attributes, marks = _read_csv(path, text)
    else:
        attributes, marks = _read_project(read_json(path, _EXPECTED), path, collector)
    collector.check_tiers(options.tiers, [attribute.name for attribute in attributes.values()])
    kept = {key: one for key, one in attributes.items() if options.tiers is None or one.name in options.tiers}
    taken = [_take_mark(collector, mark, attributes, kept) for mark in marks]
    if taken and not any(taken):
        collector.note("not one temporal segment: all is about still pictures or whole files")
    return collector.finish()


def _take_mark(
    collector: Collector, mark: _Mark, attributes: Mapping[str, _Attribute], kept: Mapping[str, _Attribute]
) -> bool:
    """Takes what one entry says; whether it is about time at all."""
    times = [to_number(time) for time in mark.times]
    labels = [label for key, value in mark.values.items() if key in kept for label in _name_values(kept[key], value)]
    for key in mark.values:
        if key not in attributes:
            collector.note(f"{mark.where}: attribute {show(key)} is not defined")
    for file in mark.files:
        video = to_file_name(file)
        if not video:
            collector.note(f"{mark.where}: {show(file)} cannot be the name of a file")
            continue
        heading = Heading(video)
        collector.declare(heading)
        if times and not labels and set(mark.values) <= set(kept):
            collector.note_video(heading, "a segment without a label", f"{mark.where}, {show(list(mark.times))}")
        for label in labels if times else ():
            if len(times) > 2 or None in times:
                problem = f"z={show(list(mark.times))} are not the seconds of a start and an end"
                collector.note_video(heading, problem, mark.where, label)
            else:
                collector.add(heading, label, times[0], times[-1], mark.where)
    return bool(times)


def _name_values(attribute: _Attribute, value: Any) -> list[Any]:
    """The labels a value stands for; a group that was typed in by name stands for itself."""
    values = str(value).split(",") if attribute.is_multiple and isinstance(value, str) else [value]
    return [
        attribute.options.get(one, one) if isinstance(one, str) else one for one in values if to_text(one) not in _UNSET
    ]


def _read_project(project: Any, path: Path, collector: Collector) -> tuple[dict[str, _Attribute], list[_Mark]]:
    parts = [project.get(key) if isinstance(project, dict) else None for key in ("file", "view", "metadata")]
    if not all(isinstance(part, dict) for part in parts):
        raise UnreadableError(path, "lacks file, view or metadata", _EXPECTED)
    files, views, metadata = (_dict(part) for part in parts)
    names = {}
    for view_id, view in views.items():
        file_ids = _dict(view).get("fid_list")
        entries = [_dict(files.get(str(one))) for one in (file_ids if isinstance(file_ids, list) else [])]
        names[view_id] = [entry.get("fname") or entry.get("src") for entry in entries]
    for found in names.values():
        for video in filter(None, map(to_file_name, found)):
            collector.declare(Heading(video))
    marks = []
    for key, entry in metadata.items():
        where, view_id = f"metadata {show(key)}", str(_dict(entry).get("vid"))
        if not names.get(view_id):
            collector.note(f"{where}: vid={show(_dict(entry).get('vid'))} is no view with a file")
        else:
            times = entry.get("z")
            times = times if isinstance(times, list) else []
            marks.append(_Mark(where, names[view_id], times, _dict(entry.get("av"))))
    return _parse_attributes(project.get("attribute", project.get("attributes"))), marks


def _read_csv(path: Path, text: str) -> tuple[dict[str, _Attribute], list[_Mark]]:
    attributes: dict[str, _Attribute] | None = None
    fields, marks = FIELDS, []
    lines = text.splitlines(keepends=True)
    # What stands behind # above the rows is written as it is, quotes and commas and all: no CSV.
    above = next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))
    for line in lines[:above]:
        name, _, said = line.strip().lstrip("# ").partition("=")
        if name.strip().startswith("ATTRIBUTE"):
            attributes = _parse_attributes(_parse_json(said.strip(), {}))
        elif name.strip() == "CSV_HEADER":
            fields = tuple(field.strip() for field in said.split(","))
    reader = csv.reader(io.StringIO("".join(lines[above:]), newline=""))
    try:
        for cells in reader:
            if any(cells) and not cells[0].startswith("#"):
                row = dict(zip(fields, cells, strict=False))
                marks.append(_make_mark(f"line {above + reader.line_num}", row))
    except csv.Error as error:
        raise UnreadableError(path, f"is no CSV from line {above + reader.line_num} on: {error}", _EXPECTED) from None
    if attributes is None:  # rows alone: their values are the labels themselves
        attributes = {key: _Attribute(key, {}, is_multiple=False) for mark in marks for key in mark.values}
    return attributes, marks


def _make_mark(where: str, row: Mapping[str, str]) -> _Mark:
    files, times = (_parse_json(row.get(key, ""), None) for key in ("file_list", "temporal_coordinates"))
    return _Mark(
        where,
        files if isinstance(files, list) and files else [row.get("file_list")],
        times if isinstance(times, list) else [row.get("temporal_coordinates")],
        _dict(_parse_json(row.get("metadata", ""), {})),
    )


def _parse_attributes(value: Any) -> dict[str, _Attribute]:
    found = {}
    for key, one in _dict(value).items():
        fields = one if isinstance(one, dict) else {"aname": one}  # the first VIA 3 wrote names alone
        name = to_text(fields.get("aname")) or key
        found[key] = _Attribute(name, _dict(fields.get("options")), fields.get("type") == _CHECKBOX)
    return found


def _parse_json(text: str, otherwise: Any) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return otherwise


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
