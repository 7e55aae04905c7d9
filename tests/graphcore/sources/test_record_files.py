"""Records as slim's converters wrote them; the files are written by TensorFlow's own writer."""

from __future__ import annotations

import hashlib
import os
import struct

import pytest
from upath import UPath

from graphcore.config import AdamConfig, Config, RecordFilesConfig, ScheduleConfig
from graphcore.conversion.options import records_dir
from graphcore.convert import convert, is_fresh
from graphcore.errors import ConfigError, DatasetError
from graphcore.graph.runtime import tf
from graphcore.sources.intake import take_in
from graphcore.sources.normalise import PictureOptions
from graphcore.sources.record_files import open_record_files
from graphcore.sources.record_samples import RecordOptions, count_records
from tfrecords.staging import Staging

CLASSES = ("daisy", "roses", "tulips")


def example(**features):
    """A tf.train.Example of bytes, texts and integers; "class_label" stands for image/class/label."""
    made = {}
    for name, value in features.items():
        key = f"image/{name.replace('class_', 'class/')}" if name not in ("group", "subject") else name
        if isinstance(value, int):
            made[key] = tf.train.Feature(int64_list=tf.train.Int64List(value=[value]))
        else:
            data = value.encode() if isinstance(value, str) else value
            made[key] = tf.train.Feature(bytes_list=tf.train.BytesList(value=[data]))
    return tf.train.Example(features=tf.train.Features(feature=made)).SerializeToString()


def write(path, *examples):
    with tf.io.TFRecordWriter(str(path)) as writer:
        for one in examples:
            writer.write(one)
    return path


@pytest.fixture
def slim(make_picture):
    """Returns a function that makes one record with all of slim's features."""

    def make(seed, label, **more):
        features = {
            "encoded": make_picture(seed=seed),
            "format": "jpg",
            "height": 32,
            "width": 48,
            "class_label": label,
        }
        return example(**(features | more))

    return make


@pytest.fixture
def flowers(tmp_path, slim):
    """2 files to train, 1 to validate, and labels.txt."""
    folder = tmp_path / "flowers"
    folder.mkdir()
    for shard in range(2):
        records = [slim(10 * shard + seed, seed % 3) for seed in range(4)]
        write(folder / f"flowers_train-0000{shard}-of-00002.tfrecord", *records)
    write(folder / "flowers_validation-00000-of-00001.tfrecord", *(slim(90 + seed, seed) for seed in range(3)))
    (folder / "labels.txt").write_text("".join(f"{number}:{name}\n" for number, name in enumerate(CLASSES)))
    return folder


def open_records(folder, prefix=None, labels_file=None, labels_offset=0, **pictures):
    return open_record_files(folder, RecordOptions(PictureOptions(**pictures), {}, labels_offset), prefix, labels_file)


def take(source, folder):
    """What a conversion takes in: the intake, and the classes."""
    folder.mkdir()
    staging = Staging(folder)
    with staging.exclusive():
        chunks, _ = source.plan_chunks(2)
        intake = take_in(chunks, staging, 2, source.unit)
    return intake, source.name_classes(intake.items)


def test_splits_and_classes_are_as_the_files_say(flowers, tmp_path):
    source = open_records(flowers)
    intake, classes = take(source, tmp_path / "work")
    assert classes == CLASSES
    assert [item.split for item in intake.items] == ["train"] * 8 + ["validation"] * 3
    assert [item.text for item in intake.items][8:] == list(CLASSES)
    assert not intake.rejected
    assert sorted(source.inputs) == [
        "flowers_train-00000-of-00002.tfrecord",
        "flowers_train-00001-of-00002.tfrecord",
        "flowers_validation-00000-of-00001.tfrecord",
        "labels.txt",
    ]


def test_a_sample_is_the_picture_of_its_record(flowers, tmp_path, make_picture):
    intake, _ = take(open_records(flowers), tmp_path / "work")
    item, picture = intake.items[8], make_picture(seed=90)
    assert item.key == item.filename == "flowers_validation-00000-of-00001.tfrecord/000000"
    assert (item.height, item.width, item.format) == (32, 48, "jpeg")
    assert item.identity == item.digest == hashlib.sha256(picture).hexdigest()
    with open(item.source, "rb") as file:
        file.seek(item.offset)
        assert file.read(item.size_bytes) == picture


