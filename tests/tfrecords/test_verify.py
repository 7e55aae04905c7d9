import dataclasses
import json

import pytest

from tfrecords.errors import RecordsError
from tfrecords.files import hash_file
from tfrecords.framing import iterate_records, write_record
from tfrecords.manifest import read_manifest, write_manifest
from tfrecords.verify import verify

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
