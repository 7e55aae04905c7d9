"""A head that learns from stretches of videos under training: one Session.run a step, on features in its graph."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from graphcore.config import Config
from graphcore.features.store import FeatureSet
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session
from graphcore.heads.judge import judge
from graphcore.heads.losses import build_correct, plan_class_weights
from graphcore.heads.sequence_loss import build_sequence_loss, find_frames, gather_frames
from graphcore.heads.temporal import SequenceHead
from graphcore.training.actions import Pause
from graphcore.training.head_gradients import build_head_gradients, build_update, choose_histograms
from graphcore.training.optimizers import get_optimizer
from graphcore.training.schedules import build_learning_rate
from graphcore.training.sequence_batches import Stretch, StretchPlan, find_rows, plan_stretches
from graphcore.training.stepper import ChunkResult, Evaluation, SessionStepper
from graphcore.training.stored_features import StoredFeatures, store_features


class SequenceStepper(SessionStepper):
    """A sequence head under training; a context manager that closes its session.

    The loss that it tells of is that of the head's answer, like the one on validation; what is trained on sums up all
    stages and what smooths them, see `heads.sequence_loss`. Where any of that is not finite, the answer is not either,
    at the next step at the latest.
    """

    def __init__(
        self,
        features: Mapping[str, FeatureSet],
        config: Config,
        class_counts: np.ndarray,
        head: SequenceHead,
        videos: Mapping[str, Sequence[np.ndarray]],
    ) -> None:
        """Builds the graph and puts the features into it.

        Args:
            features: of the splits "train" and "validation"; the latter may be empty.
            config: head, optimizer, schedule, trainer and seed are read.
            class_counts: int [classes], training frames of each class.
            head: what is trained.
            videos: of both splits, int [frames] of each video: the rows of its frames in the order of time. Every row
                of a split is a frame of one video.
        """
        graph = tf.Graph()
        self._train, self._validation, self._videos = features["train"], features["validation"], videos
        lengths = [len(rows) for rows in videos["train"]]
        self._plan = StretchPlan(lengths, config.trainer.batch_size, head.window, config.seed, features["train"].views)
        with graph.as_default():
            tf1.set_random_seed(config.seed)
            stored = {split: store_features(split, found) for split, found in features.items()}
            step = _Step(config, class_counts, head, stored["train"], self._plan.steps_per_epoch)
            self._judged = tf1.placeholder(tf.int32, [None], name="judged")
            _, end_points = head.build(stored["validation"].gather(self._judged)[0])
            everything = {variable.op.name: variable for variable in tf1.global_variables()}
            kept = {variable.op.name: variable for variable in tf1.model_variables()}
            initialize = tf1.global_variables_initializer()
            graph.finalize()
            super().__init__(graph, make_session(graph, threads=1, parallel_ops=1), head, everything, kept)
        self._session.run(initialize)
        for split, found in features.items():
            self._session.run(stored[split].initializers, stored[split].feeds(found))
        self._take = self._session.make_callable(
            [step.loss, step.correct, step.frames, step.learning_rate, step.update], [step.number, step.rows]
        )
        self._score = self._session.make_callable(end_points["probabilities"], [self._judged])
        self._step = step

    def advance(self, first_step: int, steps: int, pause: Pause) -> ChunkResult:
        """See `Stepper`; a request to pause is heard between two steps."""
        losses, correct, frames, rate, taken = 0.0, 0.0, 0, math.nan, 0
        for stretches in plan_stretches(self._plan, first_step, steps):
            loss, right, seen, rate, _ = self._take(first_step + taken, self._find_rows(stretches))
            taken, losses, correct, frames = taken + 1, losses + loss, correct + right, frames + seen
            pause.step_taken()
            if pause or not math.isfinite(losses):
                break
        return ChunkResult(taken, float(losses / taken), float(correct / frames), float(rate), self.accuracy_name)

    def evaluate(self) -> Evaluation | None:
        """See `Stepper`; every video is scored whole."""
        found = self._validation
        if not len(found):
            return None
        scores = np.zeros((len(found), self._head.num_classes), np.float32)
        for rows in self._videos["validation"]:
            scores[rows] = self._score(rows.astype(np.int32))
        return Evaluation(judge(found.labels, scores), found.keys, found.labels, scores)

    def read_histograms(self) -> dict[str, np.ndarray]:
        """See `Stepper`; gradients are those that the first step would have with the weights as they are."""
        (stretches,) = plan_stretches(self._plan, 0, 1)
        first = {self._step.number: 0, self._step.rows: self._find_rows(stretches)}
        return self._session.run(self._step.histograms, first)

    def _find_rows(self, stretches: Sequence[Stretch]) -> np.ndarray:
        return find_rows(stretches, self._videos["train"], len(self._train))


class _Step:
    """The operations of a step: its `number` and the `rows` of its stretches in, the others out."""

    def __init__(
        self, config: Config, class_counts: np.ndarray, head: SequenceHead, stored: StoredFeatures, epoch_steps: int
    ) -> None:
        self.number = tf1.placeholder(tf.int64, [], name="step")
        self.rows = tf1.placeholder(tf.int32, [None, None], name="rows")
        optimizer, schedule = config.optimizer, config.schedule
        self.learning_rate = build_learning_rate(
            self.number, optimizer.rate, schedule, config.trainer.steps, epoch_steps
        )
        mask = self.rows >= 0
        gathered, labels = stored.gather(tf.maximum(self.rows, 0))
        stages = head.build_stages(gathered, mask, is_training=True, step=self.number)
        weights = plan_class_weights(class_counts, config.head.class_weights)
        loss, self.loss = build_sequence_loss(stages, labels, mask, head, config.head, weights)
        frames = find_frames(mask)
        self.frames = tf.size(frames)
        self.correct = build_correct(gather_frames(stages[-1], frames), tf.gather(tf.reshape(labels, [-1]), frames))
        gradients = build_head_gradients(loss, head, config.head.weight_decay)
        self.update = build_update(gradients, get_optimizer(optimizer, lambda: self.learning_rate), optimizer.clip_norm)
        self.histograms = choose_histograms(gradients)
