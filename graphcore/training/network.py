"""A whole network in a graph: what a step of its training computes, and what an evaluation does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from graphcore.config import Config, FinetuneConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.factory import Head
from graphcore.heads.losses import build_correct, build_loss, build_weight_decay, plan_class_weights
from graphcore.inputs.pipeline import make_dataset, make_training_dataset
from graphcore.layers.drawing import draw_by
from graphcore.layers.folded_norm import fold_frozen_norms
from graphcore.layers.freezing import freeze_statistics
from graphcore.nets.backbone import Backbone
from graphcore.training.averages import Averages
from graphcore.training.dataset import TrainingData
from graphcore.training.precision import FLOAT16, FLOAT32, LossScale
from graphcore.training.schedules import build_learning_rate
from graphcore.training.trainable import TrainingPlan
from graphcore.training.updates import Update, build_update

_STATISTICS = ("moving_mean", "moving_variance")


@dataclass(frozen=True)
class Network:
    """The operations of a training's steps.

    Attributes:
        batch: int64 scalar to feed, the number of the batch in the training; 0 is the first.
        loss: float32 scalar, of one batch, without weight decay.
        correct: float32 scalar, how many of its samples are right.
        learning_rate: float32 scalar.
        gather: for a batch that is not a step's last; None where every batch makes a step.
        apply: takes a step, with its last batch.
        update: the gradients and what they are of.
        averages: moving averages of the weights, or None.
    """

    batch: Any
    loss: Any
    correct: Any
    learning_rate: Any
    gather: Any
    apply: Any
    update: Update
    averages: Averages | None


@dataclass(frozen=True)
class EvaluationGraph:
    """A pass over the validation split: `restart`, then `fetches` (scores, labels, keys) until it is out of range."""

    restart: Any
    fetches: tuple[Any, Any, Any]


def build_training(
    config: Config,
    trainer: FinetuneConfig,
    data: TrainingData,
    backbone: Backbone,
    head: Head,
    plan: TrainingPlan,
    precision: str,
    first_step: int,
) -> Network:
    """Adds inputs, network, loss and update; batches begin with those of step `first_step`."""
    batch = tf1.placeholder(tf.int64, [], name="batch")
    step = batch // trainer.accumulate_steps
    images, labels = _build_inputs(config, trainer, data, backbone, first_step)
    with (
        freeze_statistics(plan.is_frozen),
        fold_frozen_norms(precision == FLOAT32),
        draw_by(batch, config.seed),
    ):
        features, _ = backbone.build(images, is_training=True, weight_decay=trainer.weight_decay)
        logits, _ = head.build(tf.cast(features, tf.float32), is_training=True, step=batch)
    loss = build_loss(
        logits, labels, config.head, plan_class_weights(data.class_counts("train"), config.head.class_weights)
    )
    rate = build_learning_rate(
        step, config.optimizer.rate, config.schedule, trainer.steps, _steps_per_epoch(data, trainer)
    )
    scale = LossScale() if precision == FLOAT16 else None
    penalised = loss + _build_penalties(config, head, plan)
    update = build_update(penalised, rate, plan, config.optimizer, trainer.accumulate_steps, scale)
    statistics = tf1.get_collection(tf1.GraphKeys.UPDATE_OPS)
    done = [update.apply, *statistics]
    averages = None
    if trainer.ema_decay:
        averages = Averages(trainer.ema_decay, _list_averaged(update, plan), step, done)
        done = [averages.update]
    gather = None if update.gather is None else tf.group(update.gather, *statistics)
    correct = build_correct(logits, labels, head.multi_label)
    return Network(batch, loss, correct, rate, gather, tf.group(*done), update, averages)


def build_evaluation(config: Config, data: TrainingData, backbone: Backbone, head: Head) -> EvaluationGraph | None:
    """Adds the same network as in inference, on the validation split; None where that is empty."""
    if data.samples("validation") == 0:
        return None
    dataset = make_dataset(
        data.paths("validation"), backbone.input_spec, config.backbone.batch_size, num_labels=_num_labels(data)
    )
    iterator = tf1.data.make_initializable_iterator(dataset)
    images, labels, keys = iterator.get_next()
    features, _ = backbone.build(images, is_training=False, reuse=True)
    _, end_points = head.build(tf.cast(features, tf.float32))
    return EvaluationGraph(iterator.initializer, (end_points["probabilities"], labels, keys))


def _build_inputs(
    config: Config, trainer: FinetuneConfig, data: TrainingData, backbone: Backbone, first_step: int
) -> tuple[Any, Any]:
    size = trainer.train_image_size or backbone.input_spec.image_size
    dataset = make_training_dataset(
        data.paths("train"),
        replace(backbone.input_spec, image_size=size),
        trainer.batch_size,
        count=data.samples("train"),
        augmentation=config.augment,
        seed=config.seed,
        first_step=first_step * trainer.accumulate_steps,
        threads=trainer.threads or None,
        sampling=trainer.sampling,
        class_counts=data.class_counts("train"),
        num_labels=_num_labels(data),
    )
    return tf1.data.make_one_shot_iterator(dataset).get_next()


def _num_labels(data: TrainingData) -> int | None:
    return len(data.labels) if data.manifest.multi_label else None


def _steps_per_epoch(data: TrainingData, trainer: FinetuneConfig) -> int:
    return max(1, data.samples("train") // trainer.batch_size // trainer.accumulate_steps)


def _build_penalties(config: Config, head: Head, plan: TrainingPlan) -> Any:
    # slim's penalties on what is frozen have no gradient for anything that is not, and so do nothing.
    decayed = [
        variable
        for variable in tf1.trainable_variables()
        if variable.op.name in head.decayed and plan.rate_factor(variable.op.name)
    ]
    own = [build_weight_decay(decayed, config.head.weight_decay)] if decayed else []
    return tf.add_n([tf.constant(0.0), *own, *tf1.losses.get_regularization_losses()])


def _list_averaged(update: Update, plan: TrainingPlan) -> list[Any]:
    """What is trained, and the statistics of batch norm that moves: an average of weights needs statistics as old."""
    statistics = [
        variable
        for variable in tf1.model_variables()
        if variable.op.name.endswith(_STATISTICS) and not plan.is_frozen(variable.op.name.rpartition("/")[0])
    ]
    return [*update.variables, *statistics]
