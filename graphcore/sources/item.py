"""The values that travel from the sources onwards: what was asked for, what was taken in, what was left out.

First step on the way of one picture. Everything here is plain data; `convert` turns an `Item` with its split
into a record.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from graphcore.storage import is_remote
from tfrecords.manifest import InputInfo


class Start(NamedTuple):
    """Where the names of many files start, one object for all of them: a path of its own would be most of a file.

    Attributes:
        folder: where they lie, maybe in an object store.
        skipped: how many letters of each name stand before those of its path below `folder`.
    """

    folder: Path
    skipped: int = 0

    @classmethod
    def after(cls, prefix: str, folder: Path) -> Start:
        """The start of names that have a prefix and a slash before their path below `folder`."""
        return cls(folder, len(prefix) + 1 if prefix else 0)

    def find(self, name: str) -> Path:
        """The path of a file."""
        return self.folder / name[self.skipped :]

    def locate(self, name: str) -> str:
        """The path of a file as text."""
        return str(self.find(name)) if is_remote(self.folder) else os.path.join(self.folder, name[self.skipped :])


@dataclass(frozen=True, slots=True, eq=False)
class InputFile:
    """A file found on disk, before it is opened.

    Attributes:
        name: POSIX path relative to where the dataset lies.
        place: its path, or where its name starts.
        size_bytes: as the file system says.
        mtime_ns: as the file system says.
        ctime_ns: likewise; unlike `mtime_ns` nobody can set it back.
    """

    name: str
    place: Path | Start
    size_bytes: int
    mtime_ns: int
    ctime_ns: int = 0

    @property
    def path(self) -> Path:
        """Where it is now."""
        return self.place.find(self.name) if isinstance(self.place, Start) else self.place

    @property
    def location(self) -> str:
        """The path as text: `pathlib` keeps a table of all the names that it ever saw."""
        return self.place.locate(self.name) if isinstance(self.place, Start) else str(self.place)

    def describe(self, sha256: str = "") -> InputInfo:
        """What the records note of it; without the digest where it was not read."""
        return InputInfo(self.size_bytes, self.mtime_ns, sha256, self.ctime_ns)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, InputFile):
            return NotImplemented
        return (self.name, self.describe(), self.path) == (other.name, other.describe(), other.path)

    def __hash__(self) -> int:
        return hash((self.name, self.describe()))


class Item(NamedTuple):
    """One sample that was taken in, with everything a record needs but its split.

    No dataclass, for each is made ten times on its way, out of an `ItemTable`: frozen, 1.3 microseconds instead of 0.2.

    Attributes:
        key: stable and readable: "class/file.jpg" for pictures, "<video>@<seconds>" for frames.
        identity: what the split hashes: SHA-256 of a picture file's bytes, the key of a frame.
        text: name of the class.
        filename: the input it comes from.
        format: "jpeg" or "png".
        height: pixels.
        width: pixels.
        size_bytes: length of the encoded picture.
        digest: SHA-256 of the encoded picture, hex.
        source: the file that holds the encoded picture, a finished shard included.
        offset: where in `source` it begins, in bytes; of a shard, where its record begins.
        video_id: the video a frame is from; the recording, where one was made of several files.
        time_secs: a frame's presentation time, on the clock of `video_id`.
        recording: what was recorded, whichever camera took it; the same for all cameras of one moment.
        subject: whom a picture or video shows, where that is known.
        camera: which of several cameras took it, where that is known.
        group: what a list of pictures says must stay together.
        split: the split that the inputs themselves give; empty where they give none.
        labels: names of all its classes where a picture may have several; `text` is then the first or "".
        crc: CRC32C of the encoded picture where it was read just now: a change since then is told by it. Not kept on
            disk, where nothing but `digest` is believed.
    """

    key: str
    identity: str
    text: str
    filename: str
    format: str
    height: int
    width: int
    size_bytes: int
    digest: str
    source: str = ""
    offset: int = 0
    video_id: str = ""
    time_secs: float | None = None
    recording: str = ""
    subject: str = ""
    camera: str = ""
    group: str = ""
    split: str = ""
    labels: tuple[str, ...] | None = None
    crc: int | None = None


UNREADABLE = "f" * 64
"""Stands for the digest of an input that the system would not let be read: the next conversion tries again."""


@dataclass(frozen=True)
class Rejected:
    """An input that was left out, and why; a row of `rejected.csv`."""

    path: str
    reason: str


@dataclass(frozen=True)
class Segment:
    """A stretch of a video with one label: start_secs <= time < end_secs."""

    video: str
    start_secs: float
    end_secs: float
    label: str
    subject: str = ""
    camera: str = ""


@dataclass(frozen=True)
class Taken:
    """What became of (a part of) one input.

    Attributes:
        item: the sample, when there is one.
        payload: its encoded bytes when they are not those of the input file itself.
        rejected: set when the input was left out.
        input_name: the input whose `info` this is; empty where another `Taken` tells it.
        info: size, time and SHA-256 of the whole input.
    """

    item: Item | None = None
    payload: bytes | None = None
    rejected: Rejected | None = None
    input_name: str = ""
    info: InputInfo | None = None


class UnitRejected(Exception):
    """All of a unit is left out, also what it had already given."""

    def __init__(self, taken: Sequence[Taken]) -> None:
        super().__init__("; ".join(one.rejected.reason for one in taken if one.rejected))
        self.taken = tuple(taken)


@dataclass(frozen=True, slots=True)
class Unit:
    """One input, taken in whole and once only: neither a killed conversion's successor nor a later one with more
    inputs reads it again.

    Attributes:
        name: unique among a source's units.
        fingerprint: changes whenever what `take` gives may change: stands for the input and the options.
        take: reads the input; raises `UnitRejected` to withdraw everything it gave.
        source: the file whose bytes are the sample where `take` gives no payload.
    """

    name: str
    fingerprint: str
    take: Callable[[], Iterator[Taken]]
    source: str = ""


@dataclass(frozen=True)
class Chunk:
    """Units that are taken in by one worker and noted together.

    Attributes:
        name: unique, fit for a file name.
        fingerprint: changes whenever that of one of its units does.
        size: how much of the progress bar it is.
        units: makes the units when they are needed; 100 000 of them at once would be memory for nothing.
    """

    name: str
    fingerprint: str
    size: int
    units: Callable[[], Iterator[Unit]]


class Source(Protocol):
    """A place samples come from. Opening one lists its inputs and reads none of them."""

    @property
    def unit(self) -> str:
        """What chunks' sizes count, in the plural."""
        ...

    @property
    def multi_label(self) -> bool:
        """Whether a sample may have several labels, or none."""
        ...

    @property
    def inputs(self) -> Mapping[str, InputFile]:
        """Everything whose change makes the records stale, by name."""
        ...

    def plan_chunks(self, workers: int) -> tuple[list[Chunk], list[Rejected]]:
        """Checks what can be checked cheaply and says what is to be read; the second part is left out unread.

        Raises:
            DatasetError: there is nothing to read, or annotations contradict themselves or their videos.
        """
        ...

    def name_classes(self, items: Sequence[Item]) -> tuple[str, ...]:
        """Class names in the order of their label numbers, once the items are known."""
        ...
