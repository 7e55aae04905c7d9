"""Entries with real bytes behind them, and small finished datasets."""

import hashlib
import random

import pytest

from tfrecords.manifest import Manifest
from tfrecords.plan import Entry, plan_shards
from tfrecords.writer import begin, finish, write_dataset

LABELS = ("cat", "dog")


@pytest.fixture
def make_entries(tmp_path):
    """Returns a function that writes `count` inputs of about `size_bytes` and gives their entries."""

    def make(count=12, size_bytes=1000, splits=("train",)):
        folder = tmp_path / "inputs"
        folder.mkdir(exist_ok=True)
        entries = []
        for index in range(count):
            encoded = random.Random(index).randbytes(size_bytes + index)
            source = folder / f"{index}.jpg"
            source.write_bytes(encoded)
            entries.append(
                Entry(
                    key=f"{LABELS[index % 2]}/{index}.jpg",
                    split=splits[index % len(splits)],
                    label=index % 2,
                    text=LABELS[index % 2],
                    filename=f"{index}.jpg",
                    format="jpeg",
                    height=10,
                    width=20 + index,
                    size_bytes=len(encoded),
                    source=str(source),
                    digest=hashlib.sha256(encoded).hexdigest(),
                )
            )
        return entries

    return make


@pytest.fixture
def make_manifest():
    """Returns a function that gives the manifest of written shards."""

    def make(entries, shards):
        counts: dict[str, dict[str, int]] = {}
        for entry in entries:
            of_split = counts.setdefault(entry.split, {})
            of_split[entry.text] = of_split.get(entry.text, 0) + 1
        return Manifest(name="pets", kind="test", labels=LABELS, counts=counts, shards=tuple(shards))

    return make


@pytest.fixture
def dataset(tmp_path, make_entries, make_manifest):
    """A finished dataset: 16 samples in train, of three shards, and test, of two."""
    folder = tmp_path / "records"
    entries = make_entries(count=16, splits=("train", "train", "train", "test", "test"))
    plans = plan_shards(entries, shard_bytes=6000)
    begin(folder)
    finish(folder, make_manifest(entries, write_dataset(folder, plans)))
    return folder
