"""Whole processes, ours and the old way's, from start to exit on the same photos with the same weights."""

from __future__ import annotations

import functools
import json
import math
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.given import IMAGE_SIZE, PHOTOS, WIDTH_OF_NETWORK, draw_album, write_network

STEPS, DEFAULT_STEPS, BATCH_SIZE = 500, 4000, 100
"""Of the runs that the goals speak of, and what retrain.py did when it was told nothing."""
SET_BY_US = ("TF_ENABLE_ONEDNN_OPTS", "TF_CPP_MIN_LOG_LEVEL", "TF_OVERRIDE_GLOBAL_THREADPOOL")
"""What importing graphcore leaves in the environment; both ways start without it."""
OLD_WAY = Path(__file__).with_name("old_way.py")


@dataclass(frozen=True)
class Ended:
    """A process that came to its end: seconds by the clock and of all cores, and what it printed."""

    seconds: float
    cpu: float
    said: str


@dataclass(frozen=True)
class Stage:
    """What both ways are given.

    Attributes:
        photos: class folders.
        checkpoint: slim's checkpoint.
        graph: the same network, frozen and folded, with its probabilities.
        phases: seconds of the parts of the latest run by the way's name, as it said itself; "process" is what it did
            not count (start, imports, exit), "cpu" the seconds of all cores.
        pictures: how many pictures it was tested on, likewise.
    """

    photos: Path
    checkpoint: Path
    graph: Path
    phases: dict[str, dict[str, float]] = field(default_factory=dict)
    pictures: dict[str, int] = field(default_factory=dict)

    def run_ours(self, folder: Path, run: Path, steps: int) -> float:
        """`train`; records and features lie in `folder`. Returns the seconds of the process."""
        name = "ours, second" if (folder / "records").exists() else "ours, first"
        given = [*self.list_options(folder, steps), f"hydra.run.dir={run}"]
        ended = run_process([*train_command(), *given])
        self._note(name, ended.said, r"Test accuracy [\d.]+% on ([\d,]+) samples")
        told = json.loads((run / "metrics.json").read_text())
        phases = {key.partition("/")[2]: value for key, value in told.items() if key.startswith("seconds/")}
        self._keep(name, ended, phases, phases["total"])
        return ended.seconds

    def run_sweep(self, folder: Path, sweep: Path, steps: int, choices: Mapping[str, Sequence[Any]]) -> float:
        """`train -m`, a job for every combination of `choices`; returns the seconds of the process."""
        given = [f"{name}={','.join(map(str, values))}" for name, values in choices.items()]
        given += [*self.list_options(folder, steps), f"hydra.sweep.dir={sweep}"]
        ended = run_process([*train_command(), "-m", *given])
        jobs = len(list(sweep.glob("*/metrics.json")))
        assert jobs == math.prod(map(len, choices.values())), f"{jobs} jobs came to an end:\n{ended.said[-2000:]}"
        self._keep("a sweep", ended, {}, 0)
        return ended.seconds

    def list_options(self, folder: Path, steps: int) -> list[str]:
        """What `train` is told."""
        backbone = {"width": WIDTH_OF_NETWORK, "image_size": IMAGE_SIZE, "checkpoint": self.checkpoint}
        return [
            *("dataset=image_folder", f"dataset.dir={self.photos}", f"dataset.records={folder / 'records'}"),
            *("backbone=mobilenet_v1", f"backbone.features_dir={folder / 'features'}"),
            *(f"backbone.{name}={value}" for name, value in backbone.items()),
            *(f"trainer.steps={steps}", f"trainer.batch_size={BATCH_SIZE}"),
        ]

    def run_old(self, folder: Path, steps: int, literal: bool = False) -> float:
        """The old way; its texts lie in `folder`. Returns the seconds of the process."""
        texts = folder / ("literal" if literal else "lean")
        name = f"the old way{' to the letter' if literal else ''}, {'warm' if texts.exists() else 'cold'}"
        folder.mkdir(parents=True, exist_ok=True)
        given = {"image_dir": self.photos, "model": self.graph, "bottleneck_dir": texts}
        given |= {"output_graph": folder / "graph.pb", "output_labels": folder / "labels.txt"}
        given |= {"summaries_dir": folder / "summaries", "how_many_training_steps": steps}
        given |= {"batch_size": BATCH_SIZE, "image_size": IMAGE_SIZE}
        ending = ["--literal", "--bottleneck_tensor=probabilities"] if literal else []
        command = [sys.executable, str(OLD_WAY), *(f"--{key}={value}" for key, value in given.items()), *ending]
        ended = run_process(command)
        self._note(name, ended.said, r"Test accuracy [\d.]+% on ([\d,]+) pictures")
        (told,) = re.findall(r"^seconds: (.*)$", ended.said, re.MULTILINE)
        phases = {part.split()[0]: float(part.split()[1]) for part in told.split(", ")}
        self._keep(name, ended, phases, sum(phases.values()))
        return ended.seconds

    def _keep(self, name: str, ended: Ended, phases: Mapping[str, float], counted: float) -> None:
        rest = {"process": round(ended.seconds - counted, 3), "cpu": round(ended.cpu, 2)}
        self.phases[name] = {**phases, **rest}

    def _note(self, name: str, said: str, pattern: str) -> None:
        found = re.search(pattern, said)
        assert found, f"{name} tested nothing:\n{said[-2000:]}"
        self.pictures[name] = int(found[1].replace(",", ""))
        share = self.pictures[name] / PHOTOS
        assert 0.08 < share < 0.12, f"{name} tested {share:.1%} of the photos"


def train_command() -> list[str]:
    """The console script, or the module where the script is not beside this Python."""
    script = Path(sys.executable).with_name("train")
    return [str(script)] if script.exists() else [sys.executable, "-m", "graphcore.train"]


def run_process(command: Sequence[str]) -> Ended:
    """Runs it from start to exit; one that fails, fails the benchmark."""
    bare = {name: value for name, value in os.environ.items() if name not in SET_BY_US}
    before, start = os.times(), time.perf_counter()
    ended = subprocess.run(command, env=bare, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seconds, after = time.perf_counter() - start, os.times()
    assert ended.returncode == 0, f"{' '.join(command)} failed:\n{ended.stdout[-3000:]}"
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return Ended(seconds, cpu, ended.stdout)


@functools.cache
def set_stage(base: Path) -> Stage:
    """Draws and writes everything, once for all benchmarks of a session.

    Args:
        base: the session's temporary folder.
    """
    folder = base / "whole_runs"
    draw_album(folder / "photos")
    checkpoint, graph = write_network(folder)
    return Stage(folder / "photos", checkpoint, graph)


def note_runs(benchmark: Any, stage: Stage) -> None:
    """Keeps what the processes said of themselves beside what was measured."""
    benchmark.extra_info["phases"] = dict(stage.phases)
    benchmark.extra_info["test_pictures"] = dict(stage.pictures)
