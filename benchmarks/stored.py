"""An album as one file a photo and as shards, and the ways to read both with tf.data."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.drawn import HEIGHT, WIDTH, make_photo, write_album
from graphcore.graph.runtime import tf, tf1
from graphcore.inputs.epochs import plan_shuffle_buffer
from graphcore.inputs.pipeline import READ_BYTES
from graphcore.inputs.preprocess import decode_and_prepare
from graphcore.inputs.records import parse_record
from graphcore.nets.input_spec import InputSpec
from tfrecords.example import Sample, encode_example
from tfrecords.framing import DEFAULT_CHUNK_BYTES, iterate_records, write_record

SPEC = InputSpec(160)
BATCH_SIZE = 64
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

Way = Callable[[], int]
"""Reads everything and returns how many photos that were."""


class Stored(NamedTuple):
    """Where the photos lie: as files, as shards by their size in MiB; and how many bytes the files are."""

    photos: list[Path]
    shards: dict[int, list[Path]]
    size_bytes: int

    def shuffled_photos(self) -> list[Path]:
        return random.Random(0).sample(self.photos, len(self.photos))

    def plan_buffer(self) -> int:
        """Photos that wait to be drawn from, as in training."""
        return plan_shuffle_buffer(self.size_bytes, len(self.photos))


def store_album(folder: Path, photos: int, shard_mib: Sequence[int]) -> Stored:
    """Writes everything, through to the disk."""
    files = sorted(write_album(folder / "album", photos).rglob("*.jpg"))
    shards = {mib: list(_write_shards(folder / f"shards_{mib}", photos, mib << 20)) for mib in shard_mib}
    os.sync()
    return Stored(files, shards, sum(path.stat().st_size for path in files))


def _write_shards(folder: Path, photos: int, most_bytes: int) -> Iterator[Path]:
    folder.mkdir()
    number = 0
    while number < photos:
        path = folder / f"{number:06d}.tfrecord"
        with open(path, "wb") as file:
            while number < photos and file.tell() < most_bytes:
                write_record(file, encode_example(_make_sample(number)))
                number += 1
        yield path


def _make_sample(number: int) -> Sample:
    key = f"class_{number % 10}/{number:06d}.jpg"
    return Sample(key, make_photo(number), "jpeg", HEIGHT, WIDTH, number % 10, f"class_{number % 10}", key)


def take_photos(paths: Sequence[Path]) -> int:
    """One file a photo, one after the other, without tf.data."""
    count = 0
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            count += bool(file.read())
    return count


def take_records(paths: Sequence[Path], chunk_bytes: int = DEFAULT_CHUNK_BYTES) -> int:
    """Shards one after the other with tfrecords' own reader, checksums left alone as those of files are."""
    return sum(1 for path in paths for _ in iterate_records(path, check=False, chunk_bytes=chunk_bytes))


def take_chunks(paths: Sequence[Path], chunk_bytes: int) -> int:
    """The bytes of shards while the kernel is told not to read ahead, as where every read goes over a network."""
    buffer = bytearray(chunk_bytes)
    for path in paths:
        with open(path, "rb", buffering=0) as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_RANDOM)
            while file.readinto(buffer):
                pass
    return 0


def read_photos(paths: Sequence[Path], decode: bool = False, at_once: int = CORES) -> Way:
    """One file a photo with tf.data, `at_once` at a time."""

    def read(path: Any) -> Any:
        contents = tf.io.read_file(path)
        return decode_and_prepare(contents, SPEC) if decode else contents

    def make() -> Any:
        names = tf.data.Dataset.from_tensor_slices([str(path) for path in paths])
        return names.map(read, num_parallel_calls=at_once, deterministic=True)

    return _drain(make, at_once)


def read_shards(
    paths: Sequence[Path], decode: bool = False, shuffle_buffer: int = 0, chunk_bytes: int = READ_BYTES
) -> Way:
    """Shards with tf.data, in large chunks; in random order through a buffer of photos where there is one."""

    def read(record: Any) -> Any:
        return decode_and_prepare(parse_record(record)[0], SPEC)

    def make() -> Any:
        order = random.Random(0).sample(paths, len(paths)) if shuffle_buffer else paths
        records = tf.data.TFRecordDataset([str(path) for path in order], buffer_size=chunk_bytes)
        records = records.shuffle(shuffle_buffer, seed=0) if shuffle_buffer else records
        return records.map(read, num_parallel_calls=CORES, deterministic=True) if decode else records

    return _drain(make, CORES)


def _drain(make: Callable[[], Any], threads: int) -> Way:
    with tf.Graph().as_default() as graph:
        options = tf.data.Options()
        options.threading.private_threadpool_size = threads
        options.autotune.enabled = False  # as in the pipeline
        batches = make().batch(BATCH_SIZE).prefetch(2).with_options(options)
        iterator = tf1.data.make_initializable_iterator(batches)
        size = tf.shape(iterator.get_next())[0]
    session = tf1.Session(graph=graph)
    begin, step = session.make_callable(iterator.initializer), session.make_callable(size)

    def run() -> int:
        begin()
        count = 0
        try:
            while True:
                count += int(step())
        except tf.errors.OutOfRangeError:
            return count

    return run
