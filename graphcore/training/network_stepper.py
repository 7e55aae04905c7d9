"""A whole network under training, backbone and head, fed by tf.data."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from graphcore import console
from graphcore.config import Config, FinetuneConfig, TrainerConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.graph.session import make_session
from graphcore.heads.factory import Head
from graphcore.heads.judge import judge
from graphcore.heads.labels import to_multi_hot
from graphcore.nets.backbone import Backbone
from graphcore.nets.restore import restore
from graphcore.nets.weights import CheckpointSource
from graphcore.training.actions import Pause
from graphcore.training.dataset import TrainingData
from graphcore.training.network import build_evaluation, build_training
from graphcore.training.precision import find_precision
from graphcore.training.stepper import ChunkResult, Evaluation, SessionStepper
from graphcore.training.trainable import TrainingPlan, plan_training

# Of the layers whose distributions are shown; a network has hundreds.
SHOWN_VARIABLES = 16


class NetworkStepper(SessionStepper):
    """A whole network under training; a context manager that closes its session.

    Attributes:
        images_seen: how many pictures `advance` has taken.
        seconds: how long it took.
    """

    def __init__(
        self,
        config: Config,
        data: TrainingData,
        backbone: Backbone,
        head: Head,
        first_step: int = 0,
        plan: TrainingPlan | None = None,
    ) -> None:
        graph = tf.Graph()
        trainer = as_finetune(config.trainer)
        plan = plan or plan_training(backbone.scope, trainer)
        precision = find_precision(trainer.precision)
        self._backbone, self._seed = backbone, config.seed
        self._batches, self._batch_size = trainer.accumulate_steps, trainer.batch_size
        self.images_seen, self.seconds = 0, 0.0
        with graph.as_default():
            tf1.set_random_seed(config.seed)
            network = build_training(config, trainer, data, backbone, head, plan, precision, first_step)
            kept = {variable.op.name: variable for variable in tf1.model_variables()}
            everything = {variable.op.name: variable for variable in tf1.global_variables()}
            self._evaluation = build_evaluation(config, data, backbone, head)
            self._init_op, prepare = tf1.global_variables_initializer(), tf1.local_variables_initializer()
            graph.finalize()
            super().__init__(graph, make_session(graph, precision=precision), head, everything, kept)
        self._session.run(prepare)
        self._averages, update = network.averages, network.update
        trained = {
            variable.op.name: gradient for variable, gradient in zip(update.variables, update.gradients, strict=True)
        }
        self._shown = {name: trained[name] for name in choose_shown(tuple(trained), head.scope)}
        self._gradients: dict[str, np.ndarray] = {}
        figures = [network.loss, network.correct]
        self._gather = self._make_callable([*figures, network.gather], network.batch) if network.gather else None
        figures.append(network.learning_rate)
        self._take = self._make_callable([*figures, network.apply], network.batch)
        self._take_and_show = self._make_callable([*figures, self._shown, network.apply], network.batch)

    def _make_callable(self, fetches: Any, batch: Any) -> Any:
        return self._session.make_callable(fetches, feed_list=[batch])

    def initialise(self, source: CheckpointSource | None) -> None:
        """Random weights, then those of `source` below the head."""
        self._session.run(self._init_op)
        if source is None:
            console.say(f"Weights of {self._backbone.title}: random, seed {self._seed}")
        else:
            prefix = f"{self._backbone.scope}/"
            below = [variable for name, variable in self._model_variables.items() if name.startswith(prefix)]
            with self.graph.as_default():
                restore(self._session, source, below)
        if self._averages:
            self._averages.begin(self._session)

    def advance(self, first_step: int, steps: int, pause: Pause) -> ChunkResult:
        """See `Stepper`."""
        started = time.monotonic()
        losses, correct, rate, taken = 0.0, 0.0, math.nan, 0
        while taken < steps:
            loss, right, rate = self._take_step(first_step + taken, is_last=taken + 1 == steps)
            taken, losses, correct = taken + 1, losses + loss, correct + right
            pause.step_taken()
            if pause or not math.isfinite(losses):
                break
        batches = taken * self._batches
        self.seconds += time.monotonic() - started
        self.images_seen += batches * self._batch_size
        accuracy = correct / batches / self._batch_size
        return ChunkResult(taken, losses / batches, accuracy, rate, self.accuracy_name)

    def _take_step(self, step: int, is_last: bool) -> tuple[float, float, float]:
        """One step: loss and correct summed over its batches, and the learning rate."""
        batch = step * self._batches
        losses, correct = 0.0, 0.0
        for gathered in range(self._batches - 1):
            assert self._gather is not None
            loss, right, _ = self._gather(batch + gathered)
            losses, correct = losses + float(loss), correct + float(right)
        if is_last:
            loss, right, rate, self._gradients, _ = self._take_and_show(batch + self._batches - 1)
        else:
            # Nobody looks at these gradients, and those of VGG are half a gibibyte.
            loss, right, rate, _ = self._take(batch + self._batches - 1)
        return losses + float(loss), correct + float(right), float(rate)

    def evaluate(self) -> Evaluation | None:
        """See `Stepper`; of the averages where there are any."""
        if self._evaluation is None:
            return None
        with self._averages.in_place(self._session) if self._averages else contextlib.nullcontext():
            scores, labels, keys = self._read_evaluation(self._evaluation.restart, self._evaluation.fetches)
        names = tuple(key.decode("utf-8", "surrogateescape") for key in keys)
        labels = to_multi_hot(labels, scores.shape[1]) if self._head.multi_label else labels
        return Evaluation(judge(labels, scores), names, labels, scores)

    def _read_evaluation(self, restart: Any, fetches: tuple[Any, ...]) -> tuple[np.ndarray, ...]:
        self._session.run(restart)
        batches = []
        try:
            while True:
                batches.append(self._session.run(fetches))
        except tf.errors.OutOfRangeError:
            return tuple(np.concatenate(parts) for parts in zip(*batches, strict=True))

    def read_weights(self) -> dict[str, np.ndarray]:
        """See `Stepper`; averages in the place of what they are of."""
        averages = self._averages.by_name if self._averages else {}
        return self._session.run({**self._model_variables, **averages})

    def read_histograms(self) -> dict[str, np.ndarray]:
        """See `Stepper`; of the head and of some layers of what is trained, gradients of the newest step."""
        weights = self._session.run({name: self._variables[name] for name in self._shown})
        return weights | {f"gradients/{name}": value for name, value in self._gradients.items()}


def as_finetune(trainer: TrainerConfig) -> FinetuneConfig:
    """The options of a fine-tuning; those that a plain `TrainerConfig` lacks take their defaults."""
    return trainer if isinstance(trainer, FinetuneConfig) else FinetuneConfig(**asdict(trainer))


def choose_shown(names: Sequence[str], head_scope: str) -> list[str]:
    """The variables whose distributions are worth a look: the head's, and filters from all depths of the backbone."""
    head = [name for name in names if name.startswith(f"{head_scope}/")]
    filters = [name for name in names if name.endswith("weights") and name not in head]
    count = min(SHOWN_VARIABLES, len(filters))
    places = sorted({round(place) for place in np.linspace(0, len(filters) - 1, count)}) if count else []
    return [*(filters[place] for place in places), *head]
