"""Takes in a source's chunks on all cores, each unit once: what a killed conversion finished, or an earlier one
knows, is not read again."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, field
from threading import Event
from typing import Any

from graphcore import console
from graphcore.sources.input_notes import InputNotes
from graphcore.sources.item import Chunk, Item, Rejected, Taken, Unit, UnitRejected
from graphcore.sources.item_table import ItemTable
from graphcore.sources.known import KnownUnits, Row
from tfrecords.errors import RecordsError
from tfrecords.manifest import describe_input
from tfrecords.staging import Chunk as OpenChunk
from tfrecords.staging import Staging


@dataclass
class Intake:
    """All that was taken in: what records need to know of each sample, not the pictures themselves.

    Attributes:
        items: the samples, in the order of the chunks and their units.
        rejected: inputs that were left out.
        known: how many units came from an earlier conversion; those that only note a file, such as annotations,
            which are read each time, do not count.
    """

    items: ItemTable = field(default_factory=ItemTable)
    rejected: list[Rejected] = field(default_factory=list)
    known: int = 0


class _Stopped(Exception):
    """Another chunk failed; this one is left for the next time."""


@dataclass(frozen=True)
class _Job:
    """What all chunks of one intake have in common."""

    staging: Staging
    known: Sequence[KnownUnits]
    shared: dict[Any, Any] = field(default_factory=dict)
    stop: Event = field(default_factory=Event)

    def take(self, chunk: Chunk) -> Intake:
        units = list(chunk.units())
        sources = {unit.name: unit.source for unit in units}
        intake = Intake(ItemTable(self.shared))
        _read_rows(self._provide(chunk, units), sources, self.staging, intake)
        return intake

    def _provide(self, chunk: Chunk, units: Iterable[Unit]) -> Sequence[Row]:
        staged = self.staging.load_chunk(chunk.name, chunk.fingerprint)
        rows = None if staged is None else expand(staged, self.known)
        if rows is not None:
            return rows
        rows = expand(self._take_units(chunk, units, self.known), self.known)
        # What was known a moment ago is not when a sibling's records were just made again: then all of it is read.
        return self._take_units(chunk, units, ()) if rows is None else rows

    def _take_units(self, chunk: Chunk, units: Iterable[Unit], known: Sequence[KnownUnits]) -> Sequence[Row]:
        with self.staging.open_chunk(chunk.name, chunk.fingerprint) as opened:
            for unit in units:
                self._add_unit(opened, unit, known)
        return opened.rows

    def _add_unit(self, opened: OpenChunk, unit: Unit, known: Sequence[KnownUnits]) -> None:
        done = {"unit": unit.name, "fingerprint": unit.fingerprint}
        if _find(known, unit.name, unit.fingerprint) is not None:
            opened.add(done | {"known": True}, None)
            return
        first = len(opened.rows)
        try:
            for taken in unit.take():
                if self.stop.is_set():
                    raise _Stopped
                _add(opened, taken)
        except UnitRejected as rejection:
            del opened.rows[first:]  # the pictures it gave stay in the spool, and nobody asks for them
            for taken in rejection.taken:
                _add(opened, taken)
        opened.add(done, None)


def take_in(
    chunks: Sequence[Chunk],
    staging: Staging,
    workers: int,
    unit: str,
    known: Sequence[KnownUnits] = (),
) -> Intake:
    """Reads every unit that is neither staged nor known.

    Threads rather than processes: decoding, hashing and reading release Python's lock (twice the speed on
    two cores), they start at once, and the pictures stay where they are.

    Args:
        chunks: what to read.
        staging: where results are kept until the conversion is finished.
        workers: number of threads.
        unit: what the chunks' sizes count.
        known: what earlier conversions know, the first to know wins.

    Raises:
        RecordsError: the disk is full.
    """
    job = _Job(staging, known)
    pool = ThreadPoolExecutor(workers, thread_name_prefix="intake")
    with (
        warnings.catch_warnings(),
        console.progress("Reading", sum(chunk.size for chunk in chunks), unit) as advance,
    ):
        warnings.filterwarnings("ignore", module=r"PIL\.")  # what matters of it becomes a reason in rejected.csv

        def take(chunk: Chunk) -> Intake:
            intake = job.take(chunk)
            advance(chunk.size)
            return intake

        futures = [pool.submit(take, chunk) for chunk in chunks]
        try:
            wait(futures, return_when=FIRST_EXCEPTION)
            for future in futures:
                if future.done() and (error := future.exception()):
                    raise error
            return _join(futures)
        finally:
            job.stop.set()
            pool.shutdown(cancel_futures=True)


def iterate_rows(chunks: Sequence[Chunk], staging: Staging, known: Sequence[KnownUnits]) -> Iterator[Sequence[Row]]:
    """The rows of chunks that were taken in, chunk by chunk, from the disk.

    Raises:
        RecordsError: what was known is so no longer, for its records were made again meanwhile.
    """
    for chunk in chunks:
        rows = expand(staging.load_chunk(chunk.name, chunk.fingerprint, check=False) or (), known)
        if rows is None:
            raise RecordsError(f"other records of this dataset changed meanwhile ({chunk.name}); convert again")
        yield rows


def note_inputs(chunks: Iterable[Sequence[Row]], inputs: InputNotes) -> Iterator[Sequence[Row]]:
    """Passes rows on and notes the digests of the inputs they tell of."""
    for rows in chunks:
        for row in rows:
            if "info" in row:
                inputs.note(row["input"], row["info"]["sha256"])
        yield rows


def expand(rows: Sequence[Row], known: Sequence[KnownUnits]) -> list[Row] | None:
    """Puts the rows of known units in: only their names are staged, for where their pictures lie may change.

    Returns:
        The rows; None when one of the units is no longer known.
    """
    expanded: list[Row] = []
    for row in rows:
        if row.get("known"):
            found = _find(known, row["unit"], row["fingerprint"])
            if found is None:
                return None
            expanded += found
        expanded.append(row)
    return expanded


def _find(known: Sequence[KnownUnits], name: str, fingerprint: str) -> list[Row] | None:
    found = (one.find(name, fingerprint) for one in known)
    return next((rows for rows in found if rows is not None), None)


def _add(opened: OpenChunk, taken: Taken) -> None:
    row: Row = {}
    if taken.item is not None:
        row["item"] = _describe(taken.item)
    if taken.rejected is not None:
        row["rejected"] = asdict(taken.rejected)
    if taken.info is not None:
        row["input"], row["info"] = taken.input_name, describe_input(taken.info)
    opened.add(row, taken.payload)


def _describe(item: Item) -> dict[str, Any]:
    """An item's values that are not what they would be unsaid, nor where its picture lies."""
    values = {name: value for name in _OPTIONAL if (value := getattr(item, name)) not in ("", None)}
    return {name: getattr(item, name) for name in _NEEDED} | values