def test_features_beside_the_picture_may_be_missing_or_there(tmp_path, slim, make_picture):
    known = slim(2, 1, class_text="roses", filename="garden/7.jpg", group="bed 3", subject="anna")
    write(tmp_path / "train.tfrecord", example(encoded=make_picture("PNG"), class_label=0), known)
    intake, classes = take(open_records(tmp_path), tmp_path / "work")
    first, second = intake.items
    assert (first.text, first.format, first.group) == ("0", "jpeg", "")
    assert (second.text, second.filename, second.group, second.subject) == ("roses", "garden/7.jpg", "bed 3", "anna")
    assert second.key == "train.tfrecord/000001-7.jpg"
    assert classes == ("0", "roses")


def test_without_names_the_numbers_are_the_classes_in_their_order(tmp_path, slim):
    write(tmp_path / "train.tfrecord", slim(0, 10), slim(1, 9), slim(2, 11))
    assert take(open_records(tmp_path), tmp_path / "work")[1] == ("9", "10", "11")


def test_the_offset_is_taken_off_and_what_falls_below_is_left_out(flowers, tmp_path):
    intake, classes = take(open_records(flowers, labels_offset=1), tmp_path / "work")
    assert classes == ("roses", "tulips")
    assert {item.text for item in intake.items} == {"roses", "tulips"}
    reasons = {one.reason for one in intake.rejected}
    assert reasons == {"its label 0 is below dataset.labels_offset=1"}
    assert len(intake.rejected) == 4 + 1


def test_wrong_records_are_left_out_by_name(tmp_path, slim, make_picture):
    records = (
        slim(0, 0),
        slim(1, 7),
        example(encoded=make_picture(seed=2)),
        example(class_label=0),
        example(encoded=make_picture(seed=3)[:400], class_label=1),
        b"not an example",
        example(encoded=make_picture(seed=4), class_label=0, class_labels=3),
        slim(5, 1),
    )
    write(tmp_path / "train.tfrecord", *records)
    (tmp_path / "labels.txt").write_text("0:a\n1:b\n")
    intake, _ = take(open_records(tmp_path), tmp_path / "work")
    assert [item.key for item in intake.items] == ["train.tfrecord/000000", "train.tfrecord/000007"]
    told = {one.path: one.reason for one in intake.rejected}
    assert told["train.tfrecord/000001"] == "its label 7 is not in the file of class names"
    assert told["train.tfrecord/000002"] == "it has no image/class/label"
    assert told["train.tfrecord/000003"].startswith("no feature 'image/encoded'")
    assert told["train.tfrecord/000004"].startswith(("truncated", "damaged"))
    assert "tf.train.Example" in told["train.tfrecord/000005"] or "truncated" in told["train.tfrecord/000005"]
    assert told["train.tfrecord/000006"].startswith("it has several labels")


def test_flipped_bits_cost_one_record_and_a_wrong_length_the_rest(tmp_path, slim):
    path = write(tmp_path / "train.tfrecord", *(slim(seed, seed % 2) for seed in range(4)))
    data = bytearray(path.read_bytes())
    size = struct.unpack_from("<Q", data)[0] + 16
    data[40] ^= 1
    third = size + struct.unpack_from("<Q", data, size)[0] + 16
    data[third] ^= 1
    path.write_bytes(bytes(data))
    intake, _ = take(open_records(tmp_path), tmp_path / "work")
    assert [item.key for item in intake.items] == ["train.tfrecord/000001"]
    first, rest = intake.rejected
    assert (first.path, first.reason) == ("train.tfrecord/000000", "the record's checksum differs: flipped bits")
    assert rest.path == "train.tfrecord"
    assert rest.reason.startswith("record 2 at byte")
    assert rest.reason.endswith("what follows it is left out")


