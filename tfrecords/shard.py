"""One planned shard to bytes: its samples in order, hashed on the way."""

from __future__ import annotations

import hashlib
import itertools
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import BinaryIO

from tfrecords.example import Sample, encode_pieces
from tfrecords.framing import write_record
from tfrecords.manifest import ShardInfo
from tfrecords.plan import Entry, ShardPlan

_PROGRESS_SAMPLES = 256
_PIECE_BYTES, _MOST_WAITING = 1 << 18, 1


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
    with ThreadPoolExecutor(1, thread_name_prefix="sink") as thread:
        sink = _HashingFile(file, thread)
        for batch in _batches(plan.entries):
            for entry in batch:
                write_record(sink, *encode_pieces(_make_sample(entry, read(entry))))
            on_progress(len(batch))
        sink.finish()
    return ShardInfo(plan.name, plan.split, len(plan.entries), sink.size_bytes, sink.digest.hexdigest())


class _HashingFile:
    """Passes bytes on to a file in large pieces and hashes them on the way, so no shard is read again for it.

    Hashing and writing let other threads run. Done for every few bytes, that made two workers slower than
    one: they spent their time handing the interpreter to each other. Large pieces have a thread of their own: of 1 000
    photos most are in one shard, which another core then hashes and writes while the next photos are read. Memory is
    used again, as the system would give out fresh pages for every piece.
    """

    def __init__(self, file: BinaryIO, thread: Executor):
        self.digest = hashlib.sha256()
        self.size_bytes = 0
        self._file = file
        self._thread = thread
        # One is filled while those that were passed on wait; the next in turn is never among these.
        self._pieces = itertools.cycle([bytearray(_PIECE_BYTES) for _ in range(_MOST_WAITING + 1)])
        self._piece, self._filled_bytes = next(self._pieces), 0
        self._waiting: deque[Future[None]] = deque()

    def write(self, data: bytes, /) -> None:
        self.size_bytes += len(data)
        if self._filled_bytes + len(data) > _PIECE_BYTES:
            self._pass_on(memoryview(self._piece)[: self._filled_bytes])
            self._piece, self._filled_bytes = next(self._pieces), 0
        if len(data) > _PIECE_BYTES:
            self._pass_on(data)
            return
        end = self._filled_bytes + len(data)
        self._piece[self._filled_bytes : end] = data
        self._filled_bytes = end

    def finish(self) -> None:
        """Waits until all bytes are hashed and written.

        Raises:
          OSError: Writing failed, now or earlier.
        """
        self._pass_on(memoryview(self._piece)[: self._filled_bytes])
        while self._waiting:
            self._waiting.popleft().result()

    def _pass_on(self, data: bytes | memoryview) -> None:
        self._waiting.append(self._thread.submit(self._take, data))
        if len(self._waiting) > _MOST_WAITING:
            self._waiting.popleft().result()

    def _take(self, data: bytes | memoryview) -> None:
        self.digest.update(data)
        self._file.write(data)


def _make_sample(entry: Entry, encoded: bytes) -> Sample:
    return Sample(
        entry.key, encoded, entry.format, entry.height, entry.width, entry.label, entry.text, entry.filename,
        entry.video_id, entry.time_secs, entry.group, entry.labels, entry.subject,
    )  # fmt: skip


def _batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(entries), _PROGRESS_SAMPLES):
        yield entries[start : start + _PROGRESS_SAMPLES]
