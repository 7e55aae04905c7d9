"""The same photos as one file each and as shards: read, and read and decoded, with the disk's help and without.

    pytest benchmarks/bench_shards.py -s

5 000 drawn photos of 400x534, 200 MB. "Shuffled" is what training wants: files in random order, against shards in
random order and the pipeline's shuffle buffer. "Cold" means that the files, not their names, have been put out of the
page cache (benchmarks/disk.py). How often the disk was asked says more of other disks than the times here do.
`python -m benchmarks.pictures` draws the figures.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmarks.disk import can_forget, count_requests, forget
from benchmarks.measuring import note_goal, time_beside
from benchmarks.stored import Stored, read_photos, read_shards, store_album, take_chunks, take_photos, take_records
from graphcore.inputs.pipeline import READ_BYTES
from tfrecords.framing import DEFAULT_CHUNK_BYTES

PHOTOS = 5000
ROUNDS = 5
SHARD_MIB = (1, 4, 16, 64, 256)
DEFAULT_MIB = 64
CHUNK_KIB = (4, 16, 64, 256, 1024, 2048, 4096, 8192, 32768)
AT_ONCE = 16
"""Files that tf.data reads side by side: 2, 8 and 16 were tried; the more, the faster where the cache is cold."""
FIGURES = "shards"
"""Where a benchmark's extra information keeps what the picture shows."""


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stored]:
    folder = tmp_path_factory.mktemp("stored")
    yield store_album(folder, PHOTOS, SHARD_MIB)
    shutil.rmtree(folder)


@pytest.fixture(params=["cold", "warm"])
def is_cold(request: pytest.FixtureRequest, stored: Stored) -> bool:
    if request.param == "cold" and not can_forget(stored.photos[0].parents[2]):
        pytest.skip("files here do not leave the page cache when told to")
    return request.param == "cold"


def measure(
    benchmark: Any,
    stored: Stored,
    panel: str,
    ways: Mapping[str, Callable[[], int]],
    to_forget: Sequence[Path],
    rounds: int = ROUNDS,
) -> dict[str, float]:
    """Times the ways side by side, the first as ours, and keeps their figures for the picture.

    Args:
        benchmark: pytest-benchmark's fixture.
        stored: the photos.
        panel: of the picture.
        ways: by name.
        to_forget: files that are put out of the page cache before each way; none where it is to be warm.
        rounds: of all ways.

    Returns:
        Photos a second of each way.
    """
    (ours, way), *others = ways.items()
    clear = partial(forget, to_forget)
    beside = time_beside(benchmark, way, dict(others), rounds, clear)
    rates = {name: PHOTOS / beside.seconds["ours" if name == ours else name] for name in ways}
    benchmark.extra_info[FIGURES] = {
        "panel": panel,
        "cache": "cold" if to_forget else "warm",
        "photos": PHOTOS,
        "defaults": {"tf.data": READ_BYTES >> 10, "tfrecords": DEFAULT_CHUNK_BYTES >> 10},
        "mib_a_photo": stored.size_bytes / PHOTOS / 2**20,
        "photos_per_second": {name: round(rate, 1) for name, rate in rates.items()},
        "requests_a_photo": {},
    }
    return rates


def count_disk_requests(
    benchmark: Any, stored: Stored, ways: Mapping[str, Callable[[], int]], to_forget: Sequence[Path]
) -> dict[str, float | None]:
    """How often the disk is asked for each photo, by way; kept for the picture too."""
    clear = partial(forget, to_forget)
    counts = {name: _count(way, stored, clear) for name, way in ways.items()}
    benchmark.extra_info[FIGURES]["requests_a_photo"] = counts
    return counts


def _count(way: Callable[[], int], stored: Stored, clear: Callable[[], None]) -> float | None:
    """The least of two, as others ask too."""
    counts = []
    for _ in range(2):
        clear()
        before = count_requests(stored.photos[0])
        way()
        after = count_requests(stored.photos[0])
        if before is None or after is None:
            return None
        counts.append((after - before) / PHOTOS)
    return round(min(counts), 4)


def test_read(benchmark, stored, is_cold):
    shards = stored.shards[DEFAULT_MIB]
    shuffled = stored.shuffled_photos()
    ways = {
        "shards, shuffled, tf.data": read_shards(shards, shuffle_buffer=stored.plan_buffer()),
        "shards, in order, tf.data": read_shards(shards),
        "shards, in order, tfrecords": partial(take_records, shards),
        "files, shuffled, tf.data": read_photos(shuffled, at_once=AT_ONCE),
        "files, shuffled, one by one": partial(take_photos, shuffled),
        "files, in order, one by one": partial(take_photos, stored.photos),
    }
    to_forget = is_cold * [*shards, *stored.photos]
    rates = measure(benchmark, stored, "read", ways, to_forget)
    what = f"shards against one file a photo, read {'cold' if is_cold else 'warm'}"
    best = "files, shuffled, tf.data"
    _note(benchmark, f"{what}, shuffled, tf.data", rates, "shards, shuffled, tf.data", best)
    ours = "shards, in order, tfrecords"
    _note(benchmark, f"{what}, in order, no tf.data", rates, ours, "files, in order, one by one")
    if is_cold:
        asked = count_disk_requests(benchmark, stored, ways, to_forget)
        if (theirs := asked[best]) and (our := asked["shards, shuffled, tf.data"]):
            note_goal(benchmark, 5, "requests to the disk, one file a photo against shards", theirs / our, None)


def test_decode(benchmark, stored, is_cold):
    shards = stored.shards[DEFAULT_MIB]
    ours = read_shards(shards, decode=True, shuffle_buffer=stored.plan_buffer())
    files = read_photos(stored.shuffled_photos(), decode=True, at_once=AT_ONCE)
    ways = {"shards, shuffled, tf.data": ours, "files, shuffled, tf.data": files}
    rates = measure(benchmark, stored, "decode", ways, is_cold * [*shards, *stored.photos], rounds=3)
    what = f"shards against one file a photo, read and decoded {'cold' if is_cold else 'warm'}, shuffled"
    _note(benchmark, what, rates, *ways)


def _note(benchmark: Any, what: str, rates: Mapping[str, float], ours: str, other: str) -> None:
    note_goal(benchmark, 5, what, rates[ours] / rates[other], None)


def test_chunk_size(benchmark, stored, is_cold):
    shards = stored.shards[DEFAULT_MIB]
    ways: dict[str, Callable[[], int]] = {}
    for kib in CHUNK_KIB:
        ways[f"tf.data/{kib}"] = read_shards(shards, chunk_bytes=kib << 10)
        ways[f"tfrecords/{kib}"] = partial(take_records, shards, kib << 10)
        if is_cold:
            ways[f"no read-ahead/{kib}"] = partial(take_chunks, shards, kib << 10)
    measure(benchmark, stored, "chunk", ways, is_cold * shards, rounds=3)


def test_shard_size(benchmark, stored, is_cold):
    mean_mib = stored.size_bytes / PHOTOS / 2**20
    ways: dict[str, Callable[[], int]] = {f"tfrecords/{mean_mib:.3f}": partial(take_photos, stored.photos)}
    for mib, paths in stored.shards.items():
        ways[f"tfrecords/{mib}"] = partial(take_records, paths)
        ways[f"tf.data/{mib}"] = read_shards(paths)
    to_forget = is_cold * [*(path for paths in stored.shards.values() for path in paths), *stored.photos]
    measure(benchmark, stored, "shard", ways, to_forget)
    if is_cold:
        count_disk_requests(benchmark, stored, ways, to_forget)
