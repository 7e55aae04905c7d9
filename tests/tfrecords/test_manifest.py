import dataclasses
import json
import tracemalloc
from collections.abc import Mapping

import pytest

from tfrecords.errors import RecordsError
from tfrecords.manifest import (
    InputInfo,
    Manifest,
    ShardInfo,
    describe_input,
    read_manifest,
    read_shards,
    write_manifest,
)

MANIFEST = Manifest(
    name="pets",
    kind="image_folder",
    labels=("Class_A", "class a", "Katze ü"),
    counts={"train": {"Class_A": 3, "class a": 0, "Katze ü": 1}, "test": {}},
    shards=(ShardInfo("train-00000-of-00001.tfrecord", "train", 4, 1234, "ab" * 32),),
    options={"size": None, "quality": 95},
    inputs={"Class_A/caf\udce9.jpg": InputInfo(10, 1_700_000_000_123_456_789, "cd" * 32)},
    rejected=2,
)


@pytest.fixture
def written(tmp_path):
    write_manifest(tmp_path, MANIFEST)
    return tmp_path


def test_round_trip(written):
    assert read_manifest(written) == MANIFEST


def test_the_file_is_json_for_others_to_read(written):
    values = json.loads((written / "dataset.json").read_text(encoding="ascii"))
    assert values["format_version"] == 1
    assert values["labels"][1] == "class a"
    assert values["shards"][0]["sha256"] == "ab" * 32


def test_round_trip_with_plans_and_several_labels(tmp_path):
    shards = (dataclasses.replace(MANIFEST.shards[0], plan="12" * 32),)
    manifest = dataclasses.replace(MANIFEST, shards=shards, multi_label=True)
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest


def test_a_manifest_of_before_there_were_plans_and_several_labels_is_read(written):
    path = written / "dataset.json"
    values = json.loads(path.read_text())
    del values["multi_label"], values["shards"][0]["plan"]
    path.write_text(json.dumps(values))
    assert read_manifest(written) == MANIFEST


def test_a_manifest_of_nothing(tmp_path):
    manifest = Manifest("pets", "test", (), {}, ())
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest


class ManyInputs(Mapping):
    """Inputs that are made when asked for."""

    def __len__(self):
        return 5000

    def __iter__(self):
        return (f"{index}.jpg" for index in range(len(self)))

    def __getitem__(self, name):
        return InputInfo(10, 1_700_000_000_123_456_789, "cd" * 32)


def test_writing_holds_neither_the_inputs_nor_the_file(tmp_path):
    tracemalloc.start()
    try:
        write_manifest(tmp_path, dataclasses.replace(MANIFEST, inputs=ManyInputs()))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_400_000  # the file's buffer of a megabyte, and little else
    assert len(read_manifest(tmp_path).inputs) == 5000


def test_reading_holds_no_more_than_the_inputs(tmp_path):
    write_manifest(tmp_path, dataclasses.replace(MANIFEST, inputs=ManyInputs()))
    tracemalloc.start()
    try:
        read_shards(tmp_path)
        of_shards = tracemalloc.get_traced_memory()[1]
        tracemalloc.reset_peak()
        inputs = read_manifest(tmp_path).inputs
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert of_shards < 50_000
    assert inputs == ManyInputs()
    assert peak < kept + 200_000


@pytest.mark.parametrize("indent", [None, 1])
def test_a_manifest_that_somebody_laid_out_anew_is_read(written, indent):
    path = written / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()), indent=indent))
    assert read_manifest(written) == MANIFEST
    assert read_shards(written) == MANIFEST.shards


def test_shards_alone(written):
    assert read_shards(written) == MANIFEST.shards


def test_the_shards_of_a_damaged_manifest_are_refused(written):
    path = written / "dataset.json"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(RecordsError, match=r"dataset\.json cannot be read: .*; remove the folder and convert again"):
        read_shards(written)


def test_samples_of_a_split():
    assert MANIFEST.samples("train") == 4
    assert MANIFEST.samples("test") == 0
    assert MANIFEST.splits == ("train", "test")


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"name": "animals"}, True),
        ({"inputs": {"a.jpg": InputInfo(10, 2, "cd" * 32)}}, True),
        ({"options": {"workers": 3}}, True),
        ({"shards": (dataclasses.replace(MANIFEST.shards[0], plan="12" * 32),)}, True),
        ({"labels": ("class a", "Class_A", "Katze ü")}, False),
        ({"shards": (dataclasses.replace(MANIFEST.shards[0], sha256="00" * 32),)}, False),
    ],
)
def test_the_digest_is_that_of_the_content(change, same):
    assert (dataclasses.replace(MANIFEST, **change).digest() == MANIFEST.digest()) is same


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(RecordsError, match="records is no folder; convert a dataset first"):
        read_manifest(tmp_path / "records")


def test_a_folder_without_manifest_says_to_go_on(tmp_path):
    with pytest.raises(RecordsError, match=r"has no dataset\.json: its conversion never finished; run it again"):
        read_manifest(tmp_path)


def test_a_cut_off_manifest_is_refused(written):
    path = written / "dataset.json"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(RecordsError, match=r"dataset\.json cannot be read: .*; remove the folder and convert again"):
        read_manifest(written)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format_version": 2}, "format_version is 2, this program reads 1"),
        ({"labels": None}, "of the wrong kind"),
        ({"shards": [{"name": "train-00000-of-00001.tfrecord"}]}, "KeyError: 'split'"),
        ({"inputs": {"a.jpg": {"size": 3}}}, "TypeError"),
        ({"rejected": "many"}, "ValueError"),
    ],
)
def test_a_manifest_with_a_wrong_field_is_refused(written, change, message):
    path = written / "dataset.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(RecordsError, match=f"{message}.*; remove the folder and convert again"):
        read_manifest(written)


def test_a_list_is_no_manifest(written):
    (written / "dataset.json").write_text("[]")
    with pytest.raises(RecordsError, match="format_version is None"):
        read_manifest(written)


def test_a_shard_outside_the_folder_is_refused(written):
    path = written / "dataset.json"
    path.write_text(path.read_text().replace('"train-00000', '"../train-00000'))
    with pytest.raises(RecordsError, match=r"'\.\./train-00000-of-00001\.tfrecord' is no shard's name"):
        read_manifest(written)


def test_an_input_is_described_by_all_its_values():
    info = InputInfo(10, 20, "cd" * 32, 30)
    assert describe_input(info) == dataclasses.asdict(info)