_NEEDED = ("key", "identity", "text", "filename", "format", "height", "width", "size_bytes", "digest")
_OPTIONAL = tuple(name for name in Item.__slots__ if name not in (*_NEEDED, "source", "offset"))


def _read_rows(rows: Sequence[Row], sources: dict[str, str], staging: Staging, intake: Intake) -> None:
    """Adds rows of JSON to an intake, chunk by chunk: there they take a tenth of the memory.

    Args:
        rows: of one chunk.
        sources: the file of each unit's picture that stays as it is.
        staging: where the others lie.
        intake: what they are added to.
    """
    waiting: list[Row] = []
    for row in rows:
        if "unit" not in row:
            waiting.append(row)
            continue
        intake.known += bool(row.get("known")) and any(one.keys() & {"item", "rejected"} for one in waiting)
        for one in waiting:
            _read_row(one, sources.get(row["unit"], ""), staging, intake)
        waiting.clear()


def _read_row(row: Row, source: str, staging: Staging, intake: Intake) -> None:
    if "item" in row:
        intake.items.append(_make_item(row, source, staging))
    if "rejected" in row:
        intake.rejected.append(Rejected(**row["rejected"]))


def _make_item(row: Row, source: str, staging: Staging) -> Item:
    values = dict(row["item"])
    if "labels" in values:
        values["labels"] = tuple(values["labels"])
    if "spool" in row:
        return Item(**values, source=str(staging.spool_path(row["spool"])), offset=row["offset"])
    if "shard" in row:
        return Item(**values, source=row["shard"], offset=row["offset"])
    return Item(**values, source=source)


def _join(parts: list[Future[Intake]]) -> Intake:
    whole = Intake()
    parts.reverse()
    while parts:  # each goes when the whole has it
        part = parts.pop().result()
        whole.items.join(part.items)
        whole.rejected += part.rejected
        whole.known += part.known
    return whole
