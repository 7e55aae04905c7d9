"""Pictures that a list names with their labels: one or several a picture, perhaps a split, a group, a subject.

Everything that is wrong with the list is told in one error before a picture is opened; pictures that are not there
are left out by name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graphcore import storage
from graphcore.errors import DatasetError
from graphcore.sources.files import explain_os_error, look_up
from graphcore.sources.image_tree import check_folder
from graphcore.sources.include import ALL, compile_patterns
from graphcore.sources.item import InputFile, Rejected
from graphcore.sources.list_paths import find_prefixes, place_path
from graphcore.sources.list_rows import ListRow, read_list
from graphcore.sources.normalise import PictureOptions
from graphcore.sources.pictures import Labelled, Pictures
from graphcore.sources.split_words import list_spellings, parse_split

_SHOWN = 20


@dataclass(frozen=True)
class ListOptions:
    """How a list is read.

    Attributes:
        columns: names of its columns by their meaning, see `list_rows.WELL_KNOWN`.
        label_separator: between several labels in one cell.
        multi_label: whether a picture may have several labels or none; None when one has several.
        include: patterns of the file names that are taken.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    label_separator: str = ";"
    multi_label: bool | None = None
    include: Sequence[str] = ALL


def open_image_list(
    listed: Path, folder: Path | None, options: PictureOptions, reading: ListOptions = ListOptions()
) -> Pictures:
    """Reads a list and finds its pictures.

    Args:
        listed: the list.
        folder: where its paths start; None for the list's own folder.
        options: how pictures are normalised.
        reading: how the list is read.

    Raises:
        DatasetError: the list or the folder is missing, rows are wrong or contradict each other, no picture is
            there, or there are fewer than two classes.
    """
    own = _describe_list(listed)
    base = listed.parent if folder is None else folder
    check_folder(base, "Give the folder that the list's paths start from.")
    rows, faults = read_list(listed, reading.columns, reading.label_separator)
    multi_label = any(len(row.labels) > 1 for row in rows) if reading.multi_label is None else reading.multi_label
    placed = _Placed(find_prefixes(base), multi_label, faults)
    is_included = compile_patterns(reading.include)
    for row in rows:
        placed.add(row, is_included)
    _check(listed, placed, reading)
    found = look_up(base, placed.labels)
    rejected = tuple(Rejected(one.path, f"{one.reason} ({placed.where[one.path]})") for one in found.rejected)
    if not found.files:
        raise DatasetError(
            f"None of the {len(rejected)} pictures of dataset.list={listed} can be used in {base}, such as "
            f"{rejected[0].path}: {rejected[0].reason}.",
            next_step="Give the folder that its paths start from: dataset.dir=DIR.",
        )
    files = {file.name: file for file in found.files}
    labels = {name: placed.labels[name] for name in files}
    return Pictures(tuple(sorted(placed.classes)), files, labels, rejected, options, (own,), multi_label)


def _describe_list(listed: Path) -> InputFile:
    try:
        stamp = storage.describe(listed)
    except OSError as error:
        problem = "does not exist" if isinstance(error, FileNotFoundError) else explain_os_error(error)
        raise DatasetError(
            f"dataset.list={listed} {problem}.", next_step="Give the file that lists pictures."
        ) from None
    if listed.is_dir():
        raise DatasetError(
            f"dataset.list={listed} is a folder.", next_step="Give a file; dataset=image_folder reads folders."
        )
    return InputFile(listed.name, listed, *stamp)


class _Placed:
    """Rows with their places, while they are collected."""

    def __init__(self, prefixes: Sequence[str], multi_label: bool, faults: list[str]) -> None:
        self.labels: dict[str, Labelled] = {}
        self.where: dict[str, str] = {}
        self.classes: set[str] = set()
        self.faults = faults
        self.leaves = False
        self.passed_over = ""
        self._prefixes = prefixes
        self._multi_label = multi_label
        self._shared: dict[Labelled, Labelled] = {}

    def add(self, row: ListRow, is_included: Callable[[str], bool]) -> None:
        """Notes one row, or what is wrong with it."""
        name = place_path(row.path, self._prefixes)
        if not name:
            self.leaves = True
            self.faults.append(f"{row.where}: {row.path!a} is not in the folder")
        elif not is_included(name):
            self.passed_over = self.passed_over or name
        elif problem := self._find_fault(row, name):
            self.faults.append(f"{row.where}: {problem}")

    def _find_fault(self, row: ListRow, name: str) -> str:
        split = parse_split(row.split)
        if row.split and not split:
            return f"the split {row.split} is not known ({', '.join(list_spellings())})"
        if not self._multi_label and len(row.labels) != 1:
            several = f"several labels: {', '.join(row.labels)}"
            return f"{name} has {several if row.labels else 'no label (dataset.multi_label=true allows it)'}"
        labels = row.labels if self._multi_label else None
        label = Labelled(next(iter(row.labels), ""), split, row.group, row.subject, labels)
        label = self._shared.setdefault(label, label)
        first = self.labels.setdefault(name, label)
        if first != label:
            return f"{name} is {_show(first)} in {self.where[name]} and {_show(label)} here"
        self.where.setdefault(name, row.where)
        self.classes.update(row.labels)
        return ""


def _show(label: Labelled) -> str:
    words = [", ".join(label.labels) or "without label" if label.labels is not None else label.text]
    words += [f"{name} {value}" for name in ("split", "group", "subject") if (value := getattr(label, name))]
    return " in ".join(words)


def _check(listed: Path, placed: _Placed, reading: ListOptions) -> None:
    if placed.faults:
        shown = "".join(f"\n  {fault}" for fault in placed.faults[:_SHOWN])
        more = f"\n  and {len(placed.faults) - _SHOWN} more" if len(placed.faults) > _SHOWN else ""
        count = "1 fault" if len(placed.faults) == 1 else f"{len(placed.faults)} faults"
        advice = "Mend the list and run again; no picture was opened."
        if placed.leaves:
            advice = "Give the folder that all its paths start from: dataset.dir=DIR."
        raise DatasetError(f"dataset.list={listed} has {count}:{shown}{more}", next_step=advice)
    if not placed.labels:
        fits = f"fits dataset.include=[{', '.join(reading.include)}]; there is {placed.passed_over}"
        what = f"names no file that {fits}" if placed.passed_over else "names no picture"
        raise DatasetError(f"dataset.list={listed} {what}.")
    if len(placed.classes) < (1 if reading.multi_label else 2):
        found = f"only the label {next(iter(placed.classes))}" if placed.classes else "no label"
        advice = (
            "dataset.multi_label=true tells pictures with one label from those with none." if placed.classes else None
        )
        raise DatasetError(
            f"dataset.list={listed} has {found}; a classifier tells at least two classes apart.", next_step=advice
        )
