"""Takes in a source's chunks on all cores, each once: what a killed conversion finished is not read again."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from threading import Event
from typing import Any

from graphcore import console
from graphcore.sources.item import Chunk, ChunkRejected, Item, Rejected, Taken
from tfrecords.manifest import InputInfo
from tfrecords.staging import Chunk as OpenChunk
from tfrecords.staging import Staging


@dataclass
class Intake:
    """All that was taken in: what records need to know of each sample, not the pictures themselves."""

    items: list[Item] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    infos: dict[str, InputInfo] = field(default_factory=dict)


class _Stopped(Exception):
    """Another chunk failed; this one is left for the next time."""


def take_in(chunks: Sequence[Chunk], staging: Staging, workers: int, unit: str) -> Intake:
    """Reads every chunk that is not staged yet.

    Threads rather than processes: decoding, hashing and reading release Python's lock (twice the speed on
    two cores), they start at once, and the pictures stay where they are.

    Args:
        chunks: what to read.
        staging: where results are kept until the conversion is finished.
        workers: number of threads.
        unit: what the chunks' sizes count.

    Raises:
        RecordsError: the disk is full.
    """
    stop = Event()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="intake")
    with (
        warnings.catch_warnings(),
        console.progress("Reading", sum(chunk.size for chunk in chunks), unit) as advance,
    ):
        warnings.filterwarnings("ignore", module=r"PIL\.")  # what matters of it becomes a reason in rejected.csv

        def take(chunk: Chunk) -> Intake:
            intake = _read_rows(_provide(chunk, staging, stop), staging)
            advance(chunk.size)
            return intake

        futures = [pool.submit(take, chunk) for chunk in chunks]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
            for future in futures:
                if future.done() and (error := future.exception()):
                    raise error
            return _join([future.result() for future in futures])
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


def _provide(chunk: Chunk, staging: Staging, stop: Event) -> list[dict[str, Any]]:
    rows = staging.load_chunk(chunk.name, chunk.fingerprint)
    if rows is not None:
        return rows
    try:
        with staging.open_chunk(chunk.name, chunk.fingerprint) as opened:
            for taken in chunk.take():
                if stop.is_set():
                    raise _Stopped
                _add(opened, taken)
    except ChunkRejected as rejection:
        with staging.open_chunk(chunk.name, chunk.fingerprint) as opened:
            for taken in rejection.taken:
                _add(opened, taken)
    return opened.rows


def _add(opened: OpenChunk, taken: Taken) -> None:
    row: dict[str, Any] = {}
    if taken.item is not None:
        row["item"] = asdict(taken.item)
    if taken.rejected is not None:
        row["rejected"] = asdict(taken.rejected)
    if taken.info is not None:
        row |= {"input": taken.input_name, "info": asdict(taken.info)}
    opened.add(row, taken.payload)


def _read_rows(rows: Sequence[dict[str, Any]], staging: Staging) -> Intake:
    """Rows of JSON to values, done chunk by chunk: as values they take a third of the memory."""
    intake = Intake()
    for row in rows:
        if "item" in row:
            values = row["item"] | {"text": sys.intern(row["item"]["text"])}
            if "spool" in row:
                values |= {"source": str(staging.spool_path(row["spool"])), "offset": row["offset"]}
            intake.items.append(Item(**values))
        if "rejected" in row:
            intake.rejected.append(Rejected(**row["rejected"]))
        if "info" in row:
            intake.infos[row["input"]] = InputInfo(**row["info"])
    return intake


def _join(parts: Sequence[Intake]) -> Intake:
    whole = Intake()
    for part in parts:
        whole.items += part.items
        whole.rejected += part.rejected
        whole.infos |= part.infos
    return whole
