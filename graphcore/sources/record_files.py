"""Pictures that lie in TFRecord files already, as slim's converters wrote them, with the splits that they were given.

The pictures are taken out, checked and normalised like any others, and end in records of graphcore's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from graphcore import storage
from graphcore.errors import ConfigError, DatasetError
from graphcore.sources.class_numbers import read_class_numbers
from graphcore.sources.files import list_files
from graphcore.sources.freshness import hash_file
from graphcore.sources.image_tree import check_folder
from graphcore.sources.item import Chunk, InputFile, Item, Rejected, Taken, Unit
from graphcore.sources.record_samples import RecordOptions, make_record_unit
from graphcore.sources.record_sets import check_whole, choose_set, explain_names, parse_name

LABELS_NAME = "labels.txt"

_BYTES_PER_UNIT = 2**20
"""The progress bar counts mebibytes: how many pictures a file holds is not known before it is read."""


@dataclass(frozen=True)
class RecordFiles:
    """Files of records, listed but not read. Made by `open_record_files`.

    Attributes:
        files: them, by name.
        splits: what the name of each says of its split.
        labels_file: the file that names the classes; None where there is none.
        options: how records become samples.
        rejected: files that can be no input.
    """

    files: Mapping[str, InputFile]
    splits: Mapping[str, str]
    labels_file: InputFile | None
    options: RecordOptions
    rejected: tuple[Rejected, ...] = ()
    unit: str = "MiB"
    multi_label: bool = False

    @property
    def inputs(self) -> Mapping[str, InputFile]:
        """The files, and the one that names the classes. See `Source`."""
        return dict(self.files) | ({self.labels_file.name: self.labels_file} if self.labels_file else {})

    def plan_chunks(self, workers: int) -> tuple[list[Chunk], list[Rejected]]:
        """A chunk is a file. See `Source`."""
        units = [make_record_unit(file, self.splits[name], self.options) for name, file in self.files.items()]
        sizes = [max(1, file.size_bytes // _BYTES_PER_UNIT) for file in self.files.values()]
        chunks = [
            Chunk(f"records-{unit.name}", unit.fingerprint, size, partial(_iterate_one, unit))
            for unit, size in zip(units, sizes, strict=True)
        ]
        return [*chunks, *self._note_labels()], list(self.rejected)

    def name_classes(self, items: Sequence[Item]) -> tuple[str, ...]:
        """All classes that the file names, in the order of their numbers; else those that are there."""
        names, offset = self.options.names, self.options.labels_offset
        if names:
            return tuple(name for number, name in names.items() if number >= offset)
        return tuple(sorted({item.text for item in items}, key=_order))

    def _note_labels(self) -> Iterator[Chunk]:
        if file := self.labels_file:
            stamp = f"{file.name} {file.size_bytes} {file.mtime_ns} {file.ctime_ns}"
            unit = Unit(f"labels/{file.name}", stamp, partial(_note, file))
            yield Chunk(f"labels-{file.name}", stamp, 0, partial(_iterate_one, unit))


def open_record_files(
    folder: Path, options: RecordOptions, prefix: str | None = None, labels_file: Path | None = None
) -> RecordFiles:
    """Finds the files of records in a folder.

    Args:
        folder: where they lie.
        options: how records become samples; its names are read here.
        prefix: which set, where several lie there: "flowers" of flowers_train-00000-of-00005.tfrecord.
        labels_file: names the classes; None takes `labels.txt` in the folder, where there is one.

    Raises:
        ConfigError: it is not on this machine, or there are several sets and none is chosen.
        DatasetError: the folder is missing or holds no records, files of the set are missing, nothing is there to
            train on, or the names of the classes cannot be read.
    """
    if storage.is_remote(folder):
        raise ConfigError(f"dataset.dir={folder} is not on this machine.", next_step="Copy the records here first.")
    check_folder(folder, "Give the folder of the .tfrecord files.")
    listing = list_files(folder, "", recursive=False)
    names = [name for file in listing.files if (name := parse_name(file.name)) is not None]
    if not names:
        raise DatasetError(f"dataset.dir={folder} holds no files of records.", next_step=explain_names())
    chosen = {name.file: name.split for name in choose_set(names, prefix)}
    check_whole([name for name in names if name.file in chosen])
    if all(chosen.values()) and "train" not in chosen.values():
        raise DatasetError(
            f"dataset.dir={folder} holds records to {' and '.join(sorted(set(chosen.values())))}, none to train on.",
            next_step=explain_names(),
        )
    labels = _find_labels(folder, labels_file)
    numbers = read_class_numbers(labels.path) if labels else {}
    options = RecordOptions(options.pictures, numbers, options.labels_offset)
    files = {file.name: file for file in listing.files if file.name in chosen}
    return RecordFiles(files, chosen, labels, options, tuple(listing.rejected))


def _find_labels(folder: Path, given: Path | None) -> InputFile | None:
    path = folder / LABELS_NAME if given is None else given
    if given is None and not path.is_file():
        return None
    try:
        return InputFile(path.name, path, *storage.describe(path))
    except OSError as error:
        raise DatasetError(
            f"dataset.labels_file={path} cannot be read: {error.strerror}.", next_step="Give the file of class names."
        ) from None


def _order(name: str) -> tuple[bool, int, str]:
    """Numbers by their value, before names."""
    is_number = name.isascii() and name.isdigit() and len(name) < 20
    return not is_number, int(name) if is_number else 0, name


def _iterate_one(unit: Unit) -> Iterator[Unit]:
    yield unit


def _note(file: InputFile) -> Iterator[Taken]:
    yield Taken(input_name=file.name, info=file.describe(hash_file(file.path)))
