import hashlib
import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.errors import DatasetError
from graphcore.storage import to_path
from graphcore.storage.folder import RemoteFolder
from graphcore.storage.push import JOURNAL_NAME, Journal, plan_push, push, read_journal
from tfrecords.errors import RecordsError
from tfrecords.manifest import MANIFEST_NAME, ShardInfo, parse_manifest

FIRST, SECOND, THIRD = (f"train-{number:05d}-of-00002.tfrecord" for number in range(3))


def shard(name, sha256, size_bytes=1):
    return ShardInfo(name, "train", 1, size_bytes, sha256)


@pytest.fixture
def remote(store):
    return RemoteFolder(to_path(f"{store}/records", "dataset.records"))


@pytest.fixture
def written(monkeypatch):
    """(what, name) of every change at the address, in order."""
    changes = []

    def spy(method, what, name_at):
        real = getattr(RemoteFolder, method)

        def note(self, *arguments):
            real(self, *arguments)
            changes.append((what, arguments[name_at]))

        monkeypatch.setattr(RemoteFolder, method, note)

    spy("put", "put", 1)
    spy("write", "write", 0)
    spy("remove", "remove", 0)
    return changes


def send(remote, folder, manifest):
    push(remote, folder, manifest, remote.list_sizes(), read_remote(remote))


def read_remote(remote):
    data = remote.read(MANIFEST_NAME)
    return None if data is None else parse_manifest(json.loads(data))


@pytest.mark.parametrize(
    ("there", "sizes", "listed", "uploads", "kept", "removals", "replaces"),
    [
        ({}, {}, (), ["a", "b"], {}, (), False),
        ({"a": "1", "b": "2"}, {"a": 1, "b": 1}, ("a", "b"), [], {"a": "1", "b": "2"}, (), False),
        ({"a": "9", "b": "2"}, {"a": 1, "b": 1}, ("a", "b"), ["a"], {"b": "2"}, (), True),
        ({"a": "1"}, {"a": 1, "b": 1}, ("a",), ["b"], {"a": "1"}, (), False),  # b is there, nobody knows what it holds
        ({"a": "1", "b": "2"}, {"a": 7, "b": 1}, ("a", "b"), ["a"], {"b": "2"}, (), True),
        ({"a": "1", "b": "2"}, {"b": 1}, ("a", "b"), ["a"], {"b": "2"}, (), True),
        ({"c": "3"}, {"c": 1, "x": 1}, ("c",), ["a", "b"], {"c": "3"}, ("c",), False),
        ({"c": "3"}, {}, ("c",), ["a", "b"], {}, (), False),
    ],
)
def test_the_plan(there, sizes, listed, uploads, kept, removals, replaces):
    plan = plan_push([shard("a", "1"), shard("b", "2")], sizes, Journal(there, frozenset(there)), listed)
    assert [one.name for one in plan.uploads] == uploads
    assert (plan.kept, plan.removals, plan.replaces) == (kept, removals, replaces)


NAMES = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("123"))


@given(new=NAMES, there=NAMES, known=st.frozensets(st.sampled_from("abcdef")), foreign=NAMES)
def test_after_a_push_the_new_records_are_whole_and_no_stranger_is_touched(new, there, known, foreign):
    known = known | there.keys()
    contents = {**{name: "?" for name in foreign if name not in known}, **there}
    before = dict(contents)
    plan = plan_push(
        [shard(*pair) for pair in new.items()], dict.fromkeys(contents, 1), Journal(there, known), there.keys()
    )
    contents |= {one.name: one.sha256 for one in plan.uploads}
    assert all(contents[name] == sha256 for name, sha256 in plan.kept.items())
    if not plan.replaces:
        assert there.items() <= contents.items()
    for name in plan.removals:
        del contents[name]
    assert new.items() <= contents.items()
    strangers = before.keys() - known - new.keys()
    assert {name: contents.get(name) for name in strangers} == {name: before[name] for name in strangers}


def test_the_manifest_comes_last_and_then_goes_what_nobody_needs(remote, make_records, tmp_path, written):
    send(remote, tmp_path, make_records(tmp_path, {FIRST: b"one"}))
    written.clear()
    send(remote, tmp_path, make_records(tmp_path, {SECOND: b"two"}))
    changes = [change for change in written if change != ("write", JOURNAL_NAME)]
    assert changes == [
        ("put", SECOND),
        ("put", "rejected.csv"),
        ("put", MANIFEST_NAME),
        ("remove", FIRST),
        ("remove", JOURNAL_NAME),
    ]
    assert sorted(remote.list_sizes()) == ["dataset.json", "rejected.csv", SECOND]


def test_a_shard_that_takes_another_s_name_takes_the_manifest_away_first(remote, make_records, tmp_path, written):
    send(remote, tmp_path, make_records(tmp_path, {FIRST: b"one", SECOND: b"two"}))
    written.clear()
    send(remote, tmp_path, make_records(tmp_path, {FIRST: b"new", SECOND: b"two"}))
    assert written[:3] == [("write", JOURNAL_NAME), ("remove", MANIFEST_NAME), ("put", FIRST)]
    assert ("put", SECOND) not in written


def test_only_the_manifest_travels_when_the_shards_are_there(remote, make_records, tmp_path, written):
    send(remote, tmp_path, make_records(tmp_path, {FIRST: b"one"}))
    written.clear()
    send(remote, tmp_path, make_records(tmp_path, {FIRST: b"one"}, label="other"))
    assert written == [("put", "rejected.csv"), ("put", MANIFEST_NAME), ("remove", JOURNAL_NAME)]
    assert read_remote(remote).labels == ("other", "b")


