"""Recognises, reads and writes annotations: the one door to all formats.

Formats are loaded when they are used. What is wrong with annotations whatever their format is found here.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, cast

from graphcore.config import ANNOTATION_FORMATS, WRITTEN_FORMATS
from graphcore.errors import ConfigError, DatasetError
from graphcore.sources.annotations.documents import UnreadableError, decode_head
from graphcore.sources.annotations.folders import LAYOUTS, Part, list_files, list_parts
from graphcore.sources.annotations.joining import SEVERAL, find_repeats, join_annotations
from graphcore.sources.annotations.model import (
    AnnotatedVideo,
    Annotations,
    Fault,
    Head,
    ReadOptions,
    WriteOptions,
)
from graphcore.sources.files import explain_os_error

WRITERS = WRITTEN_FORMATS
"""The formats that can be written."""

HEAD_BYTES = 64 * 1024
"""How much of a file a format is recognised by."""

_ORDER = (
    "ms_tcn",
    "cholec80",
    "elan",
    "cvat",
    "via",
    "label_studio",
    "graphcore",
    "activitynet",
    "boris",
    "spreadsheet",
)
"""From what cannot be anything else to what nearly any table is."""


_USED_BY: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "fps": ("dataset.annotation_fps", ("boris", "cvat", "label_studio", "cholec80", "ms_tcn")),
    "frame_base": ("dataset.frame_base", ("cvat", "label_studio", "cholec80")),
    "columns": ("dataset.columns", ("spreadsheet",)),
    "tiers": ("dataset.tiers", ("elan", "boris", "cvat", "label_studio", "via", "cholec80")),
}
"""Options that not every format has a use for, by their field of `ReadOptions`."""


_FOLDERS = ("elan", "boris", "cholec80", "ms_tcn")
"""Formats that make something of a folder themselves; of the others each file is read alone."""


class _Format(Protocol):
    def recognise(self, head: Head) -> bool: ...

    def read(self, path: Path, options: ReadOptions) -> Annotations: ...

    def write(self, path: Path, videos: Sequence[AnnotatedVideo], options: WriteOptions) -> list[Path]: ...


def read_annotations(path: Path, format: str, options: ReadOptions) -> Annotations:
    """Reads annotations of any format.

    Args:
        path: a file, or a folder of files.
        format: one of `graphcore.config.ANNOTATION_FORMATS`; "auto" recognises that of each file.
        options: how to read.

    Raises:
        DatasetError: nothing can be read, or the format is not known.
    """
    if format not in ("auto", *ANNOTATION_FORMATS):
        raise DatasetError(f"dataset.annotation_format={format} is not known.", choices=("auto", *ANNOTATION_FORMATS))
    parts = _plan(path, format, are_tables=bool(options.columns))
    if [part.path for part in parts] == [path]:
        annotations = _load(parts[0].format).read(path, options)
        faults = [*annotations.faults, *find_repeats(annotations.videos)]
    else:
        read = [(part.path.name if part.path != path else "", _read_part(part, options)) for part in parts]
        annotations = join_annotations(read, _USED_BY["tiers"][1])
        faults = list(annotations.faults)
    if not faults and not any(video.segments for video in annotations.videos):
        faults.append(Fault("not one segment in all of it: there is nothing to learn"))
    return replace(annotations, faults=tuple(faults))


def check_options(formats: Sequence[str], options: ReadOptions) -> None:
    """Refuses what a person asked for and would not get.

    Args:
        formats: of the annotations; an option need be of use to one of them.
        options: what was asked for.

    Raises:
        ConfigError: an option is given that no format has a use for.
    """
    for field, (option, users) in _USED_BY.items():
        value = getattr(options, field)
        if value not in (None, {}) and not set(users) & set(formats):
            plural = "s" if len(formats) > 1 else ""
            raise ConfigError(
                f"{option}={list(value) if isinstance(value, tuple) else value} does nothing with annotations of the "
                f"format{plural} {', '.join(formats)}.",
                next_step=f"Leave it out; it is for {', '.join(users)}.",
            )


def _plan(path: Path, format: str, are_tables: bool) -> list[Part]:
    """What is read, and as what: the file or folder itself, or each file of a folder."""
    if format != "auto":
        is_loose = format not in _FOLDERS and path.is_dir()
        return [Part(file, format) for file in list_files(path)] if is_loose else [Part(path, format)]
    head = read_head(path)
    if not path.is_dir():
        return [Part(path, "spreadsheet" if are_tables else _find_format(head) or _refuse(path))]
    layouts = [name for name in LAYOUTS if _load(name).recognise(head)]
    parts = list_parts(path, layouts, lambda file: _find_format(read_head(file)), are_tables)
    return parts or [Part(path, _refuse(path))]


def _read_part(part: Part, options: ReadOptions) -> Annotations:
    """One of several: that it cannot be read is a fault among the others'."""
    try:
        return _load(part.format).read(part.path, options)
    except UnreadableError as error:
        return Annotations(part.format, (), (Fault(error.reason),))


def write_annotations(path: Path, format: str, videos: Sequence[AnnotatedVideo], options: WriteOptions) -> list[Path]:
    """Writes annotations; each file wholly or not at all.

    Args:
        path: the file, or the folder for formats of several files.
        format: one of `WRITERS`.
        videos: what to write.
        options: how to write.

    Returns:
        The files that were written.

    Raises:
        DatasetError: the format cannot hold them, or the disk does not take them.
    """
    if format not in WRITERS:
        raise DatasetError(f"annotations cannot be written as {format}.", choices=WRITERS)
    try:
        return _load(format).write(path, videos, options)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DatasetError(f"annotations cannot be written to {error.filename or path}: {reason}.") from None


def recognise_format(path: Path) -> str:
    """The name of the format that a file or folder is in; where several could be, the most specific.

    Of a folder whose files are in several it is `joining.SEVERAL`.

    Raises:
        DatasetError: there is no such file, or it is of no format that is known.
    """
    names = {part.format for part in _plan(path, "auto", are_tables=False)}
    return names.pop() if len(names) == 1 else SEVERAL


def _find_format(head: Head) -> str | None:
    return next((name for name in _ORDER if _load(name).recognise(head)), None)


def _refuse(path: Path) -> str:
    raise DatasetError(
        f"dataset.annotations={path} is of no format that is known.",
        choices=ANNOTATION_FORMATS,
        next_step="If it is one of them, say which: dataset.annotation_format=NAME.",
    )


def read_head(path: Path) -> Head:
    """The beginning of a file, or the names in a folder.

    Raises:
        UnreadableError: it cannot be read.
    """
    try:
        if path.is_dir():
            return Head(path, names=tuple(sorted(entry.name for entry in path.iterdir())))
        with path.open("rb") as file:
            return Head(path, decode_head(file.read(HEAD_BYTES)))
    except OSError as error:
        next_step = "Give the file, or folder of files, of the labelling tool."
        raise UnreadableError(path, explain_os_error(error), next_step) from None


def _load(name: str) -> _Format:
    return cast(_Format, importlib.import_module(f"graphcore.sources.annotations.{name}"))
