"""A fine-tuning step against Keras: its MobileNet of the same size under `model.fit`, same batch, threads and oneDNN.

    pytest benchmarks/bench_finetune.py -s --benchmark-only

Random weights, float32, momentum, no weight decay on either side, batches of 32. Batch norm takes the statistics of the
batch on both sides, or keeps its own on both. The step alone reads pictures from memory; the whole reads JPEGs: ours
from shards, Keras' from class folders as its tutorials do, both with mirroring by chance.

Keras runs as it does when nothing is said, and again with all steps in one call; the faster is what ours is held
against. On processors it decides against XLA by itself: asked for, a step took 10 times as much processor time (2.4 s).
"""

from __future__ import annotations

import functools
import warnings
from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.drawn import make_photo, write_album
from benchmarks.measuring import note_goal, time_beside
from graphcore.config import (
    AugmentConfig,
    BackboneConfig,
    Config,
    FinetuneConfig,
    HeadConfig,
    ImageFolderConfig,
    MomentumConfig,
    ScheduleConfig,
)
from graphcore.graph.runtime import tf
from graphcore.heads.factory import get_head
from graphcore.nets.factory import get_backbone
from graphcore.training import network
from graphcore.training.actions import Pause
from graphcore.training.network_stepper import NetworkStepper

WIDTH, SIZE, CLASSES, BATCH_SIZE = 0.5, 160, 10, 32
RATE, MOMENTUM = 0.01, 0.9
STEPS, ROUNDS, PHOTOS = 6, 3, 512
STATISTICS = {"train": "of the batch", "frozen": "kept"}


@functools.cache
def make_arrays():
    random = np.random.default_rng(0)
    images = random.uniform(-1, 1, (4 * BATCH_SIZE, SIZE, SIZE, 3)).astype(np.float32)
    return images, random.integers(0, CLASSES, len(images)).astype(np.int32)


def make_memory_dataset(*args, **options):
    dataset = tf.data.Dataset.from_tensor_slices(make_arrays()).batch(BATCH_SIZE, drop_remainder=True)
    return dataset.cache().repeat().prefetch(2)


def make_stepper(statistics, paths, photos):
    trainer = FinetuneConfig(
        name="finetune", steps=1000, batch_size=BATCH_SIZE, weight_decay=0.0, batch_norm=statistics
    )
    config = Config(
        dataset=ImageFolderConfig(kind="image_folder"),
        backbone=BackboneConfig(),
        head=HeadConfig(),
        augment=AugmentConfig(flip_left_right=True),
        optimizer=MomentumConfig("momentum", RATE, momentum=MOMENTUM),
        schedule=ScheduleConfig("fixed"),
        trainer=trainer,
    )
    data = SimpleNamespace(
        labels=tuple(map(str, range(CLASSES))),
        manifest=SimpleNamespace(multi_label=False),
        paths=lambda split: paths,
        samples=lambda split: photos if split == "train" else 0,
        class_counts=lambda split: np.full(CLASSES, photos // CLASSES),
    )
    stepper = NetworkStepper(config, data, get_backbone("mobilenet_v1", WIDTH, SIZE), get_head(config.head, CLASSES, 0))
    stepper.initialise(None)
    return stepper


def get_keras_fit(statistics, dataset, steps_a_call):
    """A function that trains Keras' network for STEPS steps."""
    import keras

    base = keras.applications.MobileNet((SIZE, SIZE, 3), WIDTH, include_top=False, weights=None, pooling="avg")
    images = keras.Input((SIZE, SIZE, 3))
    model = keras.Model(images, keras.layers.Dense(CLASSES)(base(images, training=statistics == "train")))
    model.compile(
        keras.optimizers.SGD(RATE, MOMENTUM),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
        steps_per_execution=steps_a_call,
    )

    def fit():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(dataset, steps_per_epoch=STEPS, verbose=0)

    return fit


def compare(benchmark, stepper, statistics, make_theirs, what):
    steps = iter(range(0, 10**6, STEPS))
    others = {f"keras, {count} a call": get_keras_fit(statistics, make_theirs(), count) for count in (1, STEPS)}
    found = time_beside(benchmark, lambda: stepper.advance(next(steps), STEPS, Pause()), others, ROUNDS)
    benchmark.extra_info["images_per_second"] = round(STEPS * BATCH_SIZE / found.seconds["ours"], 1)
    says = f"{what}, statistics {STATISTICS[statistics]}: against the faster of two ways of Keras'"
    note_goal(benchmark, 6, says, min(found.ratios.values()), 1.5)


@pytest.mark.parametrize("statistics", STATISTICS)
def test_step_alone(benchmark, monkeypatch, statistics):
    monkeypatch.setattr(network, "make_training_dataset", make_memory_dataset)
    with make_stepper(statistics, [], PHOTOS) as stepper:
        compare(benchmark, stepper, statistics, make_memory_dataset, "fine-tuning step, pictures in memory")


@pytest.fixture(scope="module")
def shard(tmp_path_factory):
    path = tmp_path_factory.mktemp("finetune") / "train-00000-of-00001.tfrecord"
    with tf.io.TFRecordWriter(str(path)) as writer:
        for number in range(PHOTOS):
            feature = {
                "image/encoded": tf.train.Feature(bytes_list=tf.train.BytesList(value=[make_photo(number)])),
                "image/class/label": tf.train.Feature(int64_list=tf.train.Int64List(value=[number % CLASSES])),
            }
            writer.write(tf.train.Example(features=tf.train.Features(feature=feature)).SerializeToString())
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_album(tmp_path_factory.mktemp("album"), PHOTOS, CLASSES)


def make_folder_dataset(folder):
    """As Keras' tutorials do it: decoded and resized by `image_dataset_from_directory`, mirrored, prefetched."""
    import keras

    dataset = keras.utils.image_dataset_from_directory(
        folder, image_size=(SIZE, SIZE), batch_size=BATCH_SIZE, seed=0, verbose=False
    )

    def change(images, labels):
        return tf.image.random_flip_left_right(images) / 127.5 - 1.0, labels

    return dataset.map(change, tf.data.AUTOTUNE).repeat().prefetch(tf.data.AUTOTUNE)


@pytest.mark.parametrize("statistics", STATISTICS)
def test_step_from_pictures(benchmark, shard, folder, statistics):
    with make_stepper(statistics, [shard], PHOTOS) as stepper:
        compare(
            *(benchmark, stepper, statistics, lambda: make_folder_dataset(folder)),
            "fine-tuning step, pictures decoded on the way",
        )
