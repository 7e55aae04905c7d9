import re
from pathlib import Path

import pytest

from graphcore.errors import ConfigError, DatasetError
from graphcore.storage.mirror import Mirror, compare, make_local
from graphcore.storage.push import JOURNAL_NAME
from tfrecords.errors import RecordsError
from tfrecords.manifest import MANIFEST_NAME, read_manifest

FIRST, SECOND = "train-00000-of-00002.tfrecord", "train-00001-of-00002.tfrecord"


@pytest.fixture
def mirror(store, go):
    return Mirror(f"{store}/records")


def shards_of(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.tfrecord")}


@pytest.mark.parametrize(
    ("remote", "local", "seen", "expected"),
    [
        ("", "", ("", ""), "behind"),
        ("r", "", ("", ""), "behind"),
        ("r", "", ("r", "l"), "behind"),
        ("r", "r", ("", ""), "same"),
        ("r", "l", ("r", "l"), "same"),
        ("r", "new", ("r", "l"), "ahead"),
        ("new", "l", ("r", "l"), "behind"),
        ("new", "other", ("r", "l"), "behind"),
        ("", "l", ("", ""), "ahead"),
    ],
)
def test_how_two_copies_stand(remote, local, seen, expected):
    assert compare(remote, local, *seen) == expected


def test_the_folder_here_is_named_after_the_address():
    local = Mirror("s3://bucket/My records/2024").local
    assert re.fullmatch(r"data/remote/bucket-My-records-2024-[0-9a-f]{8}", local.as_posix())
    assert Mirror("S3://bucket/My records/2024/").local == local
    assert Mirror("gs://bucket/My records/2024").local != local
    assert Mirror("s3://bucket/My-records/2024").local != local
    assert len(Mirror(f"s3://{'b' * 300}").local.name) < 64
    assert Mirror("s3://bucket/a", "fold-1-of-7").local == Mirror("s3://bucket/a").local / "fold-1-of-7"


def test_a_part_lies_below_the_address(store, go, make_records):
    mirror = Mirror(f"{store}/records", "fold-1-of-2")
    make_records(mirror.local, {FIRST: b"one"})
    mirror.push()
    assert sorted(Mirror(f"{store}/records/fold-1-of-2").remote.list_sizes()) == ["dataset.json", "rejected.csv", FIRST]


def test_an_address_that_cannot_be_used_names_its_option():
    with pytest.raises(ConfigError, match=r"dataset.records=ssh://host/x has the unknown protocol"):
        Mirror("ssh://host/x").prepare()


def test_what_one_machine_sends_another_fetches(mirror, go, make_records):
    manifest = make_records(mirror.local, {FIRST: b"one", SECOND: b"two"})
    mirror.push()
    go("second")
    folder = make_local(mirror.address)
    assert shards_of(folder) == {FIRST: b"one", SECOND: b"two"}
    assert read_manifest(folder).digest() == manifest.digest()


def test_a_second_fetch_or_push_asks_and_moves_nothing(mirror, go, make_records, monkeypatch):
    make_records(mirror.local, {FIRST: b"one"})
    mirror.push()
    go("second")
    mirror.pull()

    def refuse(*_):
        raise AssertionError("nothing should be moved")

    for method in ("fetch", "put", "write", "remove"):
        monkeypatch.setattr(f"graphcore.storage.folder.RemoteFolder.{method}", refuse)
    mirror.pull()
    mirror.prepare()
    mirror.push()


def test_a_shard_that_was_lost_here_is_fetched_again(mirror, make_records):
    make_records(mirror.local, {FIRST: b"one", SECOND: b"two"})
    mirror.push()
    (mirror.local / FIRST).unlink()
    mirror.pull()
    assert shards_of(mirror.local) == {FIRST: b"one", SECOND: b"two"}


def test_a_shard_that_was_lost_there_is_sent_again(mirror, make_records):
    make_records(mirror.local, {FIRST: b"one", SECOND: b"two"})
    mirror.push()
    mirror.remote.remove(FIRST)
    mirror.push()
    assert mirror.remote.read(FIRST) == b"one"


def test_records_that_another_machine_made_anew_replace_those_here(mirror, go, make_records):
    make_records(mirror.local, {FIRST: b"one", SECOND: b"two"})
    mirror.push()
    go("second")
    mirror.pull()
    make_records(mirror.local, {FIRST: b"new"})
    mirror.push()
    go("first")
    mirror.prepare()
    assert shards_of(mirror.local) == {FIRST: b"new"}


def test_records_that_were_not_sent_yet_stay_and_are_sent(mirror, make_records, capsys):
    make_records(mirror.local, {FIRST: b"one"})
    mirror.push()
    make_records(mirror.local, {SECOND: b"newer"})
    mirror.prepare()
    assert shards_of(mirror.local) == {SECOND: b"newer"}
    assert "their upload was cut short" in capsys.readouterr().err
    mirror.push()
    assert mirror.remote.read(SECOND) == b"newer"
    assert mirror.remote.read(FIRST) is None


def test_before_the_first_conversion_there_is_nothing_to_bring(mirror):
    mirror.prepare()
    assert not mirror.local.exists()


def test_nothing_to_evaluate_is_told(mirror):
    with pytest.raises(DatasetError, match=r"/records holds no finished records.\nCorrect the address, or convert"):
        make_local(mirror.address)


def test_an_upload_that_was_cut_short_is_told(mirror, make_records):
    make_records(mirror.local, {FIRST: b"one"})
    mirror.push()
    mirror.remote.write(JOURNAL_NAME, b"{}")
    mirror.remote.remove(MANIFEST_NAME)
    with pytest.raises(DatasetError, match="Their upload was cut short: run the conversion again"):
        mirror.pull()


def test_a_damaged_manifest_is_told_with_its_address(mirror):
    mirror.remote.write(MANIFEST_NAME, b"{]")
    with pytest.raises(RecordsError, match=r"/records/dataset.json cannot be used: .*; remove it and convert again"):
        mirror.pull()


def test_somebody_else_s_records_are_refused_before_a_conversion(mirror):
    mirror.remote.path.joinpath("mine.tfrecord").write_bytes(b"mine")
    with pytest.raises(RecordsError, match=r"not from a conversion here, such as mine.tfrecord"):
        mirror.prepare()


def test_local_records_are_where_they_are(tmp_path):
    assert make_local("data/tfrecords/a") == Path("data/tfrecords/a")
    assert make_local(tmp_path) == tmp_path
    assert make_local(f"file://{tmp_path}") == tmp_path
