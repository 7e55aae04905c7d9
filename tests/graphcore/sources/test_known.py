"""Units that an earlier conversion took in are not read again, wherever their pictures lie by now."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graphcore.sources.intake import Intake, iterate_rows, take_in
from graphcore.sources.item import UNREADABLE, Chunk, Item, Rejected, Taken, Unit
from graphcore.sources.known import INTAKE_NAME, read_known, write_known
from tfrecords.index import read_encoded
from tfrecords.manifest import InputInfo, Manifest
from tfrecords.plan import Entry, plan_shards
from tfrecords.staging import Staging
from tfrecords.writer import begin, finish, write_dataset

READS: list[str] = []


@pytest.fixture(autouse=True)
def _forget_reads() -> None:
    READS.clear()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_unit(name: str, payload: bytes | None, fingerprint: str = "1", source: Path | None = None) -> Unit:
    def take() -> Iterator[Taken]:
        READS.append(name)
        data = payload if payload is not None else source.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        item = Item(name, digest, "cat", name, "png", 1, 1, len(data), digest, labels=("cat", "red"))
        yield Taken(item, payload, input_name=name, info=InputInfo(1, 2, digest))

    return Unit(name, fingerprint, take, str(source or ""))


def make_bad_unit(name: str) -> Unit:
    def take() -> Iterator[Taken]:
        READS.append(name)
        yield Taken(rejected=Rejected(name, "empty file"), input_name=name, info=InputInfo(0, 2, ""))

    return Unit(name, "1", take)


def convert(folder: Path, units: list[Unit]) -> Intake:
    """A conversion of nothing but its bones; all units in one chunk."""
    chunk = Chunk("all", hashlib.sha256("".join(u.name + u.fingerprint for u in units).encode()).hexdigest(), 1,
                  lambda: iter(units))  # fmt: skip
    staging = Staging(folder)
    begin(folder)
    known = read_known([folder])
    intake = take_in([chunk], staging, 1, "pictures", known)
    entries = [
        Entry(item.key, "train", 0, "cat", item.filename, "png", 1, 1, item.size_bytes, item.source, item.offset,
              digest=item.digest)
        for item in intake.items
    ]  # fmt: skip
    shards = write_dataset(folder, plan_shards(entries, 10**6), read_bytes=read_bytes)
    write_known(staging.attachment(INTAKE_NAME), iterate_rows([chunk], staging, known))
    finish(folder, Manifest("x", "y", ("cat",), {"train": {"cat": len(entries)}}, tuple(shards)), (INTAKE_NAME,))
    return intake


def read_bytes(entry: Entry) -> bytes:
    if entry.source.endswith(".tfrecord"):
        return read_encoded(Path(entry.source), entry.offset)
    with open(entry.source, "rb") as file:
        file.seek(entry.offset)
        return file.read(entry.size_bytes)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    path.write_bytes(b"stays as it is")
    return path


def make_units(photo: Path) -> list[Unit]:
    return [make_unit("frame", b"encoded anew"), make_unit("photo", None, source=photo), make_bad_unit("junk")]


def test_only_what_is_new_is_read(tmp_path: Path, photo: Path) -> None:
    first = convert(tmp_path / "records", make_units(photo))
    assert READS == ["frame", "photo", "junk"]
    READS.clear()
    second = convert(tmp_path / "records", [*make_units(photo), make_unit("later", b"something else")])
    assert READS == ["later"]
    assert second.known == 3
    assert [item.key for item in second.items] == ["frame", "photo", "later"]
    assert second.rejected == first.rejected == [Rejected("junk", "empty file")]
    lines = map(json.loads, (tmp_path / "records" / INTAKE_NAME).read_text().splitlines())
    digests = {row["input"]: row["info"]["sha256"] for line in lines for row in line["rows"]}
    assert digests == {"frame": sha256(b"encoded anew"), "photo": sha256(b"stays as it is"), "junk": "",
                       "later": sha256(b"something else")}  # fmt: skip
    assert second.items[1].source == str(photo)
    assert second.items[0].labels == ("cat", "red")


def test_known_again_a_third_time_from_shards_that_have_changed_since(tmp_path: Path, photo: Path) -> None:
    units = make_units(photo)
    convert(tmp_path / "records", units)
    convert(tmp_path / "records", [make_unit("a", b"x" * 5000), *units])
    READS.clear()
    third = convert(tmp_path / "records", [make_unit("b", b"y" * 7000), *units])
    assert READS == ["b"]
    frame = next(item for item in third.items if item.key == "frame")
    assert frame.size_bytes == len(b"encoded anew")


def test_another_fingerprint_is_another_unit(tmp_path: Path) -> None:
    convert(tmp_path, [make_unit("a", b"x")])
    READS.clear()
    convert(tmp_path, [make_unit("a", b"z", fingerprint="2")])
    assert READS == ["a"]


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: "garbage\n" * 3,
        lambda text: text.replace('"key"', '"kee"'),
        lambda text: "[" * 100_000,
        lambda text: json.dumps({"unit": "a", "fingerprint": "1", "rows": 7}),
        lambda text: json.dumps({"unit": "a", "fingerprint": "1", "rows": [{"item": {"source": "/etc/passwd"}}]}),
    ],
)
def test_a_damaged_file_only_means_reading_again(tmp_path: Path, damage: Callable[[str], str]) -> None:
    convert(tmp_path, [make_unit("a", b"x")])
    path = tmp_path / INTAKE_NAME
    path.write_text(damage(path.read_text()))
    READS.clear()
    assert [item.key for item in convert(tmp_path, [make_unit("a", b"x")]).items] == ["a"]
    assert READS == ["a"]


def test_folders_without_finished_records_know_nothing(tmp_path: Path) -> None:
    (tmp_path / INTAKE_NAME).write_text("{}\n")
    assert read_known([tmp_path, tmp_path / "missing"]) == []


def test_a_killed_conversion_goes_on_where_units_are_known(tmp_path: Path, photo: Path) -> None:
    """Staged chunks name known units; where those lie is looked up anew."""
    units = make_units(photo)
    convert(tmp_path / "records", units)
    READS.clear()
    staging = Staging(tmp_path / "records")
    chunk = Chunk("all", "2", 1, lambda: iter([make_unit("later", b"more"), *units]))
    known = read_known([tmp_path / "records"])
    before = take_in([chunk], staging, 1, "pictures", known)
    after = take_in([chunk], staging, 1, "pictures", read_known([tmp_path / "records"]))
    assert before == after
    assert READS == ["later"]
    assert take_in([chunk], staging, 1, "pictures", []).known == 0


def test_what_could_not_be_read_is_read_again(tmp_path: Path) -> None:
    def take() -> Iterator[Taken]:
        READS.append("flaky")
        yield Taken(rejected=Rejected("flaky", "cannot be read"), input_name="flaky", info=InputInfo(1, 2, UNREADABLE))

    convert(tmp_path, [make_unit("a", b"x"), Unit("flaky", "1", take)])
    READS.clear()
    convert(tmp_path, [make_unit("a", b"x"), Unit("flaky", "1", take)])
    assert READS == ["flaky"]


def test_units_that_are_known_no_longer_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another fold's records are made again between the look and the taking."""
    convert(tmp_path / "records", [make_unit("a", b"x")])
    known = read_known([tmp_path / "records"])
    chunk = Chunk("all", "2", 1, lambda: iter([make_unit("a", b"x")]))
    finds = iter([[], None])
    monkeypatch.setattr("graphcore.sources.intake._find", lambda *_: next(finds, None))
    READS.clear()
    intake = take_in([chunk], Staging(tmp_path / "other"), 1, "pictures", known)
    assert READS == ["a"]
    assert [item.key for item in intake.items] == ["a"]
