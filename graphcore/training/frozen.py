"""Training a new last layer on the features of a frozen backbone.

The features lie in the graph and one Session.run takes as many optimiser steps as there are between two
evaluations, so a step costs tens of microseconds.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphcore.config import Config
from graphcore.errors import ConfigError
from graphcore.features.extract import Extraction, get_features
from graphcore.features.store import FeatureSet
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session
from graphcore.heads.factory import Head, get_head
from graphcore.heads.losses import build_cross_entropy, build_weight_decay, plan_class_weights
from graphcore.nets.factory import get_configured_backbone
from graphcore.nets.frozen import freeze_backbone
from graphcore.training import checkpoints, loop
from graphcore.training.actions import StopRequest
from graphcore.training.batches import plan_batches
from graphcore.training.dataset import TrainingData, read_training_data
from graphcore.training.optimizers import get_optimizer
from graphcore.training.run import Run
from graphcore.training.schedules import build_learning_rate
from graphcore.training.stepper import SessionStepper


def train_frozen(config: Config, records: Path, run_dir: Path) -> Run:
    """Trains a head on the shards in `records`; the same call on the same folder goes on where it stopped.

    Args:
        config: every option; `backbone.checkpoint=None` takes random weights.
        records: a folder of shards with its dataset.json.
        run_dir: where checkpoints and summaries go.

    Raises:
        GraphcoreError: weights, data or options that cannot be trained with; see `loop.train`.
    """
    check_options(config)
    data = read_training_data(records)
    backbone, source = get_configured_backbone(config.backbone)
    frozen = freeze_backbone(backbone, source, config.seed)
    # Refuses the folder of another training before anything in it is replaced.
    loop.read_resumable(run_dir, loop.fingerprint_training(config, data.digest, frozen.digest))
    # The run stands alone from here on, whatever becomes of the checkpoint it began with.
    checkpoints.write_checkpoint(checkpoints.backbone_prefix(run_dir), frozen.weights)
    passes = {
        split: get_features(
            records, split, backbone, frozen, Path(config.backbone.features_dir), config.backbone.batch_size
        )
        for split in ("train", "validation")
    }
    started = time.monotonic()
    found = {split: extraction.found for split, extraction in passes.items()}
    result = train_head(found, config, data, frozen.digest, run_dir)
    checkpoints.write_checkpoint(checkpoints.best_prefix(run_dir), result.weights)
    seconds = {"features": sum(each.seconds for each in passes.values()), "train": time.monotonic() - started}
    run = data.describe_run(config, backbone.end_point, run_dir, result, seconds, _measure_speeds(passes.values()))
    run.write()
    return run


def check_options(config: Config) -> None:
    """Refuses options that a frozen backbone cannot follow.

    Raises:
        ConfigError: augmentation is asked for.
    """
    if not config.augment.is_off():
        raise ConfigError(
            "augment changes pictures at each step, and trainer=frozen looks at each picture once.",
            next_step="Set trainer=finetune, or leave augment off.",
        )


def _measure_speeds(passes: Iterable[Extraction]) -> dict[str, float]:
    real = [each for each in passes if not each.cached and len(each.found)]
    if not real:
        return {}
    images, seconds = sum(len(each.found) for each in real), sum(each.seconds for each in real)
    return {"images_per_second/features": round(images / seconds, 1)}


def train_head(
    features: Mapping[str, FeatureSet], config: Config, data: TrainingData, weights_digest: str, run_dir: Path
) -> loop.TrainingResult:
    """Trains a head on extracted features.

    Args:
        features: of the splits "train" and "validation"; the latter may be empty.
        config: head, optimizer, schedule, trainer and seed are read.
        data: the dataset the features are of.
        weights_digest: of the backbone that the features are of.
        run_dir: where checkpoints and summaries go.

    Raises:
        RunError: the loss is not finite, or the folder holds another training.
    """
    head = get_head(config.head, len(data.labels), config.seed)
    fingerprint = loop.fingerprint_training(config, data.digest, weights_digest)
    state = loop.read_resumable(run_dir, fingerprint)
    with HeadStepper(features, config, data.class_counts("train"), head) as stepper:
        return loop.train(stepper, config.trainer, run_dir, fingerprint, state)


class HeadStepper(SessionStepper):
    """A head under training on features that lie in its graph; a context manager that closes its session."""

    def __init__(
        self, features: Mapping[str, FeatureSet], config: Config, class_counts: np.ndarray, head: Head
    ) -> None:
        graph = tf.Graph()
        self._trainer, self._seed = config.trainer, config.seed
        self._count = len(features["train"])
        self._validated = len(features["validation"])
        with graph.as_default():
            tf1.set_random_seed(config.seed)
            stored = {split: _build_storage(split, found) for split, found in features.items()}
            self._chunk = _build_chunk(config, class_counts, head, stored["train"])
            self._evaluation = _build_evaluation(head, stored["validation"])
            everything = {variable.op.name: variable for variable in tf1.global_variables()}
            kept = {variable.op.name: variable for variable in tf1.model_variables()}
            initialize = tf1.global_variables_initializer()
            graph.finalize()
            # The matrices are small: more threads would only wait for each other, and one is always
            # repeatable.
            super().__init__(graph, make_session(graph, threads=1, parallel_ops=1), head, everything, kept)
        self._session.run(initialize)
        for split, found in features.items():
            self._session.run(stored[split].initializers, stored[split].feeds(found))

    def advance(self, first_step: int, steps: int, stop: StopRequest) -> loop.ChunkResult:
        """See `loop.Stepper`; a request to stop is heard between two chunks."""
        batches = plan_batches(first_step, steps, self._count, self._trainer.batch_size, self._seed)
        chunk = self._chunk
        taken, loss, correct, rate = self._session.run(
            [chunk.taken, chunk.loss, chunk.correct, chunk.learning_rate],
            {chunk.first_step.name: first_step, chunk.batches.name: batches},
        )
        return loop.ChunkResult(int(taken), float(loss / taken), float(correct / taken / batches.shape[1]), float(rate))

    def evaluate(self) -> dict[str, float] | None:
        """See `loop.Stepper`."""
        if not self._validated:
            return None
        accuracy, loss = self._session.run(self._evaluation)
        return {"accuracy": float(accuracy), "loss": float(loss)}


@dataclass(frozen=True)
class _Storage:
    """One split inside the graph, as variables that no checkpoint holds."""

    features: Any
    labels: Any
    sources: tuple[str, str]
    initializers: Any

    def feeds(self, found: FeatureSet) -> dict[Any, np.ndarray]:
        return dict(zip(self.sources, (found.features, found.labels), strict=True))


def _build_storage(split: str, found: FeatureSet) -> _Storage:
    with tf1.variable_scope(f"data/{split}"):
        sources = (
            tf1.placeholder(tf.float32, found.features.shape),
            tf1.placeholder(tf.int32, found.labels.shape),
        )
        features, labels = (
            tf1.get_variable(
                name,
                initializer=source,
                trainable=False,
                collections=[tf1.GraphKeys.LOCAL_VARIABLES],
                use_resource=True,
            )
            for name, source in zip(("features", "labels"), sources, strict=True)
        )
    names = (sources[0].name, sources[1].name)
    return _Storage(features, labels, names, [features.initializer, labels.initializer])


def _build_evaluation(head: Head, stored: _Storage) -> tuple[Any, Any]:
    labels = stored.labels.read_value()
    logits, _ = head.build(stored.features.read_value())
    right = tf.equal(tf.argmax(logits, 1, tf.int32), labels)
    return tf.reduce_mean(tf.cast(right, tf.float32)), build_cross_entropy(logits, labels)


@dataclass(frozen=True)
class _Chunk:
    """Many steps as one operation: `first_step` and `batches` in, how many were taken and their sums out."""

    first_step: Any
    batches: Any
    taken: Any
    loss: Any
    correct: Any
    learning_rate: Any


def _build_chunk(config: Config, class_counts: np.ndarray, head: Head, stored: _Storage) -> _Chunk:
    first_step = tf1.placeholder(tf.int64, [], name="first_step")
    batches = tf1.placeholder(tf.int32, [None, None], name="batches")
    weights = plan_class_weights(class_counts, config.head.class_weights)
    take_step = _get_step(config, weights, head, stored)
    # Variables and slots must be born outside the loop; this one step is built for that and never run.
    take_step(first_step, batches[0])
    rows = tf.shape(batches)[0]

    def go_on(taken: Any, loss: Any, correct: Any, rate: Any, finite: Any) -> Any:
        return tf.logical_and(taken < rows, finite)

    def body(taken: Any, loss: Any, correct: Any, rate: Any, finite: Any) -> Any:
        update, batch_loss, batch_correct, rate = take_step(first_step + tf.cast(taken, tf.int64), batches[taken])
        # The next step must not begin before this one's update: every loop variable waits for it.
        with tf.control_dependencies([update]):
            values = (
                taken + 1,
                loss + batch_loss,
                correct + batch_correct,
                rate,
                tf.math.is_finite(batch_loss),
            )
            return tuple(tf.identity(value) for value in values)

    start = (tf.constant(0), tf.constant(0.0), tf.constant(0), tf.constant(0.0), tf.constant(True))
    taken, loss, correct, rate, _ = tf1.while_loop(go_on, body, start, parallel_iterations=1, back_prop=False)
    return _Chunk(first_step, batches, taken, loss, correct, rate)


def _get_step(config: Config, class_weights: np.ndarray | None, head: Head, stored: _Storage) -> Any:
    rates: list[Any] = []
    optimizer = get_optimizer(config.optimizer, lambda: rates[-1])

    def take_step(step: Any, batch: Any) -> tuple[Any, Any, Any, Any]:
        rates.append(build_learning_rate(step, config.optimizer.learning_rate, config.schedule, config.trainer.steps))
        labels = tf.gather(stored.labels, batch)
        logits, _ = head.build(tf.gather(stored.features, batch))
        loss = build_cross_entropy(logits, labels, class_weights)
        variables = tf1.trainable_variables(head.scope)
        decayed = [variable for variable in variables if variable.op.name in head.decayed]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            penalised = loss + build_weight_decay(decayed, config.head.weight_decay)
            update = optimizer.apply_gradients(zip(tf.gradients(penalised, variables), variables, strict=True))
        correct = tf.reduce_sum(tf.cast(tf.equal(tf.argmax(logits, 1, tf.int32), labels), tf.int32))
        return update, loss, correct, rates[-1]

    return take_step
