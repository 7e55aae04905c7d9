"""Decoders of one video that work side by side, each on runs of its own.

A run begins with a keyframe and needs nothing before it. Threads inside one decoder were measured too: they share
every run, wait for each other at each end, and take a third longer; they serve only runs that are too long to hold.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType

from graphcore.sources.frames.decoder import Decoder
from graphcore.sources.frames.picture import SampledFrame
from graphcore.sources.frames.runs import Part

_MOST_DECODERS = 8  # each holds up to 17 frames; of 4K video about 100 MB


class DecoderPool:
    """As many decoders as there are threads, opened when needed.

    Args:
        path: the video.
        size: shorter side of the images; None keeps the video's.
        threads: 0 takes every core, up to eight.
    """

    def __init__(self, path: Path, size: int | None, threads: int) -> None:
        self._path = path
        self._size = size
        self._threads = threads or min(_MOST_DECODERS, _count_cores())
        self._workers = ThreadPoolExecutor(self._threads)
        self._idle: SimpleQueue[Decoder | None] = SimpleQueue()
        for _ in range(self._threads):
            self._idle.put(None)
        self._long_worker = ThreadPoolExecutor(1)
        self._long: Decoder | None = None

    def __enter__(self) -> DecoderPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for workers in (self._workers, self._long_worker):
            workers.shutdown(cancel_futures=True)
        for decoder in [self._long, *(self._idle.get() for _ in range(self._threads))]:
            if decoder is not None:
                decoder.close()

    def start(self, parts: Iterable[Part]) -> Iterator[Future[list[SampledFrame]]]:
        """Decodes ahead, a few parts at a time, and gives the results in the order of the parts."""
        futures: deque[Future[list[SampledFrame]]] = deque()
        for part in parts:
            futures.append(self._submit(part))
            if len(futures) > 2 * self._threads:
                yield futures.popleft()
        yield from futures

    def _submit(self, part: Part) -> Future[list[SampledFrame]]:
        if part.is_first and part.is_last:
            return self._workers.submit(self._decode, part)
        return self._long_worker.submit(self._decode_long, part)

    def _decode(self, part: Part) -> list[SampledFrame]:
        decoder = self._idle.get()
        try:
            decoder = decoder or Decoder(self._path, self._size, threads=1)
            return decoder.decode(part)
        finally:
            self._idle.put(decoder)

    def _decode_long(self, part: Part) -> list[SampledFrame]:
        self._long = self._long or Decoder(self._path, self._size, self._threads)
        return self._long.decode(part)


def _count_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
