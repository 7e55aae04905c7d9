"""A head under training, many steps at a time.

The features lie in the graph and one Session.run takes as many optimiser steps as there are between two
evaluations, so a step costs tens of microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graphcore.config import Config
from graphcore.features.store import FeatureSet
from graphcore.heads.factory import Head
from graphcore.heads.judge import judge
from graphcore.heads.labels import to_multi_hot
from graphcore.training import head_graph
from graphcore.training.actions import Pause
from graphcore.training.batches import plan_batches
from graphcore.training.stepper import ChunkResult, Evaluation, SessionStepper


class HeadStepper(SessionStepper):
    """A head under training on features that lie in its graph.

    A context manager: the graph goes to the next training when this one has ended well, and is closed otherwise.
    """

    def __init__(
        self, features: Mapping[str, FeatureSet], config: Config, class_counts: np.ndarray, head: Head
    ) -> None:
        self._trainer, self._seed = config.trainer, config.seed
        self._count, self._views = len(features["train"]), features["train"].views
        self._classes = features["train"].labels if config.trainer.sampling == "uniform" else None
        self._validation = features["validation"]
        self._made = made = head_graph.take(features, config, class_counts, head)
        self._numbers = made.numbers.feeds(config)
        super().__init__(made.graph, made.session, head, made.variables, made.model_variables)
        try:
            made.begin(features)
        except BaseException:  # `__exit__` comes only where the block was entered
            made.session.close()
            raise

    def __exit__(self, kind: object, *rest: object) -> None:
        if kind is None:
            head_graph.give_back(self._made)
        else:
            self._session.close()

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
        chunk = self._made.chunk
        taken, loss, correct, rate = self._session.run(
            [chunk.taken, chunk.loss, chunk.correct, chunk.learning_rate],
            {chunk.first_step.name: first_step, chunk.batches.name: batches, **self._numbers},
        )
        accuracy = float(correct / taken / batches.shape[1])
        return ChunkResult(int(taken), float(loss / taken), accuracy, float(rate), self.accuracy_name)

    def evaluate(self) -> Evaluation | None:
        """See `Stepper`."""
        found = self._validation
        if not len(found):
            return None
        scores = self._session.run(self._made.scores)
        labels = to_multi_hot(found.labels, scores.shape[1]) if self._head.multi_label else found.labels
        return Evaluation(judge(labels, scores), found.keys, labels, scores)

    def read_histograms(self) -> dict[str, np.ndarray]:
        """See `Stepper`; gradients are those of the first batch's samples."""
        return self._session.run(self._made.histograms, self._numbers)
