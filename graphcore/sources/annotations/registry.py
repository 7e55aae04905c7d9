"""Recognises, reads and writes annotations: the one door to all formats.

Formats are loaded when they are used. What is wrong with annotations whatever their format is found here.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, cast

from graphcore.config import ANNOTATION_FORMATS, WRITTEN_FORMATS
from graphcore.errors import ConfigError, DatasetError
from graphcore.sources.annotations.documents import UnreadableError, decode_head, list_folder
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
        path: a file, or a folder of files of one format.
        format: one of `graphcore.config.ANNOTATION_FORMATS`; "auto" recognises it.
        options: how to read.

    Raises:
        DatasetError: nothing can be read, or the format is not known.
    """
    name = recognise_format(path) if format == "auto" else format
    if name not in ANNOTATION_FORMATS:
        raise DatasetError(f"dataset.annotation_format={name} is not known.", choices=("auto", *ANNOTATION_FORMATS))
    annotations = _read_each(path, name, options) if _is_loose(path, name) else _load(name).read(path, options)
    faults = [*annotations.faults, *find_repeats(annotations.videos)]
    if not faults and not any(video.segments for video in annotations.videos):
        faults.append(Fault("not one segment in all of it: there is nothing to learn"))
    return Annotations(annotations.format, annotations.videos, tuple(faults))


def check_options(format: str, options: ReadOptions) -> None:
    """Refuses what a person asked for and would not get.

    Raises:
        ConfigError: an option is given that the format has no use for.
    """
    for field, (option, formats) in _USED_BY.items():
        value = getattr(options, field)
        if value not in (None, {}) and format not in formats:
            raise ConfigError(
                f"{option}={list(value) if isinstance(value, tuple) else value} does nothing with annotations of the "
                f"format {format}.",
                next_step=f"Leave it out; it is for {', '.join(formats)}.",
            )


def _is_loose(path: Path, name: str) -> bool:
    """Whether a folder merely holds files that are each whole annotations of their own."""
    return name not in _FOLDERS and path.is_dir()


def _read_each(path: Path, name: str, options: ReadOptions) -> Annotations:
    read = [(file, _load(name).read(file, options)) for file in list_folder(path) if not file.is_dir()]
    videos = [video for _, annotations in read for video in annotations.videos]
    faults = [
        replace(fault, text=f"{file.name}: {fault.text}") for file, annotations in read for fault in annotations.faults
    ]
    return Annotations(name, tuple(videos), tuple(faults))


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

    Raises:
        DatasetError: there is no such file, or it is of no format that is known.
    """
    head = read_head(path)
    for name in _ORDER:
        if _load(name).recognise(head):
            return name
    files = [file for file in list_folder(path) if not file.is_dir()] if path.is_dir() else []
    names = {recognise_format(file) for file in files}
    if len(names) == 1:
        return names.pop()
    if names:
        raise DatasetError(
            f"dataset.annotations={path} holds files of several formats: {', '.join(sorted(names))}.",
            next_step="Keep those of one format in a folder of their own.",
        )
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


def find_repeats(videos: Sequence[AnnotatedVideo]) -> list[Fault]:
    """Videos that are annotated more than once; pure."""
    counts = Counter((video.video, video.recording, video.subject, video.camera, video.split) for video in videos)
    twice = [" ".join(part for part in key[:4] if part) for key, count in counts.items() if count > 1]
    return [Fault(f"video {name}: annotated more than once") for name in twice]


def _load(name: str) -> _Format:
    return cast(_Format, importlib.import_module(f"graphcore.sources.annotations.{name}"))
