import errno
import os
import re
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


def test_a_chunk_gives_its_rows_and_the_file_that_holds_their_bytes(staging):
    fill(staging)
    rows = staging.load_chunk("cat/0", "f1")
    assert rows is not None
    assert [row["key"] for row in rows] == ["a", "b", "c"]
    assert staging.spool_path(rows[0]["spool"]).read_bytes() == b"AAAACC"
    assert staging.load_chunk("cat/0", "f2") is None


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


def test_a_shard_lies_at_its_path_when_it_is_complete(staging):
    with staging.open_shard("p1") as file:
        file.write(b"records")
        assert not staging.shard_path("p1").exists()
    assert staging.shard_path("p1").read_bytes() == b"records"


def test_shards_of_other_plans_go(staging):
    for plan in ("p1", "p2"):
        with staging.open_shard(plan) as file:
            file.write(b"records")
    staging.keep_shards({"p2", "p3"})
    assert files(staging) == ["p2.tfrecord"]


@pytest.mark.parametrize("name", ["../splits.json", "", ".hidden", "a/b", "dataset.json", "mine.tfrecord", "a\\b"])
def test_a_name_that_an_attachment_cannot_have_is_refused(staging, name):
    with pytest.raises(RecordsError, match=f"{re.escape(repr(name))} cannot name an attachment; give a file name"):
        staging.attachment(name)


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
    for part in ("chunks", "shards"):
        (staging.path / part).mkdir(exist_ok=True)
        (staging.path / part / ".x.1-2.tmp").write_bytes(b"half")
    (staging.path / "dataset.json").write_text("{}")  # of a commit that was not recorded
    staging.attachment("splits.json").write_text("{}")
    staging.remove_unfinished()
    assert files(staging) == kept


def test_clear_removes_all_it_made(staging):
    fill(staging)
    staging.remember_shard("p1", SHARD)
    staging.attachment("splits.json").write_text("{}")
    staging.commit_path.write_text("{}")
    with staging.open_shard("p1") as file:
        file.write(b"records")
    with staging.exclusive():
        staging.clear()
        assert files(staging) == ["lock"]  # a second conversion is still kept out
    assert os.listdir(staging.folder) == []


def test_exclusive_leaves_no_trace_where_nothing_is_staged(staging):
    with staging.exclusive():
        assert files(staging) == ["lock"]
    assert not staging.path.exists()


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
