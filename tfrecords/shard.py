"""One planned shard to bytes: its samples in order, hashed on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from tfrecords.example import Sample, encode_example
from tfrecords.framing import write_record
from tfrecords.manifest import ShardInfo
from tfrecords.plan import Entry, ShardPlan

_PROGRESS_SAMPLES = 256
_PIECE_BYTES = 1 << 18


def write_shard(
    file: BinaryIO, plan: ShardPlan, read: Callable[[Entry], bytes], on_progress: Callable[[int], None]
) -> ShardInfo:
    """Writes a shard's records to an open file.

    Args:
      file: Where to.
      plan: The shard.
      read: Returns an entry's encoded picture.
      on_progress: Called with the number of samples written since its last call.

    Returns:
      The shard's information, without its plan's digest.
    """
    sink = _HashingFile(file)
    for batch in _batches(plan.entries):
        for entry in batch:
            write_record(sink, encode_example(_make_sample(entry, read(entry))))
        on_progress(len(batch))
    sink.flush()
    return ShardInfo(plan.name, plan.split, len(plan.entries), sink.size_bytes, sink.digest.hexdigest())


class _HashingFile:
    """Passes bytes on to a file in large pieces and hashes them on the way, so no shard is read again for it.

    Hashing and writing let other threads run. Done for every few bytes, that made two workers slower than
    one: they spent their time handing the interpreter to each other.
    """

    def __init__(self, file: BinaryIO):
        self.digest = hashlib.sha256()
        self.size_bytes = 0
        self._file = file
        self._pieces: list[bytes] = []
        self._waiting_bytes = 0

    def write(self, data: bytes, /) -> None:
        self._pieces.append(data)
        self._waiting_bytes += len(data)
        self.size_bytes += len(data)
        if self._waiting_bytes >= _PIECE_BYTES:
            self.flush()

    def flush(self) -> None:
        piece = b"".join(self._pieces)
        self._pieces.clear()
        self._waiting_bytes = 0
        self.digest.update(piece)
        self._file.write(piece)


def _make_sample(entry: Entry, encoded: bytes) -> Sample:
    return Sample(
        key=entry.key,
        encoded=encoded,
        format=entry.format,
        height=entry.height,
        width=entry.width,
        label=entry.label,
        text=entry.text,
        filename=entry.filename,
        video_id=entry.video_id,
        time_secs=entry.time_secs,
        group=entry.group,
        labels=entry.labels,
        subject=entry.subject,
    )


def _batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), _PROGRESS_SAMPLES):
        yield entries[start : start + _PROGRESS_SAMPLES]
