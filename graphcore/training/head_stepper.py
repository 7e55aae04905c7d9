"""A head under training, many steps at a time.

The features lie in the graph and one Session.run takes as many optimiser steps as there are between two
evaluations, so a step costs tens of microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcore.config import Config
from graphcore.features.store import FeatureSet
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session
from graphcore.heads.factory import Head
from graphcore.heads.judge import judge
from graphcore.heads.labels import to_multi_hot
from graphcore.heads.losses import build_correct, build_loss, plan_class_weights
from graphcore.training.actions import Pause
from graphcore.training.batches import plan_batches
from graphcore.training.head_gradients import build_head_gradients, build_update, choose_histograms
from graphcore.training.optimizers import get_optimizer
from graphcore.training.schedules import build_learning_rate
from graphcore.training.stepper import ChunkResult, Evaluation, SessionStepper
from graphcore.training.stored_features import StoredFeatures, store_features


class HeadStepper(SessionStepper):
    """A head under training on features that lie in its graph; a context manager that closes its session."""

    def __init__(
        self, features: Mapping[str, FeatureSet], config: Config, class_counts: np.ndarray, head: Head
    ) -> None:
        graph = tf.Graph()
        self._trainer, self._seed = config.trainer, config.seed
        self._count, self._views = len(features["train"]), features["train"].views
        self._classes = features["train"].labels if config.trainer.sampling == "uniform" else None
        self._validation = features["validation"]
        with graph.as_default():
            tf1.set_random_seed(config.seed)
            stored = {split: store_features(split, found) for split, found in features.items()}
            # Variables must be born outside the loop, and here they are; an optimiser's slots see to that themselves.
            _, end_points = head.build(stored["validation"].features.read_value())
            self._scores = end_points["probabilities"]
            builder = _StepBuilder(config, class_counts, head, stored["train"], self._count)
            self._chunk = _build_chunk(builder)
            self._histograms = builder.build_histograms() if config.summaries.histograms else {}
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

    def advance(self, first_step: int, steps: int, pause: Pause) -> ChunkResult:
        """See `Stepper`; a request to pause is heard between two chunks."""
        batches = plan_batches(
            first_step,
            steps,
            self._count,
            self._trainer.batch_size,
            self._seed,
            self._views,
            self._classes,
        )
        chunk = self._chunk
        taken, loss, correct, rate = self._session.run(
            [chunk.taken, chunk.loss, chunk.correct, chunk.learning_rate],
            {chunk.first_step.name: first_step, chunk.batches.name: batches},
        )
        accuracy = float(correct / taken / batches.shape[1])
        return ChunkResult(int(taken), float(loss / taken), accuracy, float(rate), self.accuracy_name)

    def evaluate(self) -> Evaluation | None:
        """See `Stepper`."""
        found = self._validation
        if not len(found):
            return None
        scores = self._session.run(self._scores)
        labels = to_multi_hot(found.labels, scores.shape[1]) if self._head.multi_label else found.labels
        return Evaluation(judge(labels, scores), found.keys, labels, scores)

    def read_histograms(self) -> dict[str, np.ndarray]:
        """See `Stepper`; gradients are those of the first batch's samples."""
        return self._session.run(self._histograms)


@dataclass(frozen=True)
class _Chunk:
    """Many steps as one operation: `first_step` and `batches` in, how many were taken and their sums out."""

    first_step: Any
    batches: Any
    taken: Any
    loss: Any
    correct: Any
    learning_rate: Any


def _build_chunk(builder: _StepBuilder) -> _Chunk:
    first_step = tf1.placeholder(tf.int64, [], name="first_step")
    # Of a known size: where it is not, every step works out anew what its mean is divided by.
    batches = tf1.placeholder(tf.int32, [None, builder.batch_size], name="batches")
    rows = tf.shape(batches)[0]

    def go_on(taken: Any, loss: Any, correct: Any, rate: Any, finite: Any) -> Any:
        return tf.logical_and(taken < rows, finite)

    def body(taken: Any, loss: Any, correct: Any, rate: Any, finite: Any) -> Any:
        update, batch_loss, batch_correct, rate = builder.take_step(
            first_step + tf.cast(taken, tf.int64), tf.gather(batches, taken)
        )
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

    start = (tf.constant(0), tf.constant(0.0), tf.constant(0.0), tf.constant(0.0), tf.constant(True))
    taken, loss, correct, rate, _ = tf1.while_loop(go_on, body, start, parallel_iterations=1, back_prop=False)
    return _Chunk(first_step, batches, taken, loss, correct, rate)


class _StepBuilder:
    """Builds the operations of a step as often as it is asked to, on the same variables."""

    def __init__(
        self, config: Config, class_counts: np.ndarray, head: Head, stored: StoredFeatures, count: int
    ) -> None:
        self._config, self._head, self._stored = config, head, stored
        self._class_weights = plan_class_weights(class_counts, config.head.class_weights)
        self._steps_per_epoch = max(1, count // min(count, config.trainer.batch_size)) if count else 1
        self.batch_size = min(count, config.trainer.batch_size)
        self._rates: list[Any] = []
        self._optimizer = get_optimizer(config.optimizer, lambda: self._rates[-1])

    def take_step(self, step: Any, batch: Any) -> tuple[Any, Any, Any, Any]:
        """Adds one step: (update, loss, correct, learning rate)."""
        config = self._config
        self._rates.append(
            build_learning_rate(
                step, config.optimizer.rate, config.schedule, config.trainer.steps, self._steps_per_epoch
            )
        )
        loss, correct, gradients = self._build_gradients(step, batch)
        update = build_update(gradients, self._optimizer, config.optimizer.clip_norm)
        return update, loss, correct, self._rates[-1]

    def build_histograms(self) -> dict[str, Any]:
        """Trained weights by name, and the gradients of the first samples of the training split."""
        batch = tf.range(self.batch_size)
        # Without a step the head draws nothing and leaves its statistics alone: a look must not change the training.
        _, _, gradients = self._build_gradients(None, batch)
        return choose_histograms(gradients)

    def _build_gradients(self, step: Any, batch: Any) -> tuple[Any, Any, dict[str, tuple[Any, Any]]]:
        head, config = self._head, self._config
        features, labels = self._stored.gather(batch, head.multi_label)
        logits, _ = head.build(features, is_training=True, step=step)
        loss = build_loss(logits, labels, config.head, self._class_weights)
        gradients = build_head_gradients(loss, head, config.head.weight_decay)
        return loss, build_correct(logits, labels, head.multi_label), gradients
