import os

import pytest

from tfrecords.chunks import load_chunk, open_chunk


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def fill(folder, name="cat/0", fingerprint="f1"):
    with open_chunk(folder, name, fingerprint) as chunk:
        chunk.add({"key": "a", "time_secs": 0.5}, b"AAAA")
        chunk.add({"key": "b"}, None)
        chunk.add({"key": "c"}, b"CC")


def spool(folder):
    (path,) = folder.rglob("*.spool")
    return path


def test_a_finished_chunk_gives_its_rows_and_where_their_bytes_lie(folder):
    fill(folder)
    rows = load_chunk(folder, "cat/0", "f1")
    name = spool(folder).name
    assert rows == [
        {"key": "a", "time_secs": 0.5, "spool": name, "offset": 0, "size_bytes": 4},
        {"key": "b"},
        {"key": "c", "spool": name, "offset": 4, "size_bytes": 2},
    ]
    assert (folder / name).read_bytes() == b"AAAACC"


def test_another_fingerprint_is_another_chunk(folder):
    fill(folder)
    assert load_chunk(folder, "cat/0", "f2") is None
    assert load_chunk(folder, "cat/1", "f1") is None


def test_names_that_look_alike_as_files_stay_apart(folder):
    for name in ("a/b", "a-b", "a b"):
        fill(folder, name)
    assert len(list(folder.rglob("*.spool"))) == 3


def test_a_chunk_that_fails_leaves_nothing(folder):
    with pytest.raises(ZeroDivisionError), open_chunk(folder, "cat/0", "f1") as chunk:
        chunk.add({"key": "a"}, b"AAAA")
        _ = 1 / 0
    assert os.listdir(folder) == []
    assert load_chunk(folder, "cat/0", "f1") is None


def test_a_chunk_that_fails_the_second_time_forgets_the_first(folder):
    fill(folder, fingerprint="f1")
    with pytest.raises(ZeroDivisionError), open_chunk(folder, "cat/0", "f2"):
        _ = 1 / 0
    assert load_chunk(folder, "cat/0", "f1") is None


@pytest.mark.parametrize("damage", ["truncated", "flipped", "missing"])
def test_a_damaged_spool_is_not_used(folder, damage):
    fill(folder)
    path = spool(folder)
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"AAAAC" if damage == "truncated" else b"AAAACD")
    assert load_chunk(folder, "cat/0", "f1") is None


def test_a_damaged_row_file_is_not_used(folder):
    fill(folder)
    (path,) = folder.rglob("*.json")
    path.write_bytes(path.read_bytes()[:-1])
    assert load_chunk(folder, "cat/0", "f1") is None
