import dataclasses
import json
import re

import pytest

from tfrecords.errors import RecordsError
from tfrecords.files import hash_file
from tfrecords.framing import iterate_records, write_record
from tfrecords.manifest import Manifest, read_manifest, write_manifest
from tfrecords.plan import plan_shards
from tfrecords.verify import verify
from tfrecords.writer import begin, finish, write_dataset

SHARD = "train-00001-of-00003.tfrecord"


def change_manifest(folder, **values):
    write_manifest(folder, dataclasses.replace(read_manifest(folder), **values))


def rewrite(folder, payloads):
    """Writes another shard and signs it, so that only its content can be wrong."""
    path = folder / SHARD
    with open(path, "wb") as file:
        for payload in payloads:
            write_record(file, payload)
    signed = {"size_bytes": path.stat().st_size, "sha256": hash_file(path)}
    shards = [dataclasses.replace(s, **signed) if s.name == SHARD else s for s in read_manifest(folder).shards]
    change_manifest(folder, shards=tuple(shards))


def test_a_good_dataset_has_no_problems(dataset):
    assert verify(dataset) == []


def test_a_missing_shard(dataset):
    (dataset / SHARD).unlink()
    assert verify(dataset) == [f"{SHARD}: missing"]


def test_a_truncated_shard(dataset):
    path = dataset / SHARD
    data = path.read_bytes()
    path.write_bytes(data[:-10])
    truncated, record = verify(dataset)
    assert truncated == f"{SHARD}: truncated: {len(data) - 10} bytes, dataset.json says {len(data)}"
    assert record.startswith(f"{SHARD}: record ")


def test_a_shard_truncated_between_two_records(dataset):
    path = dataset / SHARD
    payloads = list(iterate_records(path))
    size = sum(len(payload) + 16 for payload in payloads[:-1])
    path.write_bytes(path.read_bytes()[:size])
    truncated, count = verify(dataset)
    assert truncated.startswith(f"{SHARD}: truncated: {size} bytes")
    assert count == f"{SHARD}: {len(payloads) - 1} samples, dataset.json says {len(payloads)}"


@pytest.mark.parametrize("position", [3, 9, 700, -2])
def test_a_flipped_bit_anywhere(dataset, position):
    path = dataset / SHARD
    data = bytearray(path.read_bytes())
    data[position] ^= 4
    path.write_bytes(data)
    changed, record = verify(dataset)
    assert changed == f"{SHARD}: its bytes changed: SHA-256 is not that of dataset.json"
    assert record.startswith(f"{SHARD}: record ")
    assert record.endswith(("flipped bits", "no TFRecord file at all"))


def test_extra_bytes(dataset):
    path = dataset / SHARD
    size = path.stat().st_size
    with open(path, "ab") as file:
        file.write(b"more")
    assert f"{SHARD}: has 4 extra bytes beyond the {size} of dataset.json" in verify(dataset)


def test_another_number_of_samples(dataset):
    payloads = list(iterate_records(dataset / SHARD))
    rewrite(dataset, payloads[1:])
    expected = f"{SHARD}: {len(payloads) - 1} samples, dataset.json says {len(payloads)}"
    assert verify(dataset) == [expected]


def test_a_record_that_is_no_sample(dataset):
    payloads = list(iterate_records(dataset / SHARD))
    rewrite(dataset, [*payloads[:-1], b""])
    (problem,) = verify(dataset)
    assert problem.startswith(f"{SHARD}: record {len(payloads) - 1} at byte ")
    assert "no feature 'image/encoded'" in problem


def test_a_label_beyond_the_labels(dataset):
    change_manifest(dataset, labels=("cat",))
    problems = verify(dataset)
    assert len(problems) == 8
    assert all("has label 1, there are 1 labels" in problem for problem in problems)


def test_a_label_of_another_name(dataset):
    change_manifest(dataset, labels=("cat", "Dog"))
    assert all("is called 'dog', label 1 is 'Dog'" in problem for problem in verify(dataset))


