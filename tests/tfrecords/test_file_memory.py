import os

import pytest

from tfrecords.file_memory import FileMemory

LONG_AGO_NS = 1_600_000_000_000_000_000


@pytest.fixture
def path(tmp_path, monkeypatch):
    path = tmp_path / "x.json"
    write(path, "1")
    # When a file's inode last changed cannot be set.
    monkeypatch.setattr("tfrecords.file_memory._SETTLED_NS", -(10**9))
    return path


def write(path, text, mtime_ns=LONG_AGO_NS):
    path.write_text(text)
    os.utime(path, ns=(mtime_ns, mtime_ns))


class Reading:
    """Reads a file and counts how often."""

    def __init__(self, path):
        self.path, self.count = path, 0

    def __call__(self):
        self.count += 1
        return self.path.read_text()


def test_a_file_that_is_the_same_is_read_once(path, monkeypatch):
    memory, read = FileMemory(2), Reading(path)
    assert [memory.recall(path, read) for _ in range(3)] == ["1", "1", "1"]
    monkeypatch.chdir(path.parent)
    assert memory.recall(path.relative_to(path.parent), read) == "1"
    assert read.count == 1


@pytest.mark.parametrize(("text", "mtime_ns"), [("12", LONG_AGO_NS), ("2", LONG_AGO_NS + 1)])
def test_a_file_that_changed_is_read_again(path, text, mtime_ns):
    memory, read = FileMemory(2), Reading(path)
    memory.recall(path, read)
    write(path, text, mtime_ns)
    assert memory.recall(path, read) == text


def test_a_file_that_was_just_written_is_read_again(path, monkeypatch):
    monkeypatch.setattr("tfrecords.file_memory._SETTLED_NS", 10**12)
    memory, read = FileMemory(2), Reading(path)
    assert [memory.recall(path, read) for _ in range(2)] == ["1", "1"]
    assert read.count == 2


def test_a_file_that_is_replaced_while_it_is_read_is_not_kept(path):
    memory = FileMemory(2)

    def read():
        text = path.read_text()
        write(path, "22")
        return text

    assert memory.recall(path, read) == "1"
    assert memory.recall(path, read) == "22"


def test_what_cannot_be_read_is_not_kept(tmp_path):
    memory, path = FileMemory(2), tmp_path / "x.json"
    with pytest.raises(FileNotFoundError):
        memory.recall(path, path.read_text)
    path.write_text("1")
    assert memory.recall(path, path.read_text) == "1"


def test_only_the_latest_and_the_small_are_kept(path):
    other, large = path.with_name("y"), path.with_name("z")
    write(other, "2")
    write(large, "333")
    memory, reads = FileMemory(1, most_bytes=2), {one: Reading(one) for one in (path, other, large)}
    for one in (path, other, path, path, large, large):
        memory.recall(one, reads[one])
    assert [read.count for read in reads.values()] == [2, 1, 2]