def test_a_record_too_large_for_a_picture_is_not_read(tmp_path, slim):
    """A file with holes may promise any length, and checksums of lengths can be forged."""
    path = write(tmp_path / "train.tfrecord", slim(0, 0))
    from tfrecords.framing import _checksum

    length = struct.pack("<Q", 2**37)
    with open(path, "ab") as file:
        file.write(length + _checksum(length))
        file.truncate(file.tell() + 2**37 + 4)
    if os.stat(path).st_blocks * 512 > 2**30:
        pytest.skip("this file system has no holes")
    source = open_records(tmp_path)
    unit = next(iter(source.plan_chunks(1)[0][0].units()))
    from graphcore.sources import record_samples

    with open(path, "rb", buffering=0) as opened:
        taken = list(record_samples._take_records(opened, "train.tfrecord", "train", source.options))
    assert unit.name == "train.tfrecord"
    assert taken[0].item is not None
    assert taken[1].rejected is not None
    assert taken[1].rejected.reason.startswith("too large: 137438953472 bytes")


def test_records_are_counted_by_their_lengths(flowers):
    assert count_records(flowers / "flowers_train-00001-of-00002.tfrecord") == 4


def test_what_can_be_no_dataset_is_refused(tmp_path, slim):
    with pytest.raises(DatasetError, match=r"does not exist(.|\n)*\.tfrecord"):
        open_records(tmp_path / "none")
    with pytest.raises(DatasetError, match=r"holds no files of records(.|\n)*NAME_SPLIT"):
        open_records(tmp_path)
    with pytest.raises(ConfigError, match="not on this machine"):
        open_records(UPath("memory://bucket/records"))
    write(tmp_path / "test.tfrecord", slim(0, 0))
    with pytest.raises(DatasetError, match="records to test, none to train on"):
        open_records(tmp_path)
    write(tmp_path / "train.tfrecord", slim(0, 0))
    with pytest.raises(DatasetError, match=r"dataset\.labels_file=.*names\.txt"):
        open_records(tmp_path, labels_file=tmp_path / "names.txt")


def test_another_file_of_names_is_another_input(flowers, tmp_path):
    names = tmp_path / "names.txt"
    names.write_text("a\nb\nc\n")
    source = open_records(flowers, labels_file=names)
    assert source.name_classes([]) == ("a", "b", "c")
    assert "names.txt" in source.inputs
    assert "labels.txt" not in source.inputs


def test_what_decides_the_samples_decides_the_fingerprint(flowers):
    def fingerprint(**options):
        return open_records(flowers, **options).plan_chunks(1)[0][0].fingerprint

    assert fingerprint() == fingerprint()
    assert len({fingerprint(), fingerprint(labels_offset=1), fingerprint(quality=80)}) == 3
    before = fingerprint()
    (flowers / "labels.txt").write_text("0:a\n1:b\n2:c\n")
    assert fingerprint() != before


def test_a_conversion_keeps_the_splits_and_takes_a_missing_one_from_train(tmp_path, slim, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "flowers"
    folder.mkdir()
    write(folder / "flowers_train-0-of-1.tfrecord", *(slim(seed, seed % 2) for seed in range(40)))
    write(folder / "flowers_validation-0-of-1.tfrecord", *(slim(100 + seed, seed % 2) for seed in range(6)))
    config = Config(
        dataset=RecordFilesConfig(kind="record_files", dir="flowers"), optimizer=AdamConfig(), schedule=ScheduleConfig()
    )
    manifest = convert(config)
    assert manifest.labels == ("0", "1")
    assert manifest.samples("validation") == 6
    assert manifest.samples("train") + manifest.samples("test") == 40
    assert 0 < manifest.samples("test") < 12
    assert is_fresh(config)
    config.dataset.labels_offset = 1
    assert not is_fresh(config)


def test_records_among_the_inputs_are_refused(flowers):
    dataset = RecordFilesConfig(kind="record_files", dir=str(flowers), records=str(flowers / "mine"))
    with pytest.raises(ConfigError, match="whose files are inputs"):
        records_dir(dataset)
