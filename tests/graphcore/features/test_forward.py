import numpy as np
import pytest

from graphcore.errors import DatasetError
from graphcore.features.forward import iterate_features
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf, tf1
from graphcore.nets.graph_backbone import make_graph_backbone
from graphcore.nets.input_spec import InputSpec

SPEC = InputSpec(8, low=0.0, high=255.0)


@pytest.fixture(scope="module")
def means():
    """A "network" whose features are the mean of each channel."""
    with tf.Graph().as_default() as graph:
        images = tf1.placeholder(tf.float32, [None, 8, 8, 3])
        features = tf.reduce_mean(images, [1, 2])
    return make_graph_backbone(Program(graph, {"images": images.name}, {"features": features.name}), SPEC)


def test_batches_follow_the_shards_with_labels_and_keys(toy_records, means):
    batches = list(iterate_features(sorted(toy_records.glob("train-*")), means, means.program, 10))
    assert [len(keys) for _, _, keys in batches] == [10, 10, 4]
    features, labels, keys = batches[2]
    assert keys == [f"train/{number}" for number in range(20, 24)]
    # The channel of the label stands out: the toy pictures are blue, green and red.
    np.testing.assert_array_equal(2 - features.argmax(1), labels)


def test_options_are_those_of_the_dataset(toy_records, means):
    (batch,) = iterate_features(sorted(toy_records.glob("test-*")), means, means.program, 10, skip=5)
    assert batch[2] == ["test/38", "test/39"]


def test_no_shards_are_no_batches(means):
    assert list(iterate_features([], means, means.program, 10)) == []


def test_missing_shard_is_named(tmp_path, means):
    with pytest.raises(DatasetError, match=r"(?s)cannot be read.*tfrecords verify"):
        list(iterate_features([tmp_path / "none"], means, means.program, 10))


@pytest.mark.parametrize("executor", ["tensorflow", "xnnpack"])
def test_executors_agree(toy_records, means, executor):
    batches = list(iterate_features(sorted(toy_records.glob("train-*")), means, means.program, 10, executor))
    features = np.concatenate([features for features, _, _ in batches])
    assert features.shape == (24, 3)
    batches = iterate_features(sorted(toy_records.glob("train-*")), means, means.program, 24)
    np.testing.assert_allclose(features, next(batches)[0], rtol=1e-6)
