"""What a sample says of itself besides its picture: its key, video, time, group and subject, pictures passed over."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tfrecords.errors import CorruptShardError, RecordsError
from tfrecords.example import FILENAME, GROUP, KEY, SUBJECT, TIME_SECS, VIDEO_ID
from tfrecords.index import iterate_features

_NAMES = (KEY, FILENAME, VIDEO_ID, TIME_SECS, GROUP, SUBJECT)


class Mark(NamedTuple):
    """Where a sample comes from; fields as those of `example.Sample`."""

    key: str
    filename: str
    video_id: str
    time_secs: float | None
    group: str
    subject: str


def iterate_marks(path: Path) -> Iterator[Mark]:
    """Yields the mark of each record of a shard, in its order.

    Raises:
      CorruptShardError: As `index.iterate_keys`.
    """
    for offset, features in iterate_features(path, _NAMES):
        try:
            filename = features.text(FILENAME, default="")
            yield Mark(
                key=features.text(KEY, default=filename),
                filename=filename,
                video_id=features.text(VIDEO_ID, default=""),
                time_secs=features.number(TIME_SECS) if TIME_SECS in features.views else None,
                group=features.text(GROUP, default=""),
                subject=features.text(SUBJECT, default=""),
            )
        except RecordsError as error:
            raise CorruptShardError(f"{path}: record at byte {offset}: {error}") from None
