"""Whether a run is tested on what it was trained on, when that is not a split of its own records.

Exact copies alone are looked for: equal bytes of pictures, equal files of videos. What merely looks alike, such as
another cut of the same recording, is not found; `graphcore.audit` looks for that within one dataset.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from graphcore.timelines.marks import read_marks
from tfrecords.manifest import read_manifest
from tfrecords.reader import Reader


@dataclass(frozen=True)
class Shared:
    """What two folders of records have in common.

    Attributes:
        samples: how many of the tested samples have the bytes of one that was trained on.
        videos: names of the video files, as the tested records have them, that training frames were taken from.
    """

    samples: int
    videos: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.samples or self.videos)


def find_shared(trained: Path, tested: Path, split: str) -> Shared:
    """Compares the training split of some records with a split of others; reads every picture of both.

    Raises:
        RecordsError: one of them is missing or damaged.
    """
    of_tested = [_digest(sample.encoded) for sample in Reader(tested).iterate(split)]
    wanted = set(of_tested)
    met = {digest for sample in Reader(trained).iterate("train") if (digest := _digest(sample.encoded)) in wanted}
    return Shared(sum(digest in met for digest in of_tested), _find_videos(trained, tested, split))


def _digest(encoded: bytes) -> bytes:
    return hashlib.sha256(encoded).digest()


def _find_videos(trained: Path, tested: Path, split: str) -> tuple[str, ...]:
    learnt = set(_digest_videos(trained, "train").values())
    return tuple(name for name, sha256 in sorted(_digest_videos(tested, split).items()) if sha256 in learnt)


def _digest_videos(records: Path, split: str) -> dict[str, str]:
    """The SHA-256 of each video file that frames of a split were taken from, by its name."""
    marks, inputs = read_marks(records, split), read_manifest(records).inputs
    names = {name for name, video in zip(marks.filenames, marks.videos, strict=True) if video}
    return {name: inputs[name].sha256 for name in names if name in inputs and inputs[name].sha256}
