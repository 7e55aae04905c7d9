from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphcore.sources.input_notes import InputNotes
from graphcore.sources.intake import note_inputs, take_in
from graphcore.sources.item import Chunk, InputFile, Item, Rejected, Taken, Unit, UnitRejected
from tfrecords.manifest import InputInfo
from tfrecords.staging import Staging


def make_item(key: str, payload: bytes) -> Item:
    digest = hashlib.sha256(payload).hexdigest()
    return Item(key, digest, "cat", key, "png", 1, 1, len(payload), digest)


def make_chunk(name: str, take, fingerprint: str = "1") -> Chunk:
    unit = Unit(f"unit {name}", fingerprint, take, source="/elsewhere")
    return Chunk(name, fingerprint, 1, lambda: iter([unit]))


def test_payloads_are_kept_and_items_say_where(tmp_path):
    def take() -> Iterator[Taken]:
        for key in ("a", "b"):
            yield Taken(make_item(key, key.encode() * 3), key.encode() * 3, input_name=key, info=InputInfo(1, 2, "3"))
        yield Taken(make_item("c", b"lies elsewhere"))

    intake = take_in([make_chunk("one", take)], Staging(tmp_path), 2, "pictures")
    a, b, c = intake.items
    for item in (a, b):
        with open(item.source, "rb") as file:
            file.seek(item.offset)
            assert hashlib.sha256(file.read(item.size_bytes)).hexdigest() == item.digest
    assert c.source == "/elsewhere"


def test_rows_tell_of_inputs_and_are_passed_on():
    notes = InputNotes({name: InputFile(name, Path(name), 1, 2) for name in ("a", "b")})
    told = [{"input": "b", "info": {"size_bytes": 1, "mtime_ns": 2, "sha256": "ab" * 32, "ctime_ns": 0}}]
    chunks = [[{"item": {}}], told]
    assert list(note_inputs(chunks, notes)) == chunks
    assert notes == {"a": InputInfo(1, 2, ""), "b": InputInfo(1, 2, "ab" * 32)}


def test_items_come_in_the_order_of_the_chunks_whatever_the_workers(tmp_path):
    chunks = [make_chunk(str(n), lambda n=n: iter([Taken(make_item(str(n), b"x"))])) for n in range(20)]
    for workers in (1, 4):
        keys = [item.key for item in take_in(chunks, Staging(tmp_path / str(workers)), workers, "pictures").items]
        assert keys == [str(n) for n in range(20)]


def test_a_finished_chunk_is_not_read_again_unless_it_changed(tmp_path):
    reads = []

    def take() -> Iterator[Taken]:
        reads.append(1)
        yield Taken(make_item("a", b"x"), b"x")

    first = take_in([make_chunk("one", take)], Staging(tmp_path), 1, "pictures")
    assert take_in([make_chunk("one", take)], Staging(tmp_path), 1, "pictures") == first
    assert len(reads) == 1
    take_in([make_chunk("one", take, fingerprint="2")], Staging(tmp_path), 1, "pictures")
    assert len(reads) == 2


def test_a_checksum_is_not_believed_a_second_time(tmp_path):
    def take() -> Iterator[Taken]:
        yield Taken(make_item("a", b"x")._replace(crc=7))

    chunks = [make_chunk("one", take)]
    first, second = (take_in(chunks, Staging(tmp_path), 1, "pictures").items[0] for _ in range(2))
    assert (first.crc, second.crc) == (7, None)
    assert first._replace(crc=None) == second


def test_a_rejected_unit_leaves_nothing_but_its_reason(tmp_path):
    def take() -> Iterator[Taken]:
        yield Taken(make_item("a", b"x"), b"x")
        raise UnitRejected(
            [Taken(rejected=Rejected("5.mp4", "truncated"), input_name="5.mp4", info=InputInfo(1, 2, ""))]
        )

    good = Unit("good", "1", lambda: iter([Taken(make_item("b", b"yy"), b"yy")]))
    chunk = Chunk("one", "1", 1, lambda: iter([Unit("bad", "1", take), good]))
    intake = take_in([chunk], Staging(tmp_path), 1, "frames")
    (item,) = intake.items
    with open(item.source, "rb") as file:
        file.seek(item.offset)
        assert (item.key, file.read(2)) == ("b", b"yy")
    assert intake.rejected == [Rejected("5.mp4", "truncated")]


def test_an_unforeseen_error_comes_out_and_finished_chunks_stay(tmp_path):
    reads = []

    def good() -> Iterator[Taken]:
        reads.append(1)
        yield Taken(make_item("a", b"x"))

    def bad() -> Iterator[Taken]:
        yield Taken(make_item("b", b"x"))
        raise ZeroDivisionError("a fault of ours")

    chunks = [make_chunk("good", good), make_chunk("bad", bad)]
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            take_in(chunks, Staging(tmp_path), 1, "pictures")
    assert len(reads) == 1
