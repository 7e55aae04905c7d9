import itertools

import numpy as np
import pytest

from graphcore.config import AugmentConfig
from graphcore.errors import DatasetError
from graphcore.graph.runtime import tf, tf1
from graphcore.inputs.pipeline import (
    EpochPlan,
    make_dataset,
    make_training_dataset,
    plan_epoch,
    plan_shuffle_buffer,
)
from graphcore.nets.input_spec import InputSpec

SPEC = InputSpec(16)


def read(make, batches=None):
    with tf.Graph().as_default(), tf1.Session() as session:
        fetches = tf1.data.make_one_shot_iterator(make()).get_next()
        found = []
        for _ in range(batches) if batches else itertools.count():
            try:
                found.append(session.run(fetches))
            except tf.errors.OutOfRangeError:
                break
        return found


def train_paths(records):
    return sorted(records.glob("train-*"))


def read_training(records, batches, **options):
    options = {"batch_size": 5, "count": 24, "augmentation": AugmentConfig(), "seed": 1} | options
    return read(lambda: make_training_dataset(train_paths(records), SPEC, **options), batches)


@pytest.mark.parametrize(
    ("step", "expected"),
    [(0, EpochPlan(0, 0, 20)), (3, EpochPlan(0, 15, 20)), (4, EpochPlan(1, 0, 20)), (9, EpochPlan(2, 5, 20))],
)
def test_epoch_holds_whole_batches_only(step, expected):
    assert plan_epoch(step, count=24, batch_size=5) == expected


def test_batch_larger_than_the_split_is_refused_with_both_numbers():
    with pytest.raises(DatasetError, match=r"batch_size=25 is more than the 24 training samples"):
        plan_epoch(0, count=24, batch_size=25)


@pytest.mark.parametrize(
    ("size_bytes", "count", "expected"),
    [(1000, 10, 10), (10**9, 10**5, 4096), (10**10, 10**5, 1342), (10**12, 10**4, 64)],
)
def test_shuffle_buffer_is_bounded_by_bytes(size_bytes, count, expected):
    assert plan_shuffle_buffer(size_bytes, count) == expected


def test_every_sample_comes_once_in_order_with_its_label(toy_records):
    found = read(lambda: make_dataset(train_paths(toy_records), SPEC, batch_size=10))
    assert [len(labels) for _, labels, _ in found] == [10, 10, 4]
    keys = [key.decode() for _, _, keys in found for key in keys]
    assert keys == [f"train/{number}" for number in range(24)]
    assert [label for _, labels, _ in found for label in labels] == [number % 3 for number in range(24)]
    assert found[0][0].shape == (10, 16, 16, 3)


def test_pictures_belong_to_their_labels(toy_records):
    images, labels, _ = read(lambda: make_dataset(train_paths(toy_records), SPEC, batch_size=24))[0]
    np.testing.assert_array_equal(2 - images.mean((1, 2)).argmax(1), labels)


def test_epoch_of_training_draws_without_replacement(toy_records):
    images = np.concatenate([images for images, _ in read_training(toy_records, 6, batch_size=4)])
    assert len(np.unique(images.reshape(24, -1), axis=0)) == 24


def test_epochs_have_orders_of_their_own(toy_records):
    images = [images for images, _ in read_training(toy_records, 2, batch_size=24)]
    assert not np.array_equal(images[0], images[1])
    np.testing.assert_allclose(np.sort(images[0], axis=None), np.sort(images[1], axis=None))


@pytest.mark.parametrize("first_step", [1, 4, 6])
def test_training_can_start_at_any_step(toy_records, first_step):
    augmentation = AugmentConfig(flip_left_right=True, random_crop=20, random_scale=10, random_brightness=10)
    whole = read_training(toy_records, 8, augmentation=augmentation)
    rest = read_training(toy_records, 8 - first_step, augmentation=augmentation, first_step=first_step)
    for (images, labels), (resumed_images, resumed_labels) in zip(whole[first_step:], rest, strict=True):
        np.testing.assert_array_equal(images, resumed_images)
        np.testing.assert_array_equal(labels, resumed_labels)


def test_another_seed_gives_another_order(toy_records):
    (first, _), (second, _) = (read_training(toy_records, 1, batch_size=24, seed=seed)[0] for seed in (1, 2))
    assert not np.array_equal(first, second)
