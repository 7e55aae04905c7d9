"""The operations of a head's training: one step, and as many steps as one Session.run is to take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcore.config import Config
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.head import Head
from graphcore.heads.losses import build_correct, build_loss, plan_class_weights
from graphcore.training.head_gradients import build_head_gradients, build_update, choose_histograms
from graphcore.training.optimizers import get_optimizer
from graphcore.training.schedules import build_learning_rate
from graphcore.training.stored_features import StoredFeatures


@dataclass(frozen=True)
class FedNumbers:
    """Options that a graph is told rather than built with: float32 scalars."""

    learning_rate: Any
    weight_decay: Any

    @classmethod
    def build(cls) -> FedNumbers:
        """Adds the placeholders."""
        return cls(*(tf1.placeholder(tf.float32, [], name=name) for name in ("learning_rate", "weight_decay")))

    def feeds(self, config: Config) -> dict[Any, float]:
        """What the session is fed with for a training of these options."""
        return {self.learning_rate.name: config.optimizer.rate, self.weight_decay.name: config.head.weight_decay}


@dataclass(frozen=True)
class Chunk:
    """Many steps as one operation: `first_step` and `batches` in, how many were taken and their sums out."""

    first_step: Any
    batches: Any
    taken: Any
    loss: Any
    correct: Any
    learning_rate: Any


def build_chunk(builder: StepBuilder) -> Chunk:
    """Adds the loop over `builder.take_step`."""
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
    return Chunk(first_step, batches, taken, loss, correct, rate)


class StepBuilder:
    """Builds the operations of a step as often as it is asked to, on the same variables."""

    def __init__(
        self,
        config: Config,
        numbers: FedNumbers,
        class_counts: np.ndarray,
        head: Head,
        stored: StoredFeatures,
        count: int,
    ) -> None:
        """Takes what a step is made of.

        Args:
            config: head, optimizer, schedule and trainer are read, but for `numbers`.
            numbers: what is fed.
            class_counts: int [classes], training samples of each class.
            head: what is trained.
            stored: the training split inside the graph.
            count: its samples.
        """
        self._config, self._numbers, self._head, self._stored = config, numbers, head, stored
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
                step, self._numbers.learning_rate, config.schedule, config.trainer.steps, self._steps_per_epoch
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
        gradients = build_head_gradients(loss, head, self._numbers.weight_decay)
        return loss, build_correct(logits, labels, head.multi_label), gradients
