"""Time and memory from 1 000 to 10 000 photos: converted, and from photos to test in one `train`.

    pytest benchmarks/bench_growth.py -s --benchmark-only

Whole commands, each in a process of its own, with the small backbone that graphcore brings: what is measured is how
they grow. The photos are copies that differ in a comment, so splits leak into one another, and the audit only warns.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.drawn import write_album
from benchmarks.measuring import note_goal

COUNTS = (100, 1_000, MIDDLE := 3_000, 10_000)
"""The first tells how long a command takes before photos count."""
FIRST, LAST = 1_000, 10_000
ROUNDS = 3
"""Of each: a tenth of a second more or less at 100 photos is a tenth of the growth."""
_MIB = 2**20
_RSS_UNIT_BYTES = 1 if sys.platform == "darwin" else 1024

_WATCH = """
import resource, subprocess, sys, time
started = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
"""Stands between, for Linux counts what a process held before it became the command: of a fork of pytest, 80 MiB."""

_TRAIN = (
    "backbone=mobilenet_v1", "backbone.width=0.25", "backbone.image_size=128", "trainer.steps=500",
    "audit.on_leakage=warn",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One command: how long it took, and the most memory that its largest process held."""

    seconds: float
    peak_mib: float


@pytest.fixture(scope="module")
def albums(tmp_path_factory):
    folder = tmp_path_factory.mktemp("albums")
    yield {count: write_album(folder / str(count), count) for count in COUNTS}
    shutil.rmtree(folder)


def _measure(module: str, *options: str) -> Run:
    command = [sys.executable, "-c", _WATCH, sys.executable, "-m", module, "dataset=image_folder", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seconds, peak = map(float, done.stdout.split())
    return Run(seconds, peak * _RSS_UNIT_BYTES / _MIB)


def _convert(photos: Path, folder: Path) -> Run:
    return _measure(
        "graphcore.convert", f"dataset.dir={photos}", f"dataset.records={folder / 'records'}",
        f"hydra.run.dir={folder / 'job'}",
    )  # fmt: skip


def _train(photos: Path, folder: Path) -> Run:
    return _measure(
        "graphcore.train", f"dataset.dir={photos}", f"dataset.records={folder / 'records'}",
        f"backbone.features_dir={folder / 'features'}", f"hydra.run.dir={folder / 'run'}", *_TRAIN,
    )  # fmt: skip


def _summarise(several: list[Run]) -> Run:
    """The fastest, and the median of the peaks."""
    return Run(min(one.seconds for one in several), statistics.median(one.peak_mib for one in several))


@pytest.mark.parametrize("command", [_convert, _train], ids=["convert", "train"])
def test_growth(benchmark, albums, tmp_path, command):
    name = command.__name__.removeprefix("_")
    rounds: dict[int, list[Run]] = {count: [] for count in COUNTS}

    def run(count: int) -> None:
        folder = tmp_path / str(count)
        shutil.rmtree(folder, ignore_errors=True)
        rounds[count].append(command(albums[count], folder))

    def run_smaller() -> None:
        for count in COUNTS[:-1]:
            run(count)

    benchmark.pedantic(lambda: run(LAST), setup=run_smaller, rounds=ROUNDS)
    runs = {count: _summarise(several) for count, several in rounds.items()}
    last = runs[LAST]
    # What takes as long for any number: where the line through the smallest two meets zero.
    few, first = runs[COUNTS[0]], runs[FIRST]
    a_photo = (first.seconds - few.seconds) / (FIRST - COUNTS[0])
    start = first.seconds - a_photo * FIRST
    rows = {
        count: {
            "seconds": round(run.seconds, 2),
            "seconds_per_1000_after_the_start": round((run.seconds - start) / count * 1000, 3),
            "peak_mib": round(run.peak_mib, 1),
            "peak_of_the_first": round(run.peak_mib / first.peak_mib, 3),
        }
        for count, run in runs.items()
    }
    benchmark.extra_info["start_seconds"], benchmark.extra_info["growth"] = round(start, 2), rows
    print(f"\n{name}: {start:.2f} s before photos count", *rows.items(), sep="\n")
    grown = f"from {FIRST:,} to {LAST:,} photos"
    note_goal(benchmark, 7, f"{name}: peak memory {grown}", last.peak_mib / first.peak_mib, 1.1, at_most=True)
    growth = (last.seconds - start) / (first.seconds - start) / (LAST / FIRST)
    note_goal(benchmark, 7, f"{name}: seconds a photo after the start {grown}", growth, 1.1, at_most=True)
    # Below 1 000 photos the set-up of one stage hides part of the work of another.
    above = (last.seconds - runs[MIDDLE].seconds) / (LAST - MIDDLE)
    below = (runs[MIDDLE].seconds - first.seconds) / (MIDDLE - FIRST)
    what = f"{name}: seconds of each further photo from {MIDDLE:,} to {LAST:,} against from {FIRST:,} to {MIDDLE:,}"
    note_goal(benchmark, 7, what, above / below, 1.1, at_most=True)
    shutil.rmtree(tmp_path)
