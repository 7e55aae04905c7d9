"""Photos in folders: one folder per class, splits of such folders, nested classes, or any tree that a pattern tells.

Class folders keep their names to the letter, and pictures may lie deeper inside them. Files beside the class
folders (a licence, a read-me) are nobody's pictures and are passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graphcore.errors import ConfigError, DatasetError
from graphcore.sources.files import Listing, list_files, printable
from graphcore.sources.image_tree import (
    Root,
    check_folder,
    find_folder_of,
    find_picture_folders,
    find_roots,
    is_named_like_picture,
    suggest_deeper,
)
from graphcore.sources.include import ALL
from graphcore.sources.item import InputFile, Rejected
from graphcore.sources.normalise import PictureOptions
from graphcore.sources.pattern import parse_pattern
from graphcore.sources.pictures import Labelled, Pictures
from graphcore.sources.split_words import SPELLINGS, parse_split

FIELDS = ("class", "split", "subject", "group", "name")
"""What `dataset.pattern` may name."""

_OPTION = "dataset.pattern"


@dataclass
class _Found:
    """Pictures and their labels while they are collected."""

    classes: set[str] = field(default_factory=set)
    files: dict[str, InputFile] = field(default_factory=dict)
    labels: dict[str, Labelled] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)
    passed_over: str = ""
    _shared: dict[Labelled, Labelled] = field(default_factory=dict)

    def add_class(self, listing: Listing, label: Labelled) -> None:
        """Takes a listing in whose files are all of one class."""
        self._note(listing)
        self.files.update((file.name, file) for file in listing.files)
        self.labels.update((file.name, label) for file in listing.files)

    def add(self, listing: Listing, label_of: Callable[[str], Labelled | str]) -> None:
        """Takes a listing in; `label_of` gives a file's label by its name, or why it has none."""
        self._note(listing)
        for file in listing.files:
            label = label_of(file.name)
            if isinstance(label, str):
                self.rejected += [Rejected(printable(file.name), label)] if label else []
                continue
            self.files[file.name] = file
            self.labels[file.name] = self._shared.setdefault(label, label)
            self.classes.add(label.text)

    def _note(self, listing: Listing) -> None:
        self.rejected += listing.rejected
        self.passed_over = self.passed_over or listing.passed_over


def open_image_folder(
    folder: Path,
    options: PictureOptions,
    *,
    include: Sequence[str] = ALL,
    pattern: str | None = None,
    nested_classes: bool = False,
) -> Pictures:
    """Lists the pictures of `folder` with their classes.

    Args:
        folder: holds class folders, or folders of them named like train, validation and test.
        options: how pictures are normalised.
        include: patterns of the file names that are taken.
        pattern: says what the parts of each path mean instead, see `graphcore.sources.pattern`.
        nested_classes: makes every folder with pictures a class, named by its path.

    Raises:
        ConfigError: a pattern that cannot be one, or that contradicts `nested_classes`.
        DatasetError: the folder is missing, can be understood in two ways, or holds fewer than two classes or
            no file at all.
    """
    check_folder(folder, "Give the folder that holds one folder per class.")
    if pattern is not None and nested_classes:
        problem = f"{_OPTION}={pattern} and dataset.nested_classes=true both say what the classes are."
        raise ConfigError(problem, next_step="Give one of them.")
    if pattern is not None:
        found = _find_by_pattern(folder, pattern, include)
    else:
        found = _find_in_tree(folder, include, nested_classes)
    _check(folder, found, include, pattern)
    return Pictures(tuple(sorted(found.classes)), found.files, found.labels, tuple(found.rejected), options)


def _find_in_tree(folder: Path, include: Sequence[str], nested: bool) -> _Found:
    roots, rejected = find_roots(folder)
    found = _Found(rejected=list(rejected))
    for root in roots:
        if nested:
            _add_nested(found, folder, root, include)
            continue
        for name in root.folders:
            label = Labelled(name, root.split)
            inside = f"{root.name}/{name}" if root.name else name
            found.classes.add(name)
            found.add_class(list_files(folder / inside, inside, include=include), label)
    return found


def _add_nested(found: _Found, folder: Path, root: Root, include: Sequence[str]) -> None:
    listing = list_files(folder / root.name, root.name, include=include)
    classes = find_picture_folders(listing.files, root.name)

    def label_of(name: str) -> Labelled | str:
        inside = find_folder_of(name, root.name)
        if inside in classes:
            return Labelled(inside, root.split)
        if inside:
            return f"in no class: nothing else in {inside} is named like a picture"
        return "in no class folder" if is_named_like_picture(name) else ""

    found.add(listing, label_of)


def _find_by_pattern(folder: Path, text: str, include: Sequence[str]) -> _Found:
    pattern = parse_pattern(text, FIELDS, _OPTION)
    if "class" not in pattern.fields:
        raise ConfigError(f"{_OPTION}={text} does not say where the class is named.", choices=["{class}"])

    def label_of(name: str) -> Labelled | str:
        fields = pattern.match(name)
        if fields is None:
            return f"does not fit {_OPTION}={text}"
        split = parse_split(fields.get("split", ""))
        if "split" in fields and not split:
            return f"{fields['split']} is no split: {', '.join(SPELLINGS)}"
        return Labelled(fields["class"], split, fields.get("group", ""), fields.get("subject", ""))

    found = _Found()
    found.add(list_files(folder, "", include=include), label_of)
    return found


def _check(folder: Path, found: _Found, include: Sequence[str], pattern: str | None) -> None:
    unnamed = sorted(printable(name) for name in found.classes if printable(name) != name)
    if unnamed:
        raise DatasetError(
            f"The folder {unnamed[0]} in {folder} has a name that is not valid UTF-8.", next_step="Rename it."
        )
    if not found.files and found.passed_over:
        raise DatasetError(
            f"No file in dataset.dir={folder} fits dataset.include=[{', '.join(include)}]; there is "
            f"{found.passed_over}.",
            next_step="Patterns are compared with file names, without folders: '*.jpg'.",
        )
    if pattern is not None and not found.files and found.rejected:
        example = found.rejected[0]
        raise DatasetError(
            f"No picture in dataset.dir={folder} is left; {example.path}: {example.reason}.",
            next_step="Say how its paths are made: 'dataset.pattern=\"{subject}/{class}/{name}\"'.",
        )
    if len(found.classes) < 2:
        _refuse_few_classes(folder, found, pattern)
    if not found.files:
        names = ", ".join(sorted(found.classes)[:10])
        raise DatasetError(
            f"dataset.dir={folder} holds no files in its {len(found.classes)} class folders: {names}.",
            next_step="Put the pictures of each class into its folder.",
        )


def _refuse_few_classes(folder: Path, found: _Found, pattern: str | None) -> None:
    what = "class" if pattern is not None else "class folder"
    count = f"only one {what}: {next(iter(found.classes))}" if found.classes else f"no {what}"
    deeper = suggest_deeper(folder) if pattern is None else None
    advice = "Put the pictures of each class into a folder of their own: DIR/<class>/<picture>.jpg"
    raise DatasetError(
        f"dataset.dir={folder} holds {count}; a classifier tells at least two classes apart.",
        next_step=f"Is it dataset.dir={deeper}?" if deeper is not None and deeper != folder else advice,
    )