def test_counts_that_differ(dataset):
    counts = json.loads((dataset / "dataset.json").read_text())["counts"]
    found = counts["train"]["cat"]
    counts["train"]["cat"] += 1
    change_manifest(dataset, counts=counts)
    assert verify(dataset) == [f"dataset.json: train has {found} of 'cat', not {found + 1}"]


def test_a_shard_that_is_not_listed(dataset):
    (dataset / "train-00000-of-00009.tfrecord").write_bytes(b"")
    assert verify(dataset) == ["train-00000-of-00009.tfrecord: not listed in dataset.json"]


def test_every_damaged_shard_is_named(dataset):
    (dataset / "train-00000-of-00003.tfrecord").unlink()
    (dataset / "test-00001-of-00002.tfrecord").unlink()
    assert verify(dataset) == [
        "train-00000-of-00003.tfrecord: missing",
        "test-00001-of-00002.tfrecord: missing",
    ]


def test_a_folder_that_was_never_finished(tmp_path):
    with pytest.raises(RecordsError, match="never finished"):
        verify(tmp_path)


@pytest.fixture
def several(tmp_path, make_entries):
    """A dataset whose samples have no, one, and two labels."""
    labels = [((), -1, ""), ((1,), 1, "dog"), ((0, 1), 0, "cat")]
    entries = [
        entry._replace(labels=several, label=label, text=text)
        for entry, (several, label, text) in zip(make_entries(count=3), labels, strict=True)
    ]
    folder = tmp_path / "several"
    begin(folder)
    shards = write_dataset(folder, plan_shards(entries, shard_bytes=1 << 20))
    counts = {"train": {"cat": 1, "dog": 2}}
    finish(folder, Manifest("pets", "test", ("cat", "dog"), counts, tuple(shards), multi_label=True))
    return folder


def test_a_good_dataset_of_several_labels_has_no_problems(several):
    assert verify(several) == []


def test_counts_of_several_labels_that_differ(several):
    change_manifest(several, counts={"train": {"cat": 1, "dog": 1}})
    assert verify(several) == ["dataset.json: train has 2 of 'dog', not 1"]


def test_several_labels_where_there_should_be_one(several):
    change_manifest(several, multi_label=False)
    problems = verify(several)
    assert len(problems) == 3
    assert all("has a list of labels, dataset.json says that a sample has one" in problem for problem in problems)


def test_one_label_where_there_should_be_several(dataset):
    change_manifest(dataset, multi_label=True)
    problems = verify(dataset)
    assert len(problems) == 16
    assert all("has one label, dataset.json says that a sample has any number" in problem for problem in problems)


@pytest.mark.parametrize(
    ("labels", "label", "text", "problem"),
    [
        ((0, 2), 0, "cat", "has label 2, there are 2 labels"),
        ((-1,), -1, "", "has label -1, there are 2 labels"),
        ((1, 0), 0, "cat", r"has label 0, which is not the first of \[1, 0\]"),
        ((), 0, "cat", r"has label 0, which is not the first of \[\]"),
        ((), -1, "cat", "is called 'cat', label -1 is ''"),
        ((1,), 1, "cat", "is called 'cat', label 1 is 'dog'"),
    ],
)
def test_labels_that_contradict_each_other(tmp_path, make_entries, labels, label, text, problem):
    entries = [one._replace(labels=labels, label=label, text=text) for one in make_entries(count=1)]
    begin(tmp_path / "records")
    shards = write_dataset(tmp_path / "records", plan_shards(entries, shard_bytes=1 << 20))
    finish(tmp_path / "records", Manifest("pets", "test", ("cat", "dog"), {}, tuple(shards), multi_label=True))
    (found,) = verify(tmp_path / "records")
    assert re.search(f"train-00000-of-00001.tfrecord: record 0 at byte 0: 'cat/0.jpg' {problem}", found)
