"""What the folders of a tree of pictures mean: classes, or splits that hold the classes.

`dir/cat/1.jpg` and `dir/train/cat/1.jpg` look alike until the names are read: all folders named like splits, one
of them for training, and there are classes below them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from graphcore import storage
from graphcore.errors import DatasetError
from graphcore.sources.files import explain_os_error, list_folders
from graphcore.sources.item import InputFile, Rejected
from graphcore.sources.normalise import SUFFIXES
from graphcore.sources.pattern import split_ending
from graphcore.sources.split_words import parse_split

_DEEPEST = 5
"""How many single folders within each other are looked through for a better `dataset.dir`."""


@dataclass(frozen=True)
class Root:
    """A folder whose sub-folders are classes.

    Attributes:
        name: relative to the dataset's folder; "" for that folder itself.
        split: whom its pictures are for; "" where the tree does not say.
        folders: names of the folders in it.
    """

    name: str
    split: str
    folders: tuple[str, ...]


def check_folder(folder: Path, advice: str) -> None:
    """Refuses a `dataset.dir` that is no folder.

    Args:
        folder: it.
        advice: what to give instead, a sentence.

    Raises:
        DatasetError: it is missing or a file, or the store it lies in is out of reach.
    """
    with storage.explaining(folder):
        if not folder.is_dir():
            what = "is a file" if folder.exists() else "does not exist"
            raise DatasetError(f"dataset.dir={folder} {what}.", next_step=advice)


def find_roots(folder: Path) -> tuple[list[Root], list[Rejected]]:
    """Finds the folders that hold class folders: one for each split, else `folder` itself.

    Returns:
        Them, and split folders that hold no classes beside others that do.

    Raises:
        DatasetError: folders that can be understood in two ways, or one that cannot be read.
    """
    names = read_folders(folder)
    splits = {name: split for name in names if (split := parse_split(name))}
    # A single "train" may be a class of vehicles; without one, nobody could train on what is given.
    if len(set(splits.values())) < 2 or "train" not in splits.values():
        _check_trainable(folder, names, splits)
        return [Root("", "", tuple(names))], []
    _check_unmixed(folder, splits, [name for name in names if name not in splits])
    roots = [Root(name, split, tuple(read_folders(folder / name))) for name, split in splits.items()]
    if not any(root.folders for root in roots if root.split == "train"):
        raise DatasetError(
            f"dataset.dir={folder} holds {', '.join(splits)}, splits by their names, without class folders in them.",
            next_step="Put class folders into them, or say where a class is named, as in "
            "'dataset.pattern=\"{split}/{class}.{name}\"' for train/cat.17.jpg; "
            "'dataset.pattern=\"{class}/{name}\"' makes these folders the classes.",
        )
    rejected = [Rejected(root.name, "a split without class folders") for root in roots if not root.folders]
    return [root for root in roots if root.folders], rejected


def _check_trainable(folder: Path, names: Sequence[str], splits: Mapping[str, str]) -> None:
    """Folders that are all splits by their names, with class folders in them, and none of them to train on."""
    if (
        "train" in splits.values()
        or not 2 <= len(splits) == len(names)
        or not all(read_folders(folder / name) for name in names)
    ):
        return
    raise DatasetError(
        f"dataset.dir={folder} holds {', '.join(names)}, splits by their names, and none to train on.",
        next_step="Add train/, or say where a class is named: 'dataset.pattern=\"{class}/{name}\"' makes these folders "
        "the classes.",
    )


def find_picture_folders(files: Sequence[InputFile], root: str) -> set[str]:
    """The folders, relative to `root`, that directly hold a file named like a picture; `root` itself is none."""
    return {find_folder_of(file.name, root) for file in files if is_named_like_picture(file.name)} - {""}


def find_folder_of(name: str, root: str) -> str:
    """The folder that a file lies in, relative to `root`; "" for `root` itself."""
    return name[len(root) + 1 if root else 0 :].rpartition("/")[0]


def is_named_like_picture(name: str) -> bool:
    """Whether a file's ending is that of a picture."""
    return split_ending(name)[1].lower() in SUFFIXES


def suggest_deeper(folder: Path) -> Path | None:
    """The folder that was probably meant, where one folder alone leads to several."""
    for _ in range(_DEEPEST):
        names = read_folders(folder)
        if len(names) != 1:
            return folder if len(names) > 1 else None
        folder = folder / names[0]
    return None


def read_folders(folder: Path) -> list[str]:
    """Names of the folders in `dataset.dir` or below it.

    Raises:
        DatasetError: it cannot be read.
    """
    try:
        return list_folders(folder)
    except OSError as error:
        raise DatasetError(f"dataset.dir={folder} {explain_os_error(error)}.") from None


def _check_unmixed(folder: Path, splits: Iterable[str], others: Sequence[str]) -> None:
    if not others:
        return
    shown = ", ".join(others[:10]) + (", ..." if len(others) > 10 else "")
    raise DatasetError(
        f"dataset.dir={folder} holds {', '.join(splits)}, splits by their names, beside {shown}.",
        next_step="Move the others elsewhere, or say what the folders are: "
        "'dataset.pattern=\"{split}/{class}/{name}\"' leaves the others out, "
        "'dataset.pattern=\"{class}/{name}\"' makes each a class.",
    )
