import hashlib
from dataclasses import replace

import pytest

from graphcore.storage import to_path
from graphcore.storage.folder import RemoteFolder
from graphcore.storage.pull import name_plans, plan_pull, pull
from tfrecords.errors import RecordsError
from tfrecords.manifest import Manifest, ShardInfo, read_manifest

FIRST, SECOND, THIRD = (f"train-{number:05d}-of-00002.tfrecord" for number in range(3))


def shard(name, data=b"", plan=""):
    return ShardInfo(name, "train", 1, len(data), hashlib.sha256(data).hexdigest(), plan)


def describe(*shards):
    return Manifest("toy", "image_folder", ("a", "b"), {"train": {}}, shards)


@pytest.fixture
def remote(store, make_records, tmp_path):
    """Two shards at an address."""
    folder = RemoteFolder(to_path(f"{store}/records", "dataset.records"))
    make_records(tmp_path / "origin", {FIRST: b"one", SECOND: b"two"})
    for path in (tmp_path / "origin").iterdir():
        folder.put(path, path.name)
    return folder


@pytest.fixture
def fetched(monkeypatch):
    """The names of shards that are fetched."""
    names, real = [], RemoteFolder.fetch

    def note(self, name, path):
        if name.endswith(".tfrecord"):
            names.append(name)
        real(self, name, path)

    monkeypatch.setattr(RemoteFolder, "fetch", note)
    return names


def read(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("in_place", "staged", "expected"),
    [
        ({}, {}, ["a", "b"]),
        ({"a": "11" * 8}, {}, ["b"]),
        ({"a": "99" * 8}, {}, ["a", "b"]),
        ({}, {"bb" * 8: "22" * 8}, ["a"]),
        ({}, {"bb" * 8: "99" * 8}, ["a", "b"]),
        ({"a": "11" * 8}, {"bb" * 8: "22" * 8}, []),
    ],
)
def test_only_what_is_missing_or_different_is_wanted(in_place, staged, expected):
    shards = [ShardInfo("a", "train", 1, 1, "11" * 8, "aa" * 8), ShardInfo("b", "train", 1, 1, "22" * 8, "bb" * 8)]
    assert [one.name for one in plan_pull(shards, in_place, staged)] == expected


def test_all_of_it_comes_and_nothing_else_stays(remote, tmp_path):
    manifest = read_manifest(tmp_path / "origin")
    pull(remote, tmp_path / "here", manifest, remote.list_sizes())
    here = read(tmp_path / "here")
    assert sorted(here) == sorted(read(tmp_path / "origin"))
    assert (here[FIRST], here[SECOND]) == (b"one", b"two")
    assert here["rejected.csv"] == b"path,reason\n"
    assert read_manifest(tmp_path / "here").digest() == manifest.digest()


def test_shards_that_are_here_are_not_fetched_again(remote, tmp_path, make_records, fetched):
    make_records(tmp_path / "here", {FIRST: b"one", "train-00002-of-00003.tfrecord": b"old"})
    pull(remote, tmp_path / "here", read_manifest(tmp_path / "origin"), ())
    assert fetched == [SECOND]
    assert sorted(read(tmp_path / "here")) == ["dataset.json", "rejected.csv", FIRST, SECOND]


def test_a_pull_that_was_cut_short_goes_on(remote, tmp_path, fetched, monkeypatch):
    manifest = read_manifest(tmp_path / "origin")
    monkeypatch.setattr("graphcore.storage.transfer._AT_ONCE", 1)
    remote.remove(SECOND)
    with pytest.raises(Exception, match="does not exist"):
        pull(remote, tmp_path / "here", manifest, ())
    assert not list((tmp_path / "here").glob("*.tfrecord"))
    remote.put(tmp_path / "origin" / SECOND, SECOND)
    pull(remote, tmp_path / "here", manifest, ())
    assert fetched == [FIRST, SECOND, SECOND]
    assert read(tmp_path / "here")[SECOND] == b"two"


def test_a_failed_pull_leaves_the_records_that_were_here(remote, tmp_path, make_records):
    make_records(tmp_path / "here", {FIRST: b"old"})
    before = read(tmp_path / "here")
    remote.write(SECOND, b"2wo")
    with pytest.raises(RecordsError, match=r"records/train-00001-of-00002.tfrecord is not what dataset.json beside it"):
        pull(remote, tmp_path / "here", read_manifest(tmp_path / "origin"), ())
    now = {path.name: path.read_bytes() for path in (tmp_path / "here").iterdir() if path.is_file()}
    assert now == before


def test_somebody_else_s_records_here_are_left_alone(remote, tmp_path):
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "mine.tfrecord").write_bytes(b"mine")
    with pytest.raises(RecordsError, match=r"not from a conversion here, such as mine.tfrecord"):
        pull(remote, tmp_path / "here", read_manifest(tmp_path / "origin"), ())
    assert read(tmp_path / "here") == {"mine.tfrecord": b"mine"}


def test_older_manifests_name_no_plans():
    named = name_plans(describe(shard(FIRST, b"x"), shard(SECOND, b"x"), shard(THIRD, b"y", "ab" * 8)))
    first, second, third = (one.plan for one in named.shards)
    assert len({first, second, third}) == 3
    assert third == "ab" * 8


@pytest.mark.parametrize("plan", ["../../evil", "", "A", "x" * 16])
def test_a_plan_that_is_no_digest_names_no_file(plan):
    assert name_plans(describe(shard(FIRST, b"x", plan))).shards[0].plan.isalnum()
    assert name_plans(describe(shard(FIRST, b"x", plan))).shards[0].plan != plan


def test_a_manifest_without_digests_is_refused():
    with pytest.raises(RecordsError, match=r"'' as the SHA-256 of train-00000-of-00002.tfrecord"):
        name_plans(describe(replace(shard(FIRST), sha256="")))
