"""What the second job of a sweep does not do again: nothing here asks how long anything takes."""

import shutil
from dataclasses import replace

import pytest

import tfrecords.index
import tfrecords.manifest
import tfrecords.reader
from graphcore.evaluate import evaluate


@pytest.fixture
def counted(monkeypatch):
    """The calls that read records or the manifest, by name."""
    calls = []

    def count(module, name):
        real = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *values: calls.append(name) or real(*values))

    monkeypatch.setattr("tfrecords.file_memory._SETTLED_NS", -(10**9))  # the fixtures have just been made
    count(tfrecords.manifest, "parse_manifest")
    count(tfrecords.index, "scan_spans")  # keys and marks
    count(tfrecords.reader, "read_record_at")  # pictures
    return calls


def test_a_second_evaluation_reads_neither_manifest_nor_records(photo_run, counted, tmp_path):
    for job in ("0", "1"):
        shutil.copytree(photo_run.folder, tmp_path / job)
        counted.append(job)
        for split in ("validation", "test"):
            evaluate(replace(photo_run, folder=tmp_path / job), split, resamples=10)

    assert "read_record_at" in counted[: counted.index("1")]
    assert counted[counted.index("1") + 1 :] == []
