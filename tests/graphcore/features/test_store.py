import errno
import os

import numpy as np
import pytest

from graphcore.errors import ConfigError, DatasetError
from graphcore.features import arrays
from graphcore.features import store as module
from graphcore.features.store import FeatureStore, plan_folder


@pytest.fixture
def store(tmp_path):
    return FeatureStore(tmp_path / "features")


def write(store, count=3, split="train"):
    features = np.arange(count * 2, dtype=np.float32).reshape(count, 2)
    with store.write(split, count, 2) as writer:
        for start in range(0, count, 2):
            rows = features[start : start + 2]
            numbers = range(start, start + len(rows))
            writer.add(rows, np.array(numbers, np.int32), [f"key {number}" for number in numbers])
    return features


def test_what_was_written_is_read_and_memory_mapped(store):
    features = write(store)
    found = store.read("train", 3)
    assert isinstance(found.features, np.memmap)
    np.testing.assert_array_equal(found.features, features)
    np.testing.assert_array_equal(found.labels, [0, 1, 2])
    assert found.keys == ("key 0", "key 1", "key 2")


def test_split_without_samples(store):
    write(store, count=0)
    assert store.read("train", 0).features.shape == (0, 2)


def test_what_was_never_written_is_none(store):
    assert store.read("train", 3) is None


def test_other_number_of_samples_does_not_count(store):
    write(store)
    assert store.read("train", 4) is None


@pytest.mark.parametrize("name", ["train.features.npy", "train.labels.npy", "train.keys.json"])
def test_flipped_bit_is_noticed(store, name):
    write(store)
    path = store.folder / name
    data = bytearray(path.read_bytes())
    data[-2] ^= 1
    path.write_bytes(data)
    assert store.read("train", 3) is None


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"checksums": 3}'])
def test_damaged_note_is_noticed(store, text):
    write(store)
    (store.folder / "train.json").write_text(text)
    assert store.read("train", 3) is None


def test_truncated_array_is_noticed(store):
    write(store)
    path = store.folder / "train.features.npy"
    path.write_bytes(path.read_bytes()[:-4])
    assert store.read("train", 3) is None


def test_broken_off_writing_leaves_nothing_that_counts(store):
    write(store)
    with pytest.raises(ZeroDivisionError), store.write("train", 3, 2):
        raise ZeroDivisionError
    assert store.read("train", 3) is None
    assert not list(store.folder.glob("*.tmp"))


def test_full_disk_is_noticed_before_the_first_sample(store, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse, raising=False)
    with pytest.raises(OSError, match=r"No space left on device: .*features") as raised:
        write(store)
    assert raised.value.errno == errno.ENOSPC
    assert list(store.folder.iterdir()) == []


def test_file_system_that_cannot_reserve_is_no_hindrance(store, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EOPNOTSUPP, "Operation not supported")

    monkeypatch.setattr(os, "posix_fallocate", refuse, raising=False)
    write(store)
    assert store.read("train", 3) is not None


def test_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"backbone.features_dir=.*file cannot hold x: Not a directory"):
        write(FeatureStore(tmp_path / "file" / "x"))


def test_too_few_samples_are_an_error_with_both_numbers(store):
    with pytest.raises(DatasetError, match=r"hold 0 train samples, not the 3 of dataset.json"):
        with store.write("train", 3, 2):
            pass


def test_too_many_samples_are_an_error(store):
    with pytest.raises(DatasetError, match="more than the 1 samples"):
        with store.write("train", 1, 2) as writer:
            writer.add(np.zeros((2, 2)), np.zeros(2), ["a", "b"])


def test_folder_changes_with_each_digest(tmp_path):
    digests = [("a", "b", "c"), ("x", "b", "c"), ("a", "x", "c"), ("a", "b", "x"), ("a", "b", "c", {"number": 0})]
    assert len({plan_folder(tmp_path, *digest) for digest in digests}) == 5


def test_labels_of_several_classes_are_kept(store):
    labels = np.array([[0, 1, 1], [0, 0, 0]], np.uint8)
    with store.write("train", 2, 2, num_labels=3) as writer:
        writer.add(np.zeros((2, 2)), labels, ["a", "b"])
    found = store.read("train", 2, num_labels=3)
    assert found.labels.dtype == np.uint8
    np.testing.assert_array_equal(found.labels, labels)
    assert found.views == 1


@pytest.mark.parametrize("num_labels", [None, 2])
def test_labels_of_another_kind_do_not_count(store, num_labels):
    with store.write("train", 1, 2, num_labels=3) as writer:
        writer.add(np.zeros((1, 2)), np.zeros((1, 3)), ["a"])
    assert store.read("train", 1, num_labels) is None


@pytest.fixture
def broken_off(store, monkeypatch):
    """A store in which the fourth of five samples was being made when the process ended."""
    monkeypatch.setattr(module, "PART_SECS", 0.0)
    with pytest.raises(KeyboardInterrupt), store.write("train", 5, 2) as writer:
        for number in range(3):
            writer.add(np.full((1, 2), number), np.array([number]), [f"key {number}"])
        raise KeyboardInterrupt
    return store


def finish(store):
    with store.write("train", 5, 2) as writer:
        there = list(writer.keys)
        for number in range(len(there), 5):
            writer.add(np.full((1, 2), number), np.array([number]), [f"key {number}"])
    return there


def test_broken_off_writing_goes_on_after_its_parts(broken_off):
    assert finish(broken_off) == ["key 0", "key 1", "key 2"]
    found = broken_off.read("train", 5)
    np.testing.assert_array_equal(found.features, np.arange(5)[:, None].repeat(2, 1))
    np.testing.assert_array_equal(found.labels, range(5))
    assert found.keys == tuple(f"key {number}" for number in range(5))


def test_finished_writing_leaves_no_parts(broken_off):
    finish(broken_off)
    names = {path.name for path in broken_off.folder.iterdir()}
    assert names == {"train.features.npy", "train.labels.npy", "train.keys.json", "train.json"}


def test_what_a_killed_process_left_aside_goes_away(store):
    store.folder.mkdir()
    mine = arrays.name_aside(store.folder / "train.features.npy")
    # No process has this number: the largest that Linux gives is 2**22.
    dead = mine.with_name(mine.name.replace(f".{os.getpid()}.", ".99999999."))
    dead.write_bytes(b"reserved")
    write(store)
    assert not dead.exists()
