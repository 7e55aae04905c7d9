"""Which video and which moment each sample of a split is from, in the order of its features."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graphcore.natural_order import natural_order
from tfrecords.marks import iterate_marks
from tfrecords.reader import Reader


@dataclass(frozen=True)
class Marks:
    """Where the samples of a split come from, in the order of its shards.

    Attributes:
        keys: the samples' keys.
        filenames: of the inputs that they were made of, for people.
        videos: the video of each frame; "" for pictures.
        times_secs: float64 [samples], presentation times of frames; nan for pictures.
        groups: what must not straddle splits; "" where each sample stands alone.
        subjects: whom they show; "" where nobody said.
    """

    keys: tuple[str, ...]
    filenames: tuple[str, ...]
    videos: tuple[str, ...]
    times_secs: np.ndarray
    groups: tuple[str, ...]
    subjects: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def are_frames(self) -> bool:
        """Whether there are samples, and each is a frame of a video."""
        return bool(self.keys) and all(self.videos) and bool(np.isfinite(self.times_secs).all())

    def find_videos(self) -> dict[str, np.ndarray]:
        """Rows of each video's frames, int64, in the order of time; videos in the order a person counts them."""
        rows: dict[str, list[int]] = {}
        for row, video in enumerate(self.videos):
            if video:
                rows.setdefault(video, []).append(row)
        return {
            video: np.array(rows[video])[np.argsort(self.times_secs[rows[video]], kind="stable")]
            for video in sorted(rows, key=natural_order)
        }

    def pick(self, keys: Sequence[str]) -> Marks | None:
        """The marks of some samples, in their order; None where nothing is known of one of them."""
        places = {key: row for row, key in enumerate(self.keys)}
        if not places.keys() >= set(keys):
            return None
        rows = [places[key] for key in keys]
        columns = (self.filenames, self.videos, self.groups, self.subjects)
        filenames, videos, groups, subjects = (tuple(column[row] for row in rows) for column in columns)
        return Marks(tuple(keys), filenames, videos, self.times_secs[rows], groups, subjects)

    def measure_step(self) -> float:
        """Seconds from a frame to the next, the median over all videos; 0 where no video has two frames."""
        steps = [np.diff(self.times_secs[rows]) for rows in self.find_videos().values()]
        joined = np.concatenate(steps) if steps else np.zeros(0)
        return float(np.median(joined)) if len(joined) else 0.0


NO_MARKS = Marks((), (), (), np.zeros(0), (), ())
"""Those of a split that has no samples."""


def read_marks(records: Path, split: str) -> Marks:
    """Reads the marks of a split; pictures are passed over on the disk.

    Raises:
        RecordsError: the records are missing or damaged.
    """
    paths = Reader(records).paths(split)
    stamps = [(stat.st_size, stat.st_mtime_ns, stat.st_ino) for stat in (path.stat() for path in paths)]
    return _read(tuple(path.absolute() for path in paths), tuple(stamps))


# A training reads a split's marks up to three times, and so does each job of a sweep after it.
@functools.lru_cache(maxsize=4)
def _read(paths: tuple[Path, ...], stamps: tuple[tuple[int, ...], ...]) -> Marks:
    found = [mark for path in paths for mark in iterate_marks(path)]
    return Marks(
        keys=tuple(mark.key for mark in found),
        filenames=tuple(mark.filename for mark in found),
        videos=tuple(mark.video_id if mark.time_secs is not None else "" for mark in found),
        times_secs=np.array([np.nan if mark.time_secs is None else mark.time_secs for mark in found], np.float64),
        groups=tuple(mark.group for mark in found),
        subjects=tuple(mark.subject for mark in found),
    )
