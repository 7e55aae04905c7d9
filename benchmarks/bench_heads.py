"""Training a head: many steps inside one `Session.run` against a `Session.run` for each step.

    pytest benchmarks/bench_heads.py -s --benchmark-only

The same linear head, loss, weight decay and optimiser on the same batches, four ways: ours, with the features in the
graph and a loop around the step; a step fed from arrays in memory by `Session.run` with a feed_dict, and by
`make_callable`, its best form; and a step whose features are read from text files, one a sample, as scripts did that
keep features as text. The ways that feed take fewer steps, and are counted by the step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.measuring import note_goal, time_beside
from graphcore.config import (
    AdamConfig,
    Config,
    HeadConfig,
    ImageFolderConfig,
    MomentumConfig,
    ScheduleConfig,
    SgdConfig,
    TrainerConfig,
)
from graphcore.features.store import FeatureSet
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session
from graphcore.heads.factory import get_head
from graphcore.heads.losses import build_loss
from graphcore.training.actions import Pause
from graphcore.training.batches import plan_batches
from graphcore.training.head_gradients import build_head_gradients, build_update
from graphcore.training.head_stepper import HeadStepper
from graphcore.training.optimizers import get_optimizer

SAMPLES, CLASSES, RATE = 3025, 10, 0.01
OPTIMIZERS = {
    "sgd": SgdConfig("sgd", RATE),
    "momentum": MomentumConfig("momentum", RATE),
    "adam": AdamConfig("adam", RATE),
}
OURS, FED, READ = 2000, 200, 8
"""Steps a round of each way."""


def draw_features(dimension: int, samples: int = SAMPLES) -> FeatureSet:
    random = np.random.default_rng(0)
    labels = (np.arange(samples) % CLASSES).astype(np.int32)
    values = random.normal(size=(CLASSES, dimension))[labels] * 0.1 + random.normal(size=(samples, dimension))
    return FeatureSet(values.astype(np.float32), labels, tuple(f"{number:05d}" for number in range(samples)))


def make_config(optimizer: str, batch_size: int) -> Config:
    return Config(
        dataset=ImageFolderConfig(kind="image_folder"),
        head=HeadConfig(),
        optimizer=OPTIMIZERS[optimizer],
        schedule=ScheduleConfig("fixed"),
        trainer=TrainerConfig(steps=OURS, batch_size=batch_size),
    )


@contextmanager
def open_fed_step(config: Config, dimension: int) -> Iterator[tuple[Callable[..., Any], Callable[..., Any]]]:
    """One step of the same training as two functions of (features, labels): by `Session.run` and by `make_callable`."""
    head = get_head(config.head, CLASSES, config.seed)
    with tf.Graph().as_default() as graph:
        features = tf1.placeholder(tf.float32, [None, dimension])
        labels = tf1.placeholder(tf.int32, [None])
        logits, _ = head.build(features, is_training=True)
        loss = build_loss(logits, labels, config.head)
        gradients = build_head_gradients(loss, head, config.head.weight_decay)
        update = build_update(gradients, get_optimizer(config.optimizer, lambda: tf.constant(RATE)), 0.0)
        initialize = tf1.global_variables_initializer()
    # One thread is faster here than several are, for the fed step as for ours.
    with make_session(graph, threads=1, parallel_ops=1) as session:
        session.run(initialize)

        def run(batch: np.ndarray, truth: np.ndarray) -> None:
            session.run([update, loss], {features: batch, labels: truth})

        yield run, session.make_callable([update, loss], [features, labels])


def write_texts(folder: Path, found: FeatureSet) -> list[Path]:
    """One file a sample, its features in decimal with commas between."""
    paths = [folder / f"{key}.txt" for key in found.keys]
    for path, values in zip(paths, found.features, strict=True):
        path.write_text(",".join(str(value) for value in values))
    return paths


def read_texts(paths: list[Path], rows: np.ndarray) -> np.ndarray:
    # As old_way.py does it: number by number in Python a batch takes 5.5 ms, and so 3.8.
    return np.array([np.fromstring(paths[row].read_bytes(), np.float32, sep=",") for row in rows])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("batch_size", [32, 100])
@pytest.mark.parametrize("dimension", [512, 1024])
def test_steps_a_second(benchmark, tmp_path, dimension, batch_size, optimizer):
    config, found = make_config(optimizer, batch_size), draw_features(dimension)
    paths = write_texts(tmp_path, found)
    batches = plan_batches(0, FED, SAMPLES, batch_size, config.seed)
    splits = {"train": found, "validation": draw_features(dimension, 100)}
    head = get_head(config.head, CLASSES, config.seed)
    stepper = HeadStepper(splits, config, np.full(CLASSES, SAMPLES // CLASSES), head)
    with stepper, open_fed_step(config, dimension) as (run, call):

        def feed(step: Callable[..., Any]) -> None:
            for rows in batches:
                step(found.features[rows], found.labels[rows])

        def read_and_feed() -> None:
            for rows in batches[:READ]:
                run(read_texts(paths, rows), found.labels[rows])

        others = {"feed_dict": lambda: feed(run), "make_callable": lambda: feed(call), "text files": read_and_feed}
        beside = time_beside(benchmark, lambda: stepper.advance(0, OURS, Pause()), others, rounds=5)
    steps = {"ours": OURS, "feed_dict": FED, "make_callable": FED, "text files": READ}
    rates = {name: steps[name] / secs for name, secs in beside.seconds.items()}
    ratios = {name: ratio * OURS / steps[name] for name, ratio in beside.ratios.items()}
    benchmark.extra_info["steps_per_second"] = {name: round(rate) for name, rate in rates.items()}
    benchmark.extra_info["times_the_steps_of"] = {name: round(ratio, 2) for name, ratio in ratios.items()}
    print(f"\n{dimension} features, batch {batch_size}, {optimizer}:", benchmark.extra_info["steps_per_second"])
    if (dimension, batch_size, optimizer) == (512, 100, "adam"):  # what `train` does when nobody says otherwise
        what = "steps/s of a head, batch 100, adam, against"
        note_goal(benchmark, 3, f"{what} features read from text files and fed", ratios["text files"], 30)
        note_goal(benchmark, 3, f"{what} arrays in memory fed by feed_dict", ratios["feed_dict"], 30)
        note_goal(benchmark, 3, f"{what} the same by make_callable", ratios["make_callable"], 30)


def test_floor_of_a_step(benchmark):
    """What a step of 100 x 512 must compute, without TensorFlow: gather, two products, softmax, momentumless update."""
    found, weights = draw_features(512), np.zeros((512, CLASSES), np.float32)
    batches = plan_batches(0, FED, SAMPLES, 100, 0)

    def compute() -> None:
        for rows in batches:
            inputs = found.features[rows]
            scores = np.exp(inputs @ weights)
            scores /= scores.sum(1, keepdims=True)
            scores[np.arange(100), found.labels[rows]] -= 1
            np.subtract(weights, 1e-4 * (inputs.T @ scores), out=weights)

    benchmark.pedantic(compute, rounds=5, warmup_rounds=1)
    benchmark.extra_info["steps_per_second"] = round(FED / benchmark.stats.stats.median)
    print("\nthe arithmetic of a step in NumPy:", benchmark.extra_info["steps_per_second"], "steps/s")
