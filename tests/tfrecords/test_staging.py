import errno
import os
import subprocess
import sys

import pytest

from tfrecords.errors import RecordsError
from tfrecords.manifest import Manifest, ShardInfo, write_manifest
from tfrecords.staging import Staging

SHARD = ShardInfo("train-00000-of-00001.tfrecord", "train", 3, 500, "ab" * 32)


@pytest.fixture
def staging(tmp_path):
    return Staging(tmp_path / "records")


def fill(staging, name="cat/0", fingerprint="f1"):
    with staging.open_chunk(name, fingerprint) as chunk:
        chunk.add({"key": "a", "time_secs": 0.5}, b"AAAA")
        chunk.add({"key": "b"}, None)
        chunk.add({"key": "c"}, b"CC")


def files(staging):
    return sorted(path.name for path in staging.path.rglob("*") if path.is_file())


def spool(staging):
    (path,) = staging.path.rglob("*.spool")
    return path


def test_a_finished_chunk_gives_its_rows_and_where_their_bytes_lie(staging):
    fill(staging)
    rows = staging.load_chunk("cat/0", "f1")
    name = spool(staging).name
    assert rows == [
        {"key": "a", "time_secs": 0.5, "spool": name, "offset": 0, "size_bytes": 4},
        {"key": "b"},
        {"key": "c", "spool": name, "offset": 4, "size_bytes": 2},
    ]
    assert staging.spool_path(name).read_bytes() == b"AAAACC"


def test_another_fingerprint_is_another_chunk(staging):
    fill(staging)
    assert staging.load_chunk("cat/0", "f2") is None
    assert staging.load_chunk("cat/1", "f1") is None


def test_names_that_look_alike_as_files_stay_apart(staging):
    for name in ("a/b", "a-b", "a b"):
        fill(staging, name)
    assert len(list(staging.path.rglob("*.spool"))) == 3


def test_a_chunk_that_fails_leaves_nothing(staging):
    with pytest.raises(ZeroDivisionError), staging.open_chunk("cat/0", "f1") as chunk:
        chunk.add({"key": "a"}, b"AAAA")
        _ = 1 / 0
    assert files(staging) == []
    assert staging.load_chunk("cat/0", "f1") is None


def test_a_chunk_that_fails_the_second_time_forgets_the_first(staging):
    fill(staging, fingerprint="f1")
    with pytest.raises(ZeroDivisionError), staging.open_chunk("cat/0", "f2"):
        _ = 1 / 0
    assert staging.load_chunk("cat/0", "f1") is None


@pytest.mark.parametrize("damage", ["truncated", "flipped", "missing"])
def test_a_damaged_spool_is_not_used(staging, damage):
    fill(staging)
    path = spool(staging)
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"AAAAC" if damage == "truncated" else b"AAAACD")
    assert staging.load_chunk("cat/0", "f1") is None


def test_a_damaged_row_file_is_not_used(staging):
    fill(staging)
    (path,) = staging.path.rglob("*.json")
    path.write_bytes(path.read_bytes()[:-1])
    assert staging.load_chunk("cat/0", "f1") is None


def test_a_full_disk_is_said_so(staging):
    with (
        pytest.raises(RecordsError, match=r"no space left on the disk of .* while reading cat/0; make room"),
        staging.open_chunk("cat/0", "f1"),
    ):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_shards_are_remembered_by_their_plan(staging):
    assert staging.finished_shards() == {}
    staging.remember_shard("p1", SHARD)
    assert staging.finished_shards() == {"p1": SHARD}
    assert staging.known_shards() == {SHARD.name}


def test_a_damaged_memory_of_a_shard_is_passed_over(staging):
    staging.remember_shard("p1", SHARD)
    staging.remember_shard("p2", SHARD)
    (staging.path / "shards" / "p1.json").write_text("{")
    assert staging.finished_shards() == {"p2": SHARD}


def test_a_manifest_set_aside_is_known_here_and_gone_there(staging):
    staging.folder.mkdir()
    manifest = Manifest("pets", "test", ("cat",), {"train": {"cat": 3}}, (SHARD,))
    write_manifest(staging.folder, manifest)
    staging.set_aside(staging.folder / "dataset.json")
    assert not (staging.folder / "dataset.json").exists()
    assert staging.previous_manifests() == [manifest]
    assert staging.known_shards() == {SHARD.name}


def test_unfinished_files_of_a_killed_conversion_go_and_finished_ones_stay(staging):
    fill(staging)
    kept = files(staging)
    (staging.partial / "train-00000-of-00001.tfrecord").write_bytes(b"half")
    spool(staging).with_name(".x.spool.1-2.tmp").write_bytes(b"half")
    staging.remove_unfinished()
    assert files(staging) == kept


def test_clear_removes_all_it_made(staging):
    fill(staging)
    staging.remember_shard("p1", SHARD)
    with staging.exclusive():
        staging.clear()
    assert os.listdir(staging.folder) == []


def test_clear_leaves_what_is_not_ours(staging):
    fill(staging)
    (staging.path / "notes.txt").write_text("mine")
    (staging.path / "chunks" / "notes.txt").write_text("mine too")
    staging.clear()
    assert files(staging) == ["notes.txt", "notes.txt"]


def test_clear_of_nothing_is_no_error(staging):
    staging.clear()
    assert not staging.path.exists()


def test_a_second_conversion_is_kept_out(staging):
    with staging.exclusive():
        command = (
            "import sys, pathlib, tfrecords.staging as s\nwith s.Staging(pathlib.Path(sys.argv[1])).exclusive(): pass"
        )
        second = subprocess.run([sys.executable, "-c", command, staging.folder], capture_output=True, text=True)
    assert "another conversion is writing to" in second.stderr
    with staging.exclusive():
        pass
