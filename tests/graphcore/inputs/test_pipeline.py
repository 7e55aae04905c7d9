import io
import itertools

import numpy as np
import pytest
from PIL import Image

from graphcore.config import AugmentConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.inputs.pipeline import View, make_dataset, make_training_dataset
from graphcore.nets.input_spec import InputSpec
from tfrecords.example import Sample, encode_example

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


def test_view_changes_every_picture_and_no_label(toy_records):
    def show(view):
        return read(lambda: make_dataset(train_paths(toy_records), SPEC, 24, view=view))[0]

    plain, first, second = map(show, (None, *(View(AugmentConfig(min_area=0.3), 1, number) for number in range(2))))
    for images in (second[0], plain[0]):
        assert (np.abs(first[0] - images).max((1, 2, 3)) > 0.01).all()
    np.testing.assert_array_equal(first[1], plain[1])
    np.testing.assert_array_equal(first[2], plain[2])


def test_view_that_starts_later_shows_the_same_pictures(toy_records):
    paths, view = train_paths(toy_records), View(AugmentConfig(min_area=0.3), 1, 0)
    whole = read(lambda: make_dataset(paths, SPEC, 24, view=view))[0]
    # The first shard has 13 samples.
    rest = read(lambda: make_dataset(paths[1:], SPEC, 24, view=view, skip=2, first_index=15))[0]
    for all_values, values in zip(whole, rest, strict=True):
        np.testing.assert_array_equal(all_values[15:], values)


def test_identity_of_a_view_is_that_of_its_pictures():
    options = AugmentConfig(min_area=0.3, views=2)
    assert View(options, 1, 0).identity() == View(AugmentConfig(min_area=0.3, views=9), 1, 0).identity()
    others = [View(options, 2, 0), View(options, 1, 1), View(AugmentConfig(min_area=0.4), 1, 0)]
    assert all(other.identity() != View(options, 1, 0).identity() for other in others)


def make_sample(label, number):
    file = io.BytesIO()
    pixels = np.random.default_rng(number).integers(0, 256, (20, 24, 3), np.uint8)
    Image.fromarray(pixels).save(file, "PNG")
    labels = tuple({0, label})
    return Sample(str(number), file.getvalue(), "png", 20, 24, label, "", "", labels=labels)


@pytest.fixture(scope="module")
def uneven_records(tmp_path_factory):
    """Two shards with 20, 3 and 1 samples of the classes 0, 1 and 2; where there may be several, all are of 0."""
    folder = tmp_path_factory.mktemp("uneven")
    labels = [0] * 10 + [1] + [0] * 9 + [2, 0, 1, 1]
    for shard in range(2):
        with tf.io.TFRecordWriter(str(folder / f"train-{shard}")) as writer:
            for number in range(12 * shard, 12 * shard + 12):
                writer.write(encode_example(make_sample(labels[number], number)))
    return folder


def read_uneven(records, batches, **options):
    options = {"batch_size": 24, "count": 24, "sampling": "uniform", "class_counts": np.array([20, 3, 1])} | options
    return read_training(records, batches, **options)


def test_uniform_sampling_shows_every_class_as_often_in_each_epoch(uneven_records):
    for _, labels in read_uneven(uneven_records, 4):
        # 8 places each; the left-over of a class moves it by one copy of a sample at most.
        assert np.abs(np.bincount(labels, minlength=3) - 8).max() <= 1


def test_uniform_sampling_shows_all_samples_of_a_frequent_class_in_turn(uneven_records):
    images, labels = (np.concatenate(parts) for parts in zip(*read_uneven(uneven_records, 12), strict=True))
    seen = np.unique(images[labels == 0].reshape(-1, images[0].size), axis=0, return_counts=True)[1]
    assert len(seen) == 20
    # 96 places for 20 samples: 4.8 each.
    assert seen.max() <= 9


def test_uniform_sampling_can_start_in_the_middle_of_an_epoch(uneven_records):
    first_step = 6
    options = {"batch_size": 5, "augmentation": AugmentConfig(flip_left_right=True, rand_layers=1)}
    whole = read_uneven(uneven_records, 10, **options)
    rest = read_uneven(uneven_records, 10 - first_step, first_step=first_step, **options)
    for expected, found in zip(whole[first_step:], rest, strict=True):
        np.testing.assert_array_equal(expected[0], found[0])
        np.testing.assert_array_equal(expected[1], found[1])


def test_uniform_sampling_of_several_labels_goes_by_the_rarest(uneven_records):
    options = {"class_counts": np.array([24, 3, 1]), "num_labels": 3}
    for _, labels in read_uneven(uneven_records, 3, **options):
        # 24 / 3 = 8 places for each rare class, and of the 20 samples with the frequent one alone 1/3 each.
        np.testing.assert_allclose(labels[:, 1:].sum(0), [8, 8], atol=2)
        assert labels[:, 0].all()


def test_uniform_sampling_without_counts_is_a_mistake(uneven_records):
    with pytest.raises(ValueError, match="needs class_counts"):
        read_uneven(uneven_records, 1, class_counts=None)


def test_several_labels_are_ones_in_a_row_of_zeros(uneven_records):
    _, labels, keys = read(lambda: make_dataset(train_paths(uneven_records), SPEC, 24, num_labels=4))[0]
    assert labels.dtype == np.uint8
    np.testing.assert_array_equal(labels[[0, 10, 20]], [[1, 0, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0]])
    assert keys[20] == b"20"


def test_several_labels_are_numbers_in_training(uneven_records):
    ((_, labels),) = read_training(uneven_records, 1, batch_size=24, num_labels=3)
    assert labels.dtype == np.float32
    np.testing.assert_array_equal(labels.sum(0), [24, 3, 1])


def test_nothing_is_rewritten_by_autograph(toy_records, monkeypatch):
    from tensorflow.python.autograph.impl import api

    monkeypatch.setattr(api, "_convert_actual", lambda *_: pytest.fail("AutoGraph was asked to rewrite a function"))
    with tf.Graph().as_default():
        make_dataset(train_paths(toy_records), SPEC, 2)
