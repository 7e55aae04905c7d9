"""Shards to batches: read, shuffle, decode, augment, batch, with tf.data.

What a training sees at step N is a function of the seed and N alone, so a dataset can start at any step.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graphcore.config import AugmentConfig
from graphcore.errors import DatasetError
from graphcore.graph.runtime import tf
from graphcore.inputs.augment import augment, build_draws
from graphcore.inputs.preprocess import decode_and_prepare, decode_picture
from graphcore.nets.input_spec import InputSpec

READ_BYTES = 8 * 2**20
# Encoded pictures that wait to be drawn from. Shards are in hashed order already, so this only varies the
# epochs.
SHUFFLE_BYTES = 128 * 2**20
MAX_SHUFFLED = 4096
PREFETCHED_BATCHES = 2

_FEATURES = {
    "image/encoded": tf.io.FixedLenFeature([], tf.string),
    "image/class/label": tf.io.FixedLenFeature([], tf.int64),
    "sample/key": tf.io.FixedLenFeature([], tf.string, default_value=""),
}


@dataclass(frozen=True)
class EpochPlan:
    """Where a step lies: `epoch`, and how many samples of it are done.

    Attributes:
        epoch: 0 is the first.
        skipped: samples of that epoch that earlier steps have seen.
        per_epoch: samples in an epoch; what does not fill a batch waits for another epoch's order.
    """

    epoch: int
    skipped: int
    per_epoch: int


def plan_epoch(step: int, count: int, batch_size: int) -> EpochPlan:
    """Finds the place of `step` (0 is the first) in a training over `count` samples.

    Raises:
        DatasetError: there are fewer samples than one batch holds.
    """
    batches = count // batch_size
    if batches == 0:
        raise DatasetError(
            f"trainer.batch_size={batch_size} is more than the {count} training samples.",
            next_step=f"Set trainer.batch_size to {max(count, 1)} or less, or give more data.",
        )
    return EpochPlan(step // batches, step % batches * batch_size, batches * batch_size)


def plan_shuffle_buffer(size_bytes: int, count: int) -> int:
    """How many encoded samples to hold for shuffling, so that they stay within SHUFFLE_BYTES on average."""
    mean_bytes = max(1, size_bytes // max(1, count))
    return max(1, min(count, MAX_SHUFFLED, max(64, SHUFFLE_BYTES // mean_bytes)))


def parse_record(record: Any) -> tuple[Any, Any, Any]:
    """One serialized example to contents (string), label (int32) and key (string), all scalars."""
    parsed = tf.io.parse_single_example(record, _FEATURES)
    return parsed["image/encoded"], tf.cast(parsed["image/class/label"], tf.int32), parsed["sample/key"]


def make_dataset(paths: Sequence[Path], spec: InputSpec, batch_size: int, threads: int | None = None) -> Any:
    """Every sample once, in the order of the shards; the last batch is as small as it comes out.

    Returns:
        Batches of images float32 [batch, size, size, 3] in [spec.low, spec.high], labels int32 [batch] and
        keys string [batch].
    """

    def read(record: Any) -> tuple[Any, Any, Any]:
        contents, label, key = parse_record(record)
        return decode_and_prepare(contents, spec), label, key

    dataset = _read_shards(tf.constant([str(path) for path in paths], tf.string))
    dataset = dataset.map(read, num_parallel_calls=threads or _cores(), deterministic=True)
    return _with_options(dataset.batch(batch_size).prefetch(PREFETCHED_BATCHES), threads)


def make_training_dataset(
    paths: Sequence[Path],
    spec: InputSpec,
    batch_size: int,
    *,
    count: int,
    augmentation: AugmentConfig,
    seed: int,
    first_step: int = 0,
    threads: int | None = None,
) -> Any:
    """Endless shuffled and augmented batches, from `first_step` on.

    Args:
        paths: the training shards.
        spec: what the network takes.
        batch_size: samples a batch, always full.
        count: samples in the shards.
        augmentation: random changes.
        seed: of order and changes.
        first_step: how many batches an earlier part of this training has seen.
        threads: decoding threads; every core when None.

    Returns:
        Batches of images float32 [batch_size, size, size, 3] in [spec.low, spec.high] and labels int32
        [batch_size].

    Raises:
        DatasetError: there are fewer samples than one batch holds.
    """
    plan = plan_epoch(first_step, count, batch_size)
    buffer = plan_shuffle_buffer(sum(path.stat().st_size for path in paths), count)
    files = tf.constant([str(path) for path in paths], tf.string)

    def read_epoch(epoch: Any) -> Any:
        skipped = tf.where(tf.equal(epoch, plan.epoch), tf.constant(plan.skipped, tf.int64), 0)
        ranks = tf.random.stateless_uniform([len(paths)], seed=tf.stack([tf.constant(seed, tf.int64), epoch]))
        shuffled = tf.gather(files, tf.argsort(ranks))
        records = _read_shards(shuffled).shuffle(buffer, seed=_mix(seed, epoch), reshuffle_each_iteration=False)
        return records.take(plan.per_epoch).skip(skipped)

    def read(index: Any, record: Any) -> tuple[Any, Any]:
        contents, label, _ = parse_record(record)
        return augment(decode_picture(contents), build_draws(seed, index), augmentation, spec), label

    epochs = tf.data.Dataset.range(plan.epoch, tf.int64.max)
    dataset = epochs.flat_map(read_epoch).enumerate(first_step * batch_size)
    dataset = dataset.map(read, num_parallel_calls=threads or _cores(), deterministic=True)
    return _with_options(dataset.batch(batch_size, drop_remainder=True).prefetch(PREFETCHED_BATCHES), threads)


def _read_shards(paths: Any) -> Any:
    return tf.data.TFRecordDataset(paths, buffer_size=READ_BYTES)


def _mix(seed: int, epoch: Any) -> Any:
    # Epochs of neighbouring seeds must not be each other's.
    return tf.bitwise.bitwise_xor(tf.constant(seed * 0x9E3779B1 % 2**31, tf.int64), epoch * 0x85EBCA6B % 2**31)


def _with_options(dataset: Any, threads: int | None) -> Any:
    options = tf.data.Options()
    options.threading.private_threadpool_size = threads or _cores()
    # Without static shapes to go by, tf.data's own rewriting costs more at the start than it saves.
    options.autotune.enabled = False
    return dataset.with_options(options)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
