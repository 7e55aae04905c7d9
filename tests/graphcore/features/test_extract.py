import shutil

import numpy as np
import pytest

from graphcore.errors import DatasetError
from graphcore.features.extract import get_features
from graphcore.graph.runtime import tf, tf1
from graphcore.inputs.pipeline import make_dataset
from graphcore.nets.factory import get_backbone
from graphcore.nets.frozen import freeze_backbone


@pytest.fixture(scope="module")
def backbone():
    return get_backbone("mobilenet_v1", 0.25, 128)


@pytest.fixture(scope="module")
def frozen(backbone):
    return freeze_backbone(backbone, None, seed=3)


def test_features_are_those_of_the_program_in_the_order_of_the_shards(toy_records, backbone, frozen, tmp_path):
    found = get_features(toy_records, "train", backbone, frozen, tmp_path, batch_size=10).found
    paths = sorted(toy_records.glob("train-*"))
    with tf.Graph().as_default(), tf1.Session() as session:
        dataset = make_dataset(paths, backbone.input_spec, 24)
        images, labels, _ = session.run(tf1.data.make_one_shot_iterator(dataset).get_next())
    (expected,) = frozen.program.run({"images": images}, ["features"])
    np.testing.assert_allclose(found.features, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(found.labels, labels)
    assert found.keys == tuple(f"train/{number}" for number in range(24))


def test_second_pass_comes_from_the_cache(toy_records, backbone, frozen, tmp_path):
    first = get_features(toy_records, "test", backbone, frozen, tmp_path)
    second = get_features(toy_records, "test", backbone, frozen, tmp_path)
    assert (first.cached, second.cached) == (False, True)
    np.testing.assert_array_equal(first.found.features, second.found.features)


def test_other_weights_do_not_meet_the_same_cache(toy_records, backbone, frozen, tmp_path):
    get_features(toy_records, "test", backbone, frozen, tmp_path)
    other = freeze_backbone(backbone, None, seed=4)
    assert not get_features(toy_records, "test", backbone, other, tmp_path).cached


def test_split_without_shards_gives_empty_arrays(toy_records, backbone, frozen, tmp_path):
    found = get_features(toy_records, "extra", backbone, frozen, tmp_path).found
    assert found.features.shape == (0, 256)
    assert found.keys == ()


def test_damaged_shard_is_named_with_the_next_step(toy_records, backbone, frozen, tmp_path):
    records = shutil.copytree(toy_records, tmp_path / "records")
    shard = next(records.glob("test-*"))
    data = bytearray(shard.read_bytes())
    data[len(data) // 2] ^= 1
    shard.write_bytes(data)
    with pytest.raises(DatasetError, match=r"(?s)cannot be read.*tfrecords verify"):
        get_features(records, "test", backbone, frozen, tmp_path / "features")
