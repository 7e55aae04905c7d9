"""Pictures whose labels are known before they are opened: where class folders, patterns and lists meet.

Each picture is a unit of its own, so that adding one reads one; chunks of them are what a worker notes at once.
"""

from __future__ import annotations

import hashlib
import json
from collections import ChainMap
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import asdict, astuple, dataclass
from functools import partial
from json.encoder import encode_basestring_ascii
from typing import cast, overload

import google_crc32c

from graphcore import storage
from graphcore.sources.errors import PictureError
from graphcore.sources.file_table import FileTable
from graphcore.sources.files import explain_os_error, printable
from graphcore.sources.freshness import hash_file
from graphcore.sources.item import UNREADABLE, Chunk, InputFile, Item, Rejected, Taken, Unit
from graphcore.sources.normalise import PictureOptions, normalise
from tfrecords.files import read_whole

_VERSION = 2
"""Raised when the same file gives another sample, so that nothing an older conversion knew is taken up."""

_CHUNKS, _SMALLEST_CHUNK, _LARGEST_CHUNK = 64, 32, 256
"""Enough chunks to keep every core busy to the end; few enough that noting each costs nothing."""

# The largest file that could hold an allowed picture: 16 bits a channel, 4 channels, not compressed, and its
# metadata.
_BYTES_PER_PIXEL, _METADATA_BYTES = 8, 64 * 2**20


@dataclass(frozen=True, slots=True)
class Labelled:
    """What is known of a picture before it is opened. Pictures of one class share one of these.

    Attributes:
        text: name of the class; the first, or "", where there may be several.
        split: the split that is given; empty where none is.
        group: what must stay together; empty where nothing must.
        subject: whom it shows; empty where that is not known.
        labels: names of all its classes where a picture may have several.
    """

    text: str
    split: str = ""
    group: str = ""
    subject: str = ""
    labels: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Pictures:
    """A source of labelled pictures, listed but not read.

    Attributes:
        classes: names in the order of their label numbers, also of classes without a picture.
        files: the pictures, by name.
        labels: what is known of each, by name.
        rejected: what is left out unread.
        options: how they are normalised.
        lists: files that are no pictures and that the labels come from.
        multi_label: whether a picture may have several labels, or none.
        unit: what chunks' sizes count.
    """

    classes: tuple[str, ...]
    files: Mapping[str, InputFile]
    labels: Mapping[str, Labelled]
    rejected: tuple[Rejected, ...]
    options: PictureOptions
    lists: tuple[InputFile, ...] = ()
    multi_label: bool = False
    unit: str = "pictures"

    def __post_init__(self) -> None:
        object.__setattr__(self, "files", FileTable(self.files.values()))

    @property
    def inputs(self) -> Mapping[str, InputFile]:
        """The pictures and the lists. See `Source`."""
        files = cast(MutableMapping[str, InputFile], self.files)  # nothing is set
        return ChainMap({file.name: file for file in self.lists}, files) if self.lists else self.files

    def plan_chunks(self, workers: int) -> tuple[list[Chunk], list[Rejected]]:
        """Cuts the pictures, in order of their names, into chunks. See `Source`."""
        chunks = make_picture_chunks(_Pairs(self, tuple(self.files)), self.options)
        return [*chunks, *map(_note, self.lists)], list(self.rejected)

    def name_classes(self, items: Sequence[Item]) -> tuple[str, ...]:
        """All classes, also those whose pictures were all left out."""
        return self.classes


@dataclass(frozen=True)
class _Pairs(Sequence[tuple[InputFile, Labelled]]):
    """Some of the pictures with their labels, each made when it is asked for."""

    whole: Pictures
    names: Sequence[str]

    @overload
    def __getitem__(self, index: int) -> tuple[InputFile, Labelled]: ...
    @overload
    def __getitem__(self, index: slice) -> _Pairs: ...
    def __getitem__(self, index: int | slice) -> tuple[InputFile, Labelled] | _Pairs:
        if isinstance(index, slice):
            return _Pairs(self.whole, self.names[index])
        name = self.names[index]
        return self.whole.files[name], self.whole.labels[name]

    def __len__(self) -> int:
        return len(self.names)


