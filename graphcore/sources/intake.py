"""Takes in a source's chunks on all cores, each unit once: what a killed conversion finished, or an earlier one
knows, is not read again."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from graphcore import console
from graphcore.sources.input_notes import InputNotes
from graphcore.sources.item import Chunk, Item, Rejected, Unit, UnitRejected
from graphcore.sources.item_rows import Row, describe_taken, make_item, place_item
from graphcore.sources.item_table import ItemTable
from graphcore.sources.known import KnownUnits
from tfrecords.errors import RecordsError
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
        staged = self.staging.load_chunk(chunk.name, chunk.fingerprint)
        found = None if staged is None else self._read(staged, units)
        if found is None:
            found = self._take_units(chunk, units, self.known)
        if found is None:  # what was known a moment ago is not when a sibling's records were just made again
            found = self._take_units(chunk, units, ())
        assert found is not None, "of units that were all read nothing is missing"
        return found

    def _read(self, rows: Sequence[Row], units: Iterable[Unit]) -> Intake | None:
        """What a chunk's rows say, and those of the known units; None where one of them no longer is."""
        expanded = expand(rows, self.known)
        if expanded is None:
            return None
        intake = Intake(ItemTable(self.shared))
        _read_rows(expanded, {unit.name: unit.source for unit in units}, self.staging, intake)
        return intake

    def _take_units(self, chunk: Chunk, units: Sequence[Unit], known: Sequence[KnownUnits]) -> Intake | None:
        intake, is_all_new = Intake(ItemTable(self.shared)), True
        with self.staging.open_chunk(chunk.name, chunk.fingerprint) as opened:
            for unit in units:
                if known and _find(known, unit.name, unit.fingerprint) is not None:
                    opened.add(_name(unit) | {"known": True}, None)
                    is_all_new = False
                else:
                    self._take_unit(opened, unit, intake)
        return intake if is_all_new else self._read(opened.rows, units)

    def _take_unit(self, opened: OpenChunk, unit: Unit, intake: Intake) -> None:
        """Notes a unit in the chunk, and in the intake: by way of rows, as what was staged, takes twice as long."""
        first = len(opened.rows)
        found: list[tuple[Item | None, Rejected | None, Row]] = []
        try:
            for taken in unit.take():
                if self.stop.is_set():
                    raise _Stopped
                found.append((taken.item, taken.rejected, opened.add(describe_taken(taken), taken.payload)))
        except UnitRejected as rejection:
            del opened.rows[first:]  # the pictures it gave stay in the spool, and nobody asks for them
            found = [
                (taken.item, taken.rejected, opened.add(describe_taken(taken), taken.payload))
                for taken in rejection.taken
            ]
        opened.add(_name(unit), None)
        for item, rejected, row in found:
            if item is not None:
                intake.items.append(place_item(item, row, unit.source, self.staging))
            if rejected is not None:
                intake.rejected.append(rejected)


def _name(unit: Unit) -> Row:
    """The row that ends a unit's."""
    return {"unit": unit.name, "fingerprint": unit.fingerprint}


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
        intake.items.append(make_item(row, source, staging))
    if "rejected" in row:
        intake.rejected.append(Rejected(**row["rejected"]))


def _join(parts: list[Future[Intake]]) -> Intake:
    whole = Intake()
    parts.reverse()
    while parts:  # each goes when the whole has it
        part = parts.pop().result()
        whole.items.join(part.items)
        whole.rejected += part.rejected
        whole.known += part.known
    return whole
