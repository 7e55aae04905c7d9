"""Shards to batches: read, shuffle, decode, augment, batch, with tf.data.

What a training sees at step N is a function of the seed and N alone, so a dataset can start at any step.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphcore.config import AugmentConfig
from graphcore.graph.runtime import tf
from graphcore.inputs.augment import augment
from graphcore.inputs.draws import build_draws
from graphcore.inputs.epochs import plan_epoch, plan_shuffle_buffer
from graphcore.inputs.preprocess import decode_picture, prepare
from graphcore.inputs.records import parse_record
from graphcore.inputs.sampling import build_copies, plan_class_rates
from graphcore.nets.input_spec import InputSpec

READ_BYTES = 8 * 2**20
PREFETCHED_BATCHES = 2
# Views draw from stretches of indices of their own, longer than any dataset.
_VIEW_STRIDE = 2**40


@dataclass(frozen=True)
class View:
    """Every sample changed once, at random: what `make_dataset` shows in place of the pictures as they are.

    Attributes:
        augmentation: which changes.
        seed: of the changes.
        number: 0 is the first; each has changes of its own, whatever their number.
    """

    augmentation: AugmentConfig
    seed: int
    number: int

    def identity(self) -> dict[str, Any]:
        """Plain values of all that decides the changes; how many views there are does not."""
        options = {name: value for name, value in asdict(self.augmentation).items() if name != "views"}
        return {"augmentation": options, "seed": self.seed, "number": self.number}


def make_dataset(
    paths: Sequence[Path],
    spec: InputSpec,
    batch_size: int,
    threads: int | None = None,
    *,
    num_labels: int | None = None,
    view: View | None = None,
    skip: int = 0,
    first_index: int = 0,
) -> Any:
    """Every sample once, in the order of the shards; the last batch is as small as it comes out.

    Args:
        paths: the shards.
        spec: what the network takes.
        batch_size: samples a batch.
        threads: decoding threads; every core when None.
        num_labels: how many classes there are where a picture may have several; None where it has one.
        view: the changes to the pictures; None for pictures as prediction sees them.
        skip: samples at the beginning of the shards that are left out.
        first_index: number in the split of the first sample that is not, which decides its changes.

    Returns:
        Batches of images float32 [batch, size, size, 3] in [spec.low, spec.high], labels int32 [batch] (uint8
        [batch, num_labels] of 0 and 1 where there may be several) and keys string [batch].
    """

    def show(image: Any, index: Any) -> Any:
        if view is None:
            return prepare(image, spec)
        return augment(image, build_draws(view.seed, index + view.number * _VIEW_STRIDE), view.augmentation, spec)

    def read(index: Any, record: Any) -> tuple[Any, Any, Any]:
        contents, label, key = parse_record(record, num_labels)
        return show(decode_picture(contents), index), label, key

    dataset = _read_shards(tf.constant([str(path) for path in paths], tf.string))
    dataset = dataset.skip(skip).enumerate(first_index)
    dataset = dataset.map(_plain(read), num_parallel_calls=threads or count_cores(), deterministic=True)
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
    sampling: str = "natural",
    class_counts: np.ndarray | None = None,
    num_labels: int | None = None,
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
        sampling: "natural", every sample once an epoch, or "uniform", every class as often as any other (see
            `graphcore.inputs.sampling`).
        class_counts: int [classes], samples of each class; needed for "uniform" alone.
        num_labels: how many classes there are where a picture may have several; None where it has one.

    Returns:
        Batches of images float32 [batch_size, size, size, 3] in [spec.low, spec.high] and labels int32
        [batch_size], or float32 [batch_size, num_labels] of 0 and 1 where there may be several.

    Raises:
        DatasetError: there are fewer samples than one batch holds.
    """
    plan = plan_epoch(first_step, count, batch_size)
    buffer = plan_shuffle_buffer(sum(path.stat().st_size for path in paths), count)
    files = tf.constant([str(path) for path in paths], tf.string)
    rates = None
    if sampling == "uniform":
        if class_counts is None:
            raise ValueError("sampling='uniform' needs class_counts")
        rates = plan_class_rates(class_counts, count)

    def read_epoch(epoch: Any) -> Any:
        skipped = tf.where(tf.equal(epoch, plan.epoch), tf.constant(plan.skipped, tf.int64), 0)
        ranks = tf.random.stateless_uniform([len(paths)], seed=tf.stack([tf.constant(seed, tf.int64), epoch]))
        records = _read_shards(tf.gather(files, tf.argsort(ranks)))
        if rates is not None:
            records = _repeat_by_class(records, rates, num_labels, _mix(seed, epoch)).take(count)
        records = records.shuffle(buffer, seed=_mix(seed, epoch), reshuffle_each_iteration=False)
        return records.take(plan.per_epoch).skip(skipped)

    def read(index: Any, record: Any) -> tuple[Any, Any]:
        contents, label, _ = parse_record(record, num_labels)
        label = label if num_labels is None else tf.cast(label, tf.float32)
        return augment(decode_picture(contents), build_draws(seed, index), augmentation, spec), label

    epochs = tf.data.Dataset.range(plan.epoch, tf.int64.max)
    dataset = epochs.flat_map(_plain(read_epoch)).enumerate(first_step * batch_size)
    dataset = dataset.map(_plain(read), num_parallel_calls=threads or count_cores(), deterministic=True)
    return _with_options(dataset.batch(batch_size, drop_remainder=True).prefetch(PREFETCHED_BATCHES), threads)


def _repeat_by_class(records: Any, rates: np.ndarray, num_labels: int | None, seed: Any) -> Any:
    """Records without end, each as often as its class is owed; what an epoch begins with is drawn."""

    def decide(owed: Any, record: Any) -> tuple[Any, tuple[Any, Any]]:
        _, label, _ = parse_record(record, num_labels)
        owed, copies = build_copies(label, owed, rates)
        return owed, (record, copies)

    owed = tf.random.stateless_uniform([len(rates) + 1], seed=tf.stack([seed, tf.constant(1, tf.int64)]))
    # One round may give less than an epoch takes. Copies share the bytes of their picture.
    decided = records.repeat().scan(owed, _plain(decide))
    return decided.flat_map(_plain(lambda record, copies: tf.data.Dataset.from_tensors(record).repeat(copies)))


def _plain(build: Callable[..., Any]) -> Callable[..., Any]:
    """Keeps AutoGraph off: nothing here is to be rewritten, and to find that out took it 0.3 s in every process."""
    return tf.autograph.experimental.do_not_convert(build)


def _read_shards(paths: Any) -> Any:
    return tf.data.TFRecordDataset(paths, buffer_size=READ_BYTES)


def _mix(seed: int, epoch: Any) -> Any:
    # Epochs of neighbouring seeds must not be each other's.
    return tf.bitwise.bitwise_xor(tf.constant(seed * 0x9E3779B1 % 2**31, tf.int64), epoch * 0x85EBCA6B % 2**31)


def _with_options(dataset: Any, threads: int | None) -> Any:
    options = tf.data.Options()
    options.threading.private_threadpool_size = threads or count_cores()
    # Without static shapes to go by, tf.data's own rewriting costs more at the start than it saves.
    options.autotune.enabled = False
    return dataset.with_options(options)


def count_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