def make_picture_chunks(pictures: Sequence[tuple[InputFile, Labelled]], options: PictureOptions) -> list[Chunk]:
    """Cuts pictures into chunks, in the order they come."""
    length = min(_LARGEST_CHUNK, max(_SMALLEST_CHUNK, len(pictures) // _CHUNKS))
    parts = [pictures[start : start + length] for start in range(0, len(pictures), length)]
    return [_make_chunk(f"pictures-{index:06d}", part, options) for index, part in enumerate(parts)]


def take_picture(file: InputFile, options: PictureOptions, label: Labelled) -> Taken:
    """Reads and normalises one picture.

    One from an object store is kept as it was read: what writes the records opens local files only.
    """
    info, location = None, file.location
    is_remote = storage.is_remote(location)
    try:
        if file.size_bytes > options.max_pixels * _BYTES_PER_PIXEL + _METADATA_BYTES:
            raise PictureError(f"too large: {file.size_bytes} bytes for dataset.max_pixels={options.max_pixels}")
        data = storage.read_bytes(file.path) if is_remote else read_whole(location, file.size_bytes)
        info = file.describe(hashlib.sha256(data).hexdigest())
        picture = normalise(data, options, file.name)
    except (PictureError, OSError) as error:
        reason = explain_os_error(error) if isinstance(error, OSError) else str(error)
        info = file.describe(UNREADABLE) if isinstance(error, OSError) else info or file.describe()
        return Taken(rejected=Rejected(printable(file.name), reason), input_name=file.name, info=info)
    item = Item(
        key=file.name,
        identity=info.sha256,
        text=label.text,
        filename=file.name,
        format=picture.format,
        height=picture.height,
        width=picture.width,
        size_bytes=len(picture.encoded),
        digest=info.sha256 if picture.is_unchanged else hashlib.sha256(picture.encoded).hexdigest(),
        source=location,
        subject=label.subject,
        group=label.group,
        split=label.split,
        labels=label.labels,
        crc=google_crc32c.value(picture.encoded),
    )
    payload = None if picture.is_unchanged and not is_remote else picture.encoded
    return Taken(item, payload, input_name=file.name, info=info)


def _make_chunk(name: str, pictures: Sequence[tuple[InputFile, Labelled]], options: PictureOptions) -> Chunk:
    digest = hashlib.sha256()
    for _, _, fingerprint in _fingerprint(pictures, options):
        digest.update(fingerprint.encode())
    return Chunk(name, digest.hexdigest(), len(pictures), partial(_make_units, pictures, options))


def _make_units(pictures: Sequence[tuple[InputFile, Labelled]], options: PictureOptions) -> Iterator[Unit]:
    for file, label, fingerprint in _fingerprint(pictures, options):
        yield Unit(file.name, fingerprint, partial(_take_one, file, options, label), file.location)


def _fingerprint(
    pictures: Sequence[tuple[InputFile, Labelled]], options: PictureOptions
) -> Iterator[tuple[InputFile, Labelled, str]]:
    """Gives each picture with the hash of JSON whose parts are written once where many have them in common."""
    common = json.dumps([_VERSION, asdict(options)]).removesuffix("]")
    labels: dict[Labelled, str] = {}
    last, told = None, ""
    for file, label in pictures:
        if label is not last:  # neighbours mostly are of one class, and looking a label up hashes all of it
            last, told = label, labels.get(label) or labels.setdefault(label, json.dumps(astuple(label)))
        stamp = f"[{encode_basestring_ascii(file.name)}, {file.size_bytes}, {file.mtime_ns}, {file.ctime_ns}]"
        yield file, label, hashlib.sha256(f"{common}, {stamp}, {told}]".encode()).hexdigest()


def _take_one(file: InputFile, options: PictureOptions, label: Labelled) -> Iterator[Taken]:
    yield take_picture(file, options, label)


def _hash(values: object) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def _note(file: InputFile) -> Chunk:
    """Has a list's digest noted, so that a copy of it is known to be the same."""
    fingerprint = _hash([file.name, file.size_bytes, file.mtime_ns, file.ctime_ns])
    unit = Unit(f"list:{file.name}", fingerprint, partial(_read_list, file))
    return Chunk(f"list-{file.name}", fingerprint, 0, partial(iter, (unit,)))


def _read_list(file: InputFile) -> Iterator[Taken]:
    yield Taken(input_name=file.name, info=file.describe(hash_file(file.path)))
