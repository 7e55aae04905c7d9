"""Training a whole network, backbone and head, from shards: fine-tuning, or pre-training from random
weights.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from graphcore import console
from graphcore.config import GRAPH, Config
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.factory import Head, get_head
from graphcore.heads.judge import resolve_objective
from graphcore.nets.backbone import Backbone
from graphcore.nets.factory import get_configured_backbone
from graphcore.nets.weights import CheckpointSource
from graphcore.training import checkpoints, loop
from graphcore.training.dataset import read_training_data
from graphcore.training.network_stepper import NetworkStepper, as_finetune
from graphcore.training.observer import Observer
from graphcore.training.observers import get_observers
from graphcore.training.precision import find_precision
from graphcore.training.resuming import fingerprint_training, read_resumable
from graphcore.training.run import Run
from graphcore.training.trainable import TrainingPlan, is_folded, plan_training, require_scopes
from graphcore.training.unfinished import note_beginning
from graphcore.training.videos import check_temporal_options

# Of Adam on pretrained weights: at 0.001 photos were learnt well, at 0.003 hardly better than by chance.
HIGH_RATE = 0.002


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
    check_options(config)
    data = read_training_data(records)
    backbone, source = get_configured_backbone(config.backbone)
    head = get_head(config.head, len(data.labels), config.seed)
    fingerprint = fingerprint_training(config, data.digest, source.digest() if source else "random")
    state = read_resumable(run_dir, fingerprint)
    first_step = state.progress.step if state else 0
    plan = _make_plan(config, backbone, source)
    if source and state is None:
        _advise(config, plan)
    note_beginning(data, config, backbone, run_dir)
    with NetworkStepper(config, data, backbone, head, first_step, plan) as stepper:
        if state is None:
            stepper.initialise(source)
        watching = [*get_observers(config, data, backbone, run_dir), *observers]
        objective = resolve_objective(config.trainer.objective, head.multi_label)
        result = loop.train(stepper, config.trainer, run_dir, fingerprint, state, watching, objective)
        speeds = {"images_per_second/train": round(stepper.images_seen / stepper.seconds, 1)} if stepper.seconds else {}
    below, above = _split_weights(result.weights, backbone.scope)
    checkpoints.write_checkpoint(checkpoints.backbone_prefix(run_dir), below)
    checkpoints.write_checkpoint(checkpoints.best_prefix(run_dir), above)
    seconds = time.monotonic() - started
    run = data.describe_run(config, backbone, run_dir, result, {"train": seconds}, speeds)
    run.write()
    return run


def check_options(config: Config) -> None:
    """Finds what fine-tuning cannot do, before anything is read.

    Raises:
        ConfigError: the backbone has no variables, the head wants features that stand still, the machine no half
            precision, nothing lies under a scope, or pictures are too small to be trained on.
        CheckpointError: there is no such checkpoint.
    """
    if config.backbone.name == GRAPH:
        raise ConfigError(
            "backbone=graph is a network without variables, and trainer=finetune has none to train.",
            next_step="Set trainer=frozen, or choose a backbone that is built in.",
        )
    check_temporal_options(config)
    trainer = as_finetune(config.trainer)
    find_precision(trainer.precision)
    if trainer.trainable_scopes or trainer.learning_rate_multipliers or trainer.train_image_size:
        backbone, _ = get_configured_backbone(config.backbone)
        head = get_head(config.head, 2, config.seed)
        names = _list_variables(backbone, head, trainer.train_image_size)
        require_scopes(trainer, names, backbone.scope, backbone.title)


def _list_variables(backbone: Backbone, head: Head, image_size: int | None) -> list[str]:
    """Names of all variables; the network is built for that, and forgotten."""
    size = image_size or backbone.input_spec.image_size
    with tf.Graph().as_default():
        try:
            features, _ = backbone.build(tf1.placeholder(tf.float32, [1, size, size, 3]))
        except ValueError as error:
            # Of a layer that nothing is left for.
            raise ConfigError(
                f"trainer.train_image_size={size} is too small for {backbone.title}.",
                next_step="Set trainer.train_image_size higher, or to null for backbone.image_size.",
            ) from error
        head.build(features)
        return [variable.op.name for variable in tf1.global_variables()]


def _make_plan(config: Config, backbone: Backbone, source: CheckpointSource | None) -> TrainingPlan:
    trainer = as_finetune(config.trainer)
    folded = trainer.batch_norm == "auto" and source is not None and is_folded(source.read_all())
    if folded:
        console.say("Batch norm was folded into these weights: it keeps its statistics (trainer.batch_norm=auto)")
    return plan_training(backbone.scope, trainer, folded)


def _advise(config: Config, plan: TrainingPlan) -> None:
    rate = config.optimizer.rate * plan.rate_factor(plan.backbone_scope)
    if config.optimizer.name == "adam" and rate > HIGH_RATE:
        console.say(
            f"A learning rate of {rate:g} is likely to make a pretrained network forget all it knows: try "
            "optimizer.learning_rate=0.003 'trainer.learning_rate_multipliers={backbone: 0.1}'"
        )


def _split_weights(
    weights: Mapping[str, np.ndarray], scope: str
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    below = {name: value for name, value in weights.items() if name.startswith(f"{scope}/")}
    return below, {name: value for name, value in weights.items() if name not in below}
