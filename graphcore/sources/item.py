"""The values that travel from the sources onwards: what was asked for, what was taken in, what was left out.

First step on the way of one picture. Everything here is plain data; `convert` turns an `Item` with its split
into a record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tfrecords.manifest import InputInfo


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file found on disk, before it is opened.

    Attributes:
        name: POSIX path relative to where the dataset lies.
        path: where it is now.
        size_bytes: as the file system says.
        mtime_ns: as the file system says.
        ctime_ns: likewise; unlike `mtime_ns` nobody can set it back.
    """

    name: str
    path: Path
    size_bytes: int
    mtime_ns: int
    ctime_ns: int = 0

    def describe(self, sha256: str = "") -> InputInfo:
        """What the records note of it; without the digest where it was not read."""
        return InputInfo(self.size_bytes, self.mtime_ns, sha256, self.ctime_ns)


@dataclass(frozen=True, slots=True)
class Item:
    """One sample that was taken in, with everything a record needs but its split.

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
        source: the file that holds the encoded picture.
        offset: where in `source` it begins, in bytes.
        video_id: the video a frame is from.
        time_secs: a frame's presentation time.
        subject: whom a video shows, where the annotations say so.
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
    subject: str = ""


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


class ChunkRejected(Exception):
    """All of a chunk is left out, also what it had already given."""

    def __init__(self, taken: Sequence[Taken]) -> None:
        super().__init__("; ".join(one.rejected.reason for one in taken if one.rejected))
        self.taken = tuple(taken)


@dataclass(frozen=True)
class Chunk:
    """A part of the inputs that is taken in by one worker, and once only even if the conversion is killed
    later.

    Attributes:
        name: unique, fit for a file name.
        fingerprint: changes whenever what `take` gives may change.
        size: how much of the progress bar it is.
        take: reads the inputs; raises `ChunkRejected` to withdraw everything it gave.
    """

    name: str
    fingerprint: str
    size: int
    take: Callable[[], Iterator[Taken]]


class Source(Protocol):
    """A place samples come from. Opening one lists its inputs and reads none of them."""

    @property
    def unit(self) -> str:
        """What chunks' sizes count, in the plural."""
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