def test_a_push_that_was_cut_short_goes_on(remote, make_records, tmp_path, monkeypatch, written):
    send(remote, tmp_path, make_records(tmp_path, {FIRST: b"old", SECOND: b"two"}))
    manifest = make_records(tmp_path, {FIRST: b"one", SECOND: b"new", THIRD: b"six"})
    monkeypatch.setattr("graphcore.storage.transfer._AT_ONCE", 1)
    real = RemoteFolder.put

    def put(self, path, name):
        if name == SECOND:
            raise DatasetError("cut short")
        real(self, path, name)

    monkeypatch.setattr(RemoteFolder, "put", put)
    with pytest.raises(DatasetError, match="cut short"):
        send(remote, tmp_path, manifest)
    assert remote.read(MANIFEST_NAME) is None
    sure = read_journal(remote, None).shards
    assert sure[FIRST] == hashlib.sha256(b"one").hexdigest()
    assert SECOND not in sure
    monkeypatch.setattr(RemoteFolder, "put", real)
    written.clear()
    send(remote, tmp_path, manifest)
    assert ("put", FIRST) not in written
    assert {name: remote.read(name) for name in (FIRST, SECOND, THIRD)} == {
        FIRST: b"one",
        SECOND: b"new",
        THIRD: b"six",
    }
    assert read_remote(remote).digest() == manifest.digest()
    assert JOURNAL_NAME not in remote.list_sizes()


def test_somebody_else_s_records_are_refused_and_untouched(remote, make_records, tmp_path, written):
    remote.path.joinpath("mine.tfrecord").write_bytes(b"mine")
    with pytest.raises(RecordsError, match=r"/records holds 1 record file not from .*, such as mine.tfrecord; give"):
        send(remote, tmp_path, make_records(tmp_path, {FIRST: b"one"}))
    assert written == []


def test_other_files_beside_the_records_stay(remote, make_records, tmp_path):
    remote.write("readme.txt", b"mine")
    send(remote, tmp_path, make_records(tmp_path, {FIRST: b"one"}))
    send(remote, tmp_path, make_records(tmp_path, {SECOND: b"two"}))
    assert remote.read("readme.txt") == b"mine"


@pytest.mark.parametrize(
    "journal",
    [
        b"",
        b"[]",
        b'{"version": 9}',
        b'{"version": 1, "shards": [], "known": []}',
        b'{"version": 1, "shards": {}, "known": [1]}',
    ],
)
def test_a_damaged_journal_makes_nothing_certain(journal, remote):
    remote.write(JOURNAL_NAME, journal)
    assert read_journal(remote, None) == Journal()


def test_a_journal_names_shards_only(remote):
    values = {"version": 1, "shards": {FIRST: "1"}, "known": [FIRST, "../other", "readme.txt"]}
    remote.write(JOURNAL_NAME, json.dumps(values).encode())
    assert read_journal(remote, None) == Journal({FIRST: "1"}, frozenset({FIRST}))


class _Killed(BaseException):
    """What nobody catches."""


@pytest.mark.parametrize("is_done", [False, True])
@pytest.mark.parametrize("new", [{FIRST: b"new", SECOND: b"two", THIRD: b"six"}, {SECOND: b"two"}, {THIRD: b"one"}])
def test_killed_at_any_change_a_reader_finds_whole_records_or_none(new, is_done, make_records, tmp_path, monkeypatch):
    """`is_done` is whether the change that it is killed at has just happened, or not yet."""
    remote = RemoteFolder(to_path(f"memory://killed-{len(new)}-{is_done}/records", "dataset.records"))
    make_records(tmp_path / "old", {FIRST: b"old", SECOND: b"two"})
    manifest = make_records(tmp_path / "new", new)
    kills = 0
    for kill_at in range(30):
        send(remote, tmp_path / "old", make_records(tmp_path / "old", {FIRST: b"old", SECOND: b"two"}))
        with monkeypatch.context() as patched:
            kill_at_change(kill_at, is_done, patched)
            try:
                send(remote, tmp_path / "new", manifest)
            except _Killed:
                kills += 1
        check_whole(remote)
        send(remote, tmp_path / "new", manifest)
        check_whole(remote)
        assert read_remote(remote).digest() == manifest.digest()
        assert sorted(name for name in remote.list_sizes() if name.endswith(".tfrecord")) == sorted(new)
    assert 4 <= kills < 30  # and it came through without being killed


def kill_at_change(kill_at, is_done, patched):
    """Ends the process, so to speak, at one of the changes at the address, counted from 0."""
    counter = itertools.count()
    patched.setattr("graphcore.storage.transfer._AT_ONCE", 1)
    for method in ("put", "write", "remove"):
        real = getattr(RemoteFolder, method)

        def step(self, *arguments, real=real):
            number = next(counter)
            if number < kill_at or (is_done and number == kill_at):
                real(self, *arguments)
            if number >= kill_at:
                raise _Killed

        patched.setattr(RemoteFolder, method, step)


def check_whole(remote):
    manifest = read_remote(remote)
    for shard in manifest.shards if manifest else ():
        assert hashlib.sha256(remote.read(shard.name)).hexdigest() == shard.sha256
