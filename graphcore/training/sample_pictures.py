"""The pictures of single samples, for summaries that show them.

A picture that cannot be read is left out with a line in the log: whoever only watches must not end a training.
"""

from __future__ import annotations

import functools
import io
import itertools
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image

from graphcore.training.contact_sheet import shrink
from tfrecords.errors import RecordsError
from tfrecords.example import Sample
from tfrecords.reader import Reader

_log = logging.getLogger(__name__)
# Thumbnails that are kept: the same mistakes come back at the next evaluation.
_MOST_KEPT = 512

# By split, key and largest side in pixels.
_Thumbnails = dict[tuple[str, str, int], Image.Image | None]


class SamplePictures:
    """Reads samples of a folder of shards by place or by key."""

    def __init__(self, folder: Path, digest: str = "") -> None:
        """Takes the folder; nothing is read before it is asked for.

        With the dataset's content identity thumbnails are shared with whoever else looks at the same samples.
        """
        self.folder = folder
        self._reader: Reader | None = None
        self._kept: _Thumbnails = _share_thumbnails(digest) if digest else {}

    def read_first(self, split: str, count: int) -> list[Sample]:
        """The first `count` samples of a split in the order of its shards: a random choice, since that is a hash's.

        Fewer where there are fewer or where a shard is damaged.
        """
        return list(self.iterate_first(split, count))

    def iterate_first(self, split: str, count: int) -> Iterator[Sample]:
        """Yields what `read_first` returns, one at a time: a thousand photos as they come are 40 to 100 MiB."""
        try:
            yield from itertools.islice(self._open().iterate(split), count) if count else ()
        except (RecordsError, OSError) as error:
            _log.warning("pictures of %s are left out of the summaries: %s", split, error)

    def read_thumbnail(self, split: str, key: str, side: int) -> Image.Image | None:
        """The picture of a split's sample, no side longer than `side` pixels; None where it cannot be read."""
        place = (split, key, side)
        if place not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[place] = self._read(*place)
        return self._kept[place]

    def _read(self, split: str, key: str, side: int) -> Image.Image | None:
        try:
            return decode_thumbnail(self._open().lookup(key, split).encoded, side)
        except (RecordsError, OSError) as error:
            _log.warning("the picture of %s is left out of the summaries: %s", key, error)
            return None

    def _open(self) -> Reader:
        if self._reader is None:
            self._reader = Reader(self.folder)
        return self._reader


# The jobs of a sweep in one process make much the same mistakes.
@functools.lru_cache(maxsize=1)
def _share_thumbnails(digest: str) -> _Thumbnails:
    return {}


def decode_thumbnail(encoded: bytes, side: int) -> Image.Image:
    """Decodes JPEG or PNG bytes to no more than `side` pixels a side.

    Raises:
        OSError: they are no picture.
    """
    with Image.open(io.BytesIO(encoded)) as picture:
        return shrink(picture, side)


def name_labels(sample: Sample, names: Sequence[str]) -> list[str]:
    """What a sample is, by the classes' names: one, or any number where a picture may have several."""
    return [names[label] for label in (sample.labels if sample.labels is not None else (sample.label,))]
