"""What lies in a folder of annotations: layouts that are read whole, and files that are each read alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from graphcore.config import ANNOTATION_FORMATS
from graphcore.errors import DatasetError
from graphcore.sources.annotations.documents import list_folder
from graphcore.sources.frames.probe import SUFFIXES
from graphcore.sources.tables import TEXT_SUFFIXES, WORKBOOK_SUFFIXES

LAYOUTS = ("ms_tcn", "cholec80")
"""Formats of which only the folder is whole, and which pass over what is not theirs."""

_TABLES = (*(suffix for suffix in TEXT_SUFFIXES if suffix != ".txt"), *WORKBOOK_SUFFIXES)
_MARKS = (*_TABLES, ".json", ".xml", ".eaf")
"""Endings under which tools store annotations. Other files that no format knows are notes, or what tools leave."""


@dataclass(frozen=True)
class Part:
    """A file that is read alone, or a folder whose layout is read whole, and its format."""

    path: Path
    format: str


def list_files(folder: Path) -> list[Path]:
    """The files of a folder but videos, by name.

    Raises:
        UnreadableError: it cannot be listed.
    """
    return [file for file in list_folder(folder) if file.suffix.lower() not in SUFFIXES and not file.is_dir()]


def list_parts(
    folder: Path, layouts: Sequence[str], find_format: Callable[[Path], str | None], are_tables: bool
) -> list[Part]:
    """Plans how a folder is read.

    Args:
        folder: it may hold files of several formats.
        layouts: those of `LAYOUTS` that the folder itself is in.
        find_format: the format of a file; None where it is of none that is known.
        are_tables: whether tables are spreadsheets, whatever tool they look like.

    Raises:
        DatasetError: something that looks like annotations is of no format.
    """
    loose = [(file, _find_format(file, find_format, are_tables)) for file in list_files(folder)]
    if {name for _, name in loose if name is not None} == {"boris"} and not layouts:
        return [Part(folder, "boris")]
    unknown = [file.name for file, name in loose if name is None and file.suffix.lower() in _MARKS]
    if unknown:
        raise DatasetError(
            f"dataset.annotations={folder} holds {', '.join(unknown[:5])}, of no format that is known.",
            choices=ANNOTATION_FORMATS,
            next_step="Move it elsewhere, or mend it, or say what all files are: dataset.annotation_format=NAME.",
        )
    parts = [Part(folder, layout) for layout in layouts]
    parts += [Part(file, name) for file, name in loose if name is not None and name not in layouts]
    if are_tables and not parts:  # texts whose header nobody knows but who names its columns
        return [Part(file, "spreadsheet") for file, _ in loose if file.suffix.lower() in TEXT_SUFFIXES]
    return parts


def _find_format(file: Path, find_format: Callable[[Path], str | None], are_tables: bool) -> str | None:
    suffix = file.suffix.lower()
    if suffix == ".eaf":
        return "elan"
    if are_tables and suffix in _TABLES:
        return "spreadsheet"
    return find_format(file)
