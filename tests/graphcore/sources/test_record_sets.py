from __future__ import annotations

import pytest

from graphcore.errors import ConfigError, DatasetError
from graphcore.sources.record_sets import RecordName, check_whole, choose_set, list_prefixes, parse_name


@pytest.mark.parametrize(
    ("file", "prefix", "split", "shard", "shards"),
    [
        ("flowers_train-00000-of-00005.tfrecord", "flowers", "train", 0, 5),
        ("flowers_validation-00004-of-00005.tfrecord", "flowers", "validation", 4, 5),
        ("train-00007-of-01024", "", "train", 7, 1024),
        ("cifar10_test.tfrecord", "cifar10", "test", None, 1),
        ("stanford-dogs-train.tfrecord-00001-of-00002", "stanford-dogs", "train", 1, 2),
        ("train.record-00000-of-00100", "", "train", 0, 100),
        ("val.tfrecords", "", "validation", None, 1),
        ("everything.tfrecord", "everything", "", None, 1),
        ("my_photos-00000-of-00001.tfrecord", "my_photos", "", 0, 1),
    ],
)
def test_a_name_says_the_set_the_split_and_the_part(file, prefix, split, shard, shards):
    assert parse_name(file) == RecordName(file, prefix, split, shard, shards)


@pytest.mark.parametrize("file", ["labels.txt", "dataset.json", "train", "1.jpg", "README"])
def test_other_files_are_no_records(file):
    assert parse_name(file) is None


def names(*files):
    found = [parse_name(file) for file in files]
    assert None not in found
    return found


def test_one_set_needs_no_choice_and_several_do():
    flowers = names("flowers_train.tfrecord", "flowers_validation.tfrecord")
    both = [*flowers, *names("mnist_train.tfrecord", "train.tfrecord")]
    assert choose_set(flowers, None) == flowers
    assert choose_set(both, "flowers") == flowers
    assert [name.file for name in choose_set(both, "")] == ["train.tfrecord"]
    assert list_prefixes(both) == ["", "flowers", "mnist"]
    with pytest.raises(ConfigError, match=r'3 sets(.|\n)*Choices: "", flowers, mnist'):
        choose_set(both, None)
    with pytest.raises(ConfigError, match=r"dataset.prefix=cars: no such set(.|\n)*flowers"):
        choose_set(flowers, "cars")


def test_missing_files_are_named():
    with pytest.raises(DatasetError, match="train is cut into 3 files, and there is no 00001"):
        check_whole(names("a_train-00000-of-00003.tfrecord", "a_train-00002-of-00003.tfrecord"))


def test_a_name_that_promises_a_billion_files_costs_nothing():
    with pytest.raises(DatasetError, match="cut into 999999999 files, and there is no 00001, 00002"):
        check_whole(names("train-00000-of-999999999"))


def test_a_split_that_is_there_twice_is_refused():
    with pytest.raises(DatasetError, match="train is there several times, cut into 1, 2 files"):
        check_whole(names("train-0-of-1", "train-0-of-2", "train-1-of-2"))


def test_whole_sets_pass():
    check_whole(names("train-0-of-2", "train-1-of-2", "validation-0-of-1", "test.tfrecord"))
