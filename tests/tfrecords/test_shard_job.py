import hashlib
import threading
import time
from pathlib import Path

import google_crc32c
import pytest

import tfrecords.shard_job
from tfrecords.errors import RecordsError
from tfrecords.plan import plan_shards
from tfrecords.staging import Staging
from tfrecords.writer import begin, write_dataset


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "records"
    begin(path)
    return path


def with_checksums(entries):
    return [entry._replace(crc=google_crc32c.value(Path(entry.source).read_bytes())) for entry in entries]


@pytest.mark.parametrize("changed", [b"\0", b""])
def test_a_change_is_told_by_the_checksum_too(folder, make_entries, changed):
    entries = with_checksums(make_entries())
    path = Path(entries[3].source)
    path.write_bytes(changed + path.read_bytes()[1:])
    with pytest.raises(RecordsError, match=f"{entries[3].key}: .* changed during the conversion; convert again"):
        write_dataset(folder, plan_shards(entries, shard_bytes=4000), workers=1)


def test_what_has_a_checksum_is_not_hashed_again(folder, make_entries, monkeypatch):
    hashed = []
    sha256 = hashlib.sha256
    monkeypatch.setattr(tfrecords.shard_job.hashlib, "sha256", lambda *data: hashed.append(data) or sha256(*data))
    plain = make_entries(count=6)
    for entries, wanted in ((plain, 6), (with_checksums(plain), 0)):
        hashed.clear()
        plans = plan_shards([entry._replace(subject=str(wanted)) for entry in entries], shard_bytes=1 << 20)
        write_dataset(folder, plans)
        pictures = {Path(entry.source).read_bytes() for entry in entries}
        assert sum(bool(data) and data[0] in pictures for data in hashed) == wanted


def test_the_same_bytes_with_and_without_checksums(tmp_path, make_entries):
    plain = make_entries()
    for name, entries in (("plain", plain), ("checked", with_checksums(plain))):
        begin(tmp_path / name)
        write_dataset(tmp_path / name, plan_shards(entries, shard_bytes=4000))
    plain_bytes, checked_bytes = (
        {path.name: path.read_bytes() for path in (tmp_path / name / ".staging" / "shards").glob("*.tfrecord")}
        for name in ("plain", "checked")
    )
    assert len(plain_bytes) > 1
    assert plain_bytes == checked_bytes


def test_shards_are_put_on_disk_also_where_a_killed_conversion_wrote_them(folder, make_entries, monkeypatch):
    plans = plan_shards(make_entries(), shard_bytes=4000)
    expected = sorted(Staging(folder).shard_path(plan.digest) for plan in plans)
    synced = []
    monkeypatch.setattr(tfrecords.shard_job, "sync_file", synced.append)
    for _ in range(2):
        synced.clear()
        write_dataset(folder, plans)
        assert sorted(synced) == expected


def test_nothing_is_returned_before_all_shards_are_on_disk(folder, make_entries, monkeypatch):
    plans = plan_shards(make_entries(), shard_bytes=4000)
    others_are_done, synced = threading.Event(), []

    def sync_slowly(path):
        others_are_done.wait(10)  # the first waits until there is nothing else left to wait for
        time.sleep(0.02)
        synced.append(path)

    monkeypatch.setattr(tfrecords.shard_job, "sync_file", sync_slowly)
    write_dataset(folder, plans, meanwhile=others_are_done.set)
    assert sorted(synced) == sorted(Staging(folder).shard_path(plan.digest) for plan in plans)
