"""Training a whole network, backbone and head, from shards: fine-tuning, or pre-training from random
weights.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphcore import console
from graphcore.config import Config
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session
from graphcore.heads.factory import Head, get_head
from graphcore.heads.judge import judge, resolve_objective
from graphcore.heads.losses import build_correct, build_loss, build_weight_decay, plan_class_weights
from graphcore.inputs.pipeline import make_dataset, make_training_dataset
from graphcore.nets.backbone import Backbone
from graphcore.nets.factory import get_configured_backbone
from graphcore.nets.restore import restore
from graphcore.nets.weights import CheckpointSource
from graphcore.training import checkpoints, loop
from graphcore.training.actions import Pause
from graphcore.training.dataset import TrainingData, read_training_data
from graphcore.training.observer import Observer
from graphcore.training.observers import get_observers
from graphcore.training.optimizers import get_optimizer
from graphcore.training.resuming import fingerprint_training, read_resumable
from graphcore.training.run import Run
from graphcore.training.schedules import build_learning_rate
from graphcore.training.stepper import ChunkResult, Evaluation, SessionStepper


def train_finetune(config: Config, records: Path, run_dir: Path, observers: Sequence[Observer] = ()) -> Run:
    """Trains backbone and head on the shards in `records`; the same call on the same folder goes on where it
    stopped.

    Args:
        config: every option; `backbone.checkpoint=None` begins from random weights.
        records: a folder of shards with its dataset.json.
        run_dir: where checkpoints and summaries go.
        observers: told of the training besides those that `config.summaries` asks for.

    Raises:
        GraphcoreError: weights, data or options that cannot be trained with; see `loop.train`.
    """
    started = time.monotonic()
    data = read_training_data(records)
    backbone, source = get_configured_backbone(config.backbone)
    head = get_head(config.head, len(data.labels), config.seed)
    fingerprint = fingerprint_training(config, data.digest, source.digest() if source else "random")
    state = read_resumable(run_dir, fingerprint)
    first_step = state.progress.step if state else 0
    with FinetuneStepper(config, data, backbone, head, first_step) as stepper:
        if state is None:
            stepper.initialise(source, config.seed)
        watching = [*get_observers(config, data, backbone, run_dir), *observers]
        objective = resolve_objective(config.trainer.objective, head.multi_label)
        result = loop.train(stepper, config.trainer, run_dir, fingerprint, state, watching, objective)
    below, above = _split_weights(result.weights, backbone.scope)
    checkpoints.write_checkpoint(checkpoints.backbone_prefix(run_dir), below)
    checkpoints.write_checkpoint(checkpoints.best_prefix(run_dir), above)
    seconds = time.monotonic() - started
    taken = (result.progress.step - first_step) * config.trainer.batch_size
    speeds = {"images_per_second/train": round(taken / seconds, 1)} if taken else {}
    run = data.describe_run(config, backbone, run_dir, result, {"train": seconds}, speeds)
    run.write()
    return run


def _split_weights(
    weights: Mapping[str, np.ndarray], scope: str
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    below = {name: value for name, value in weights.items() if name.startswith(f"{scope}/")}
    return below, {name: value for name, value in weights.items() if name not in below}


@dataclass(frozen=True)
class _Network:
    """The tensors of one step."""

    step: Any
    train_op: Any
    loss: Any
    correct: Any
    learning_rate: Any


class FinetuneStepper(SessionStepper):
    """A whole network under training, fed by tf.data; a context manager that closes its session."""

    def __init__(self, config: Config, data: TrainingData, backbone: Backbone, head: Head, first_step: int = 0) -> None:
        graph = tf.Graph()
        self._data, self._backbone = data, backbone
        self._batch_size = config.trainer.batch_size
        with graph.as_default():
            tf1.set_random_seed(config.seed)
            images, labels = _build_inputs(config, data, backbone, first_step)
            network = _build_network(config, data, backbone, head, images, labels)
            kept = {variable.op.name: variable for variable in tf1.get_collection(tf1.GraphKeys.MODEL_VARIABLES)}
            everything = {variable.op.name: variable for variable in tf1.global_variables()}
            self._evaluation = _build_evaluation(config, data, backbone, head)
            self._init_op = tf1.global_variables_initializer()
            graph.finalize()
            super().__init__(graph, make_session(graph), head, everything, kept)
        fetches = [network.loss, network.correct, network.learning_rate, network.train_op]
        self._step = self._session.make_callable(fetches, feed_list=[network.step])

    def initialise(self, source: CheckpointSource | None, seed: int) -> None:
        """Random weights, then those of `source` below the head."""
        self._session.run(self._init_op)
        if source is None:
            console.say(f"Weights of {self._backbone.title}: random, seed {seed}")
            return
        prefix = f"{self._backbone.scope}/"
        below = [variable for name, variable in self._model_variables.items() if name.startswith(prefix)]
        with self.graph.as_default():
            restore(self._session, source, below)

    def advance(self, first_step: int, steps: int, pause: Pause) -> ChunkResult:
        """See `Stepper`."""
        losses, correct, rate, taken = 0.0, 0.0, math.nan, 0
        while taken < steps:
            loss, right, rate, _ = self._step(first_step + taken)
            taken, losses, correct = taken + 1, losses + float(loss), correct + float(right)
            if pause or not math.isfinite(losses):
                break
        return ChunkResult(taken, losses / taken, correct / taken / self._batch_size, float(rate))

    def evaluate(self) -> Evaluation | None:
        """See `Stepper`."""
        if self._evaluation is None:
            return None
        restart, fetches = self._evaluation
        self._session.run(restart)
        batches = []
        try:
            while True:
                batches.append(self._session.run(fetches))
        except tf.errors.OutOfRangeError:
            scores, labels, keys = (np.concatenate(parts) for parts in zip(*batches, strict=True))
        names = tuple(key.decode("utf-8", "surrogateescape") for key in keys)
        return Evaluation(judge(labels, scores), names, labels, scores)

    def read_histograms(self) -> dict[str, np.ndarray]:
        """See `Stepper`."""
        return {name: self._session.run(self._variables[name]) for name in self._head.decayed}


def _build_inputs(config: Config, data: TrainingData, backbone: Backbone, first_step: int) -> tuple[Any, Any]:
    dataset = make_training_dataset(
        data.paths("train"),
        backbone.input_spec,
        config.trainer.batch_size,
        count=data.samples("train"),
        augmentation=config.augment,
        seed=config.seed,
        first_step=first_step,
    )
    return tf1.data.make_one_shot_iterator(dataset).get_next()


def _build_network(
    config: Config, data: TrainingData, backbone: Backbone, head: Head, images: Any, labels: Any
) -> _Network:
    step = tf1.placeholder(tf.int64, [], name="step")
    features, _ = backbone.build(images, is_training=True, weight_decay=config.head.weight_decay)
    logits, _ = head.build(features, is_training=True, step=step)
    weights = plan_class_weights(data.class_counts("train"), config.head.class_weights)
    loss = build_loss(logits, labels, config.head, weights)
    decayed = [variable for variable in tf1.trainable_variables() if variable.op.name in head.decayed]
    penalties = [
        build_weight_decay(decayed, config.head.weight_decay),
        *tf1.losses.get_regularization_losses(),
    ]
    rate = build_learning_rate(step, config.optimizer.learning_rate, config.schedule, config.trainer.steps)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        update = get_optimizer(config.optimizer, lambda: rate).minimize(loss + tf.add_n(penalties))
    train_op = tf.group(update, *tf1.get_collection(tf1.GraphKeys.UPDATE_OPS))
    correct = build_correct(logits, labels, head.multi_label)
    return _Network(step, train_op, loss, correct, rate)


def _build_evaluation(config: Config, data: TrainingData, backbone: Backbone, head: Head) -> tuple[Any, Any] | None:
    if data.samples("validation") == 0:
        return None
    dataset = make_dataset(data.paths("validation"), backbone.input_spec, config.backbone.batch_size)
    iterator = tf1.data.make_initializable_iterator(dataset)
    images, labels, keys = iterator.get_next()
    features, _ = backbone.build(images, is_training=False, reuse=True)
    _, end_points = head.build(features)
    return iterator.initializer, (end_points["probabilities"], labels, keys)
