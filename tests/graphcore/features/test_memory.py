import os

import numpy as np
import pytest

from graphcore.features import memory
from graphcore.features.store import FeatureSet, FeatureStore


@pytest.fixture(autouse=True)
def empty():
    memory.forget()
    yield
    memory.forget()


@pytest.fixture
def store(tmp_path):
    store = FeatureStore(tmp_path / "features")
    with store.write("train", 2, 3) as writer:
        writer.add(np.ones((2, 3), np.float32), np.array([0, 1], np.int32), ["a", "b"])
    return store


def test_the_same_finished_features_are_kept(store):
    key = memory.identify([store], "train")
    assert memory.recall(key) is None
    found = memory.remember(key, store.read("train", 2))
    assert memory.recall(memory.identify([store], "train")) is found


def test_features_that_were_made_anew_are_others(store):
    memory.remember(memory.identify([store], "train"), store.read("train", 2))
    os.utime(store.note("train"), ns=(1, 1))
    assert memory.recall(memory.identify([store], "train")) is None


def test_unfinished_features_are_not_known(store):
    assert memory.identify([store], "validation") is None
    empty = FeatureSet(np.zeros((0, 3), np.float32), np.zeros(0, np.int32), ())
    assert memory.remember(None, empty) is empty
    assert memory.recall(None) is None


def test_only_the_newest_are_kept(store):
    empty = FeatureSet(np.zeros((0, 3), np.float32), np.zeros(0, np.int32), ())
    for number in range(5):
        memory.remember((number,), empty)
    assert memory.recall((0,)) is None
    assert memory.recall((4,)) is empty
