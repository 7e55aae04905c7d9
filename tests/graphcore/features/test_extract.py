import io
import shutil
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from graphcore.config import AugmentConfig
from graphcore.errors import DatasetError
from graphcore.features import store
from graphcore.features.extract import get_features, plan_start
from graphcore.graph.runtime import tf, tf1
from graphcore.inputs.pipeline import View, make_dataset
from graphcore.nets.factory import get_backbone
from graphcore.nets.frozen import freeze_backbone
from tfrecords.example import Sample, encode_example
from tfrecords.manifest import Manifest, ShardInfo, write_manifest


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


AUGMENTATION = AugmentConfig(flip_left_right=True, min_area=0.3, views=2)


def test_views_of_the_training_split_follow_each_other(toy_records, backbone, frozen, tmp_path):
    found = get_features(toy_records, "train", backbone, frozen, tmp_path, 10, AUGMENTATION, 1).found
    assert (found.views, len(found), found.features.shape) == (2, 24, (48, 256))
    assert found.keys == tuple(f"train/{number}" for number in range(24))
    view = View(AUGMENTATION, 1, 1)
    with tf.Graph().as_default(), tf1.Session() as session:
        dataset = make_dataset(sorted(toy_records.glob("train-*")), backbone.input_spec, 24, view=view)
        images, labels, _ = session.run(tf1.data.make_one_shot_iterator(dataset).get_next())
    (expected,) = frozen.program.run({"images": images}, ["features"])
    np.testing.assert_allclose(found.features[24:], expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(found.labels, labels)


def test_one_view_more_is_one_pass_more(toy_records, backbone, frozen, tmp_path):
    options = (toy_records, "train", backbone, frozen, tmp_path, 10)
    two = get_features(*options, AUGMENTATION, 1)
    three = get_features(*options, replace(AUGMENTATION, views=3), 1)
    assert (two.extracted, three.extracted) == (48, 24)
    np.testing.assert_array_equal(three.found.features[:48], two.found.features)
    assert get_features(*options, AUGMENTATION, 1).cached


def test_other_seed_is_another_view(toy_records, backbone, frozen, tmp_path):
    options = (toy_records, "train", backbone, frozen, tmp_path, 24, replace(AUGMENTATION, views=1))
    first, second = (get_features(*options, seed) for seed in (1, 2))
    assert not second.cached
    assert not np.array_equal(first.found.features, second.found.features)


@pytest.mark.parametrize("split", ["validation", "test"])
def test_other_splits_are_never_changed(toy_records, backbone, frozen, tmp_path, split):
    plain = get_features(toy_records, split, backbone, frozen, tmp_path)
    found = get_features(toy_records, split, backbone, frozen, tmp_path, 64, AUGMENTATION, 1)
    assert found.cached
    assert found.found.views == 1
    np.testing.assert_array_equal(found.found.features, plain.found.features)


def test_labels_of_several_classes(backbone, frozen, tmp_path):
    name = "train-00000-of-00001.tfrecord"
    file = io.BytesIO()
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(file, "PNG")
    with tf.io.TFRecordWriter(str(tmp_path / name)) as writer:
        for number, labels in enumerate([(0, 2), (), (1,)]):
            writer.write(encode_example(Sample(str(number), file.getvalue(), "png", 9, 9, -1, "", "", labels=labels)))
    shard = ShardInfo(name, "train", 3, 1, "0" * 64)
    write_manifest(tmp_path, Manifest("toy", "image_list", ("a", "b", "c"), {}, (shard,), multi_label=True))
    found = get_features(tmp_path, "train", backbone, frozen, tmp_path / "features").found
    assert found.labels.dtype == np.uint8
    np.testing.assert_array_equal(found.labels, [[1, 0, 1], [0, 0, 0], [0, 1, 0]])


@pytest.mark.parametrize(
    ("done", "expected"), [(0, (0, 0)), (4, (0, 4)), (5, (2, 0)), (7, (2, 2)), (8, (3, 0)), (9, (3, 0))]
)
def test_pass_goes_on_in_the_shard_of_its_next_sample(done, expected):
    assert plan_start([5, 0, 3], done) == expected


@pytest.mark.parametrize("augmentation", [None, AUGMENTATION])
def test_pass_broken_off_goes_on_to_the_same_bits(
    toy_records, backbone, frozen, tmp_path, monkeypatch, capsys, augmentation
):
    monkeypatch.setattr(store, "PART_SECS", 0.0)
    options = (toy_records, "train", backbone, frozen)
    whole = get_features(*options, tmp_path / "whole", 5, augmentation, 1)
    add = store.FeatureWriter.add

    def stop(writer, features, labels, keys):
        if len(writer.keys) == 15:
            raise KeyboardInterrupt
        add(writer, features, labels, keys)

    monkeypatch.setattr(store.FeatureWriter, "add", stop)
    with pytest.raises(KeyboardInterrupt):
        get_features(*options, tmp_path / "broken", 5, augmentation, 1)
    monkeypatch.setattr(store.FeatureWriter, "add", add)
    rest = get_features(*options, tmp_path / "broken", 5, augmentation, 1)
    assert rest.extracted == whole.extracted - 15
    assert "15 of 24 pictures are there from before" in capsys.readouterr().err
    np.testing.assert_array_equal(rest.found.features, whole.found.features)
    np.testing.assert_array_equal(rest.found.labels, whole.found.labels)
    assert rest.found.keys == whole.found.keys
