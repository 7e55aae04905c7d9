"""Photos in one folder per class: `dir/<class>/<anything>.jpg`.

The direct sub-folders are the classes and keep their names to the letter; pictures may lie deeper inside
them. Files beside the class folders (a licence, a read-me) are nobody's pictures and are passed over.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from graphcore.errors import DatasetError
from graphcore.sources.errors import PictureError
from graphcore.sources.files import Listing, explain_os_error, list_files, printable
from graphcore.sources.item import Chunk, InputFile, Item, Rejected, Taken
from graphcore.sources.normalise import PictureOptions, normalise

_VERSION = 1
"""Raised when the same file gives another sample, so that no older conversion's leftovers are taken up."""

_CHUNKS, _SMALLEST_CHUNK, _LARGEST_CHUNK = 64, 32, 256
"""Enough chunks to keep every core busy to the end; few enough that noting each costs nothing."""

# The largest file that could hold an allowed picture: 16 bits a channel, 4 channels, not compressed, and its
# metadata.
_BYTES_PER_PIXEL, _METADATA_BYTES = 8, 64 * 2**20


@dataclass(frozen=True)
class ImageFolder:
    """The pictures of a folder of class folders, listed but not read. Made by `open_image_folder`."""

    folder: Path
    classes: tuple[str, ...]
    inputs: Mapping[str, InputFile]
    rejected: tuple[Rejected, ...]
    options: PictureOptions
    unit: str = "pictures"

    def plan_chunks(self, workers: int) -> tuple[list[Chunk], list[Rejected]]:
        """Cuts the files, in order of their names, into chunks. See `Source`."""
        files = sorted(self.inputs.values(), key=lambda file: file.name)
        length = min(_LARGEST_CHUNK, max(_SMALLEST_CHUNK, len(files) // _CHUNKS))
        parts = [tuple(files[start : start + length]) for start in range(0, len(files), length)]
        return [self._make_chunk(index, part) for index, part in enumerate(parts)], list(self.rejected)

    def name_classes(self, items: Sequence[Item]) -> tuple[str, ...]:
        """The folders' names in alphabetical order, also of those whose pictures were all left out."""
        return self.classes

    def _make_chunk(self, index: int, files: tuple[InputFile, ...]) -> Chunk:
        deciding = [[file.name, file.size_bytes, file.mtime_ns, file.ctime_ns] for file in files]
        text = json.dumps([_VERSION, asdict(self.options), deciding])
        fingerprint = hashlib.sha256(text.encode()).hexdigest()
        return Chunk(f"pictures-{index:06d}", fingerprint, len(files), partial(_take_files, files, self.options))


def open_image_folder(folder: Path, options: PictureOptions) -> ImageFolder:
    """Lists the class folders of `folder` and their files.

    Raises:
        DatasetError: the folder is missing, or holds fewer than two classes or no file at all.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "does not exist"
        raise DatasetError(
            f"dataset.dir={folder} {what}.", next_step="Give the folder that holds one folder per class."
        )
    classes = _find_classes(folder)
    listings = {name: list_files(folder / name, name) for name in classes}
    inputs = {file.name: file for listing in listings.values() for file in listing.files}
    rejected = [one for listing in listings.values() for one in listing.rejected]
    _check_classes(folder, listings)
    return ImageFolder(folder, tuple(classes), inputs, tuple(rejected), options)


def take_picture(file: InputFile, options: PictureOptions) -> Taken:
    """Reads and normalises one picture of a class folder; its class is the first part of its name."""
    info = file.describe()
    try:
        if file.size_bytes > options.max_pixels * _BYTES_PER_PIXEL + _METADATA_BYTES:
            raise PictureError(f"too large: {file.size_bytes} bytes for dataset.max_pixels={options.max_pixels}")
        data = file.path.read_bytes()
        info = file.describe(hashlib.sha256(data).hexdigest())
        picture = normalise(data, options, file.name)
    except (PictureError, OSError) as error:
        reason = explain_os_error(error) if isinstance(error, OSError) else str(error)
        return Taken(rejected=Rejected(printable(file.name), reason), input_name=file.name, info=info)
    payload = None if picture.is_unchanged else picture.encoded
    item = Item(
        key=file.name,
        identity=info.sha256,
        text=file.name.split("/", 1)[0],
        filename=file.name,
        format=picture.format,
        height=picture.height,
        width=picture.width,
        size_bytes=len(picture.encoded),
        digest=info.sha256 if payload is None else hashlib.sha256(payload).hexdigest(),
        source=str(file.path),
    )
    return Taken(item, payload, input_name=file.name, info=info)


def _take_files(files: Sequence[InputFile], options: PictureOptions) -> Iterator[Taken]:
    for file in files:
        yield take_picture(file, options)


def _find_classes(folder: Path) -> list[str]:
    try:
        return sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise DatasetError(f"dataset.dir={folder} {explain_os_error(error)}.") from None


def _check_classes(folder: Path, listings: Mapping[str, Listing]) -> None:
    unnamed = [printable(name) for name in listings if printable(name) != name]
    if unnamed:
        raise DatasetError(
            f"The folder {unnamed[0]} in {folder} has a name that is not valid UTF-8.", next_step="Rename it."
        )
    if len(listings) < 2:
        found = f"only one class folder: {next(iter(listings))}" if listings else "no class folder"
        raise DatasetError(
            f"dataset.dir={folder} holds {found}; a classifier tells at least two classes apart.",
            next_step="Put the pictures of each class into a folder of their own: DIR/<class>/<picture>.jpg",
        )
    if not any(listing.files for listing in listings.values()):
        names = ", ".join(sorted(listings)[:10])
        raise DatasetError(
            f"dataset.dir={folder} holds no files in its {len(listings)} class folders: {names}.",
            next_step="Put the pictures of each class into its folder.",
        )
