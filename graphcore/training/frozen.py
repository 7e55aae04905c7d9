"""Training a new last layer on the features of a frozen backbone: extract once, train, keep the best."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from graphcore.config import Config
from graphcore.errors import CheckpointError, ConfigError
from graphcore.features.extract import Extraction, get_features
from graphcore.features.store import FeatureSet
from graphcore.heads.factory import Head, get_head
from graphcore.heads.judge import resolve_objective
from graphcore.heads.temporal import SequenceHead, SmoothingHead
from graphcore.nets.factory import get_configured_backbone
from graphcore.nets.memory import get_frozen
from graphcore.training import checkpoints, loop
from graphcore.training.dataset import TrainingData, read_training_data
from graphcore.training.head_stepper import HeadStepper
from graphcore.training.observer import Observer
from graphcore.training.observers import get_observers
from graphcore.training.resuming import fingerprint_training, read_resumable
from graphcore.training.run import Run
from graphcore.training.sequence_stepper import SequenceStepper
from graphcore.training.smoothing import fit_smoothing
from graphcore.training.unfinished import note_beginning
from graphcore.training.videos import TrainingVideos, check_temporal_options, read_training_videos

_ROWS = 4096


def train_frozen(config: Config, records: Path, run_dir: Path, observers: Sequence[Observer] = ()) -> Run:
    """Trains a head on the shards in `records`; the same call on the same folder goes on where it stopped.

    Args:
        config: every option; `backbone.checkpoint=None` takes random weights.
        records: a folder of shards with its dataset.json.
        run_dir: where checkpoints and summaries go.
        observers: told of the training besides those that `config.summaries` asks for.

    Raises:
        GraphcoreError: weights, data or options that cannot be trained with; see `loop.train`.
    """
    check_options(config)
    data = read_training_data(records)
    videos = read_training_videos(config, records)
    backbone, source = get_configured_backbone(config.backbone)
    frozen = get_frozen(backbone, source, config.seed, Path(config.backbone.features_dir))
    # Refuses the folder of another training before anything in it is replaced.
    read_resumable(run_dir, fingerprint_training(config, data.digest, frozen.digest))
    # The run stands alone from here on, whatever becomes of the checkpoint it began with.
    checkpoints.write_backbone(run_dir, backbone, frozen.weights, frozen.digest)
    note_beginning(data, config, backbone, run_dir, frozen.digest)
    features_dir, batch_size = Path(config.backbone.features_dir), config.backbone.batch_size
    options = (config.augment, config.seed, config.backbone.executor)
    passes = {
        split: get_features(records, split, backbone, frozen, features_dir, batch_size, *options)
        for split in ("train", "validation")
    }
    started = time.monotonic()
    found = {split: extraction.found for split, extraction in passes.items()}
    for split, each in found.items():
        _require_finite(each.features, split)
    if videos is not None:
        videos.require_keys(found)
    watching = [*get_observers(config, data, backbone, run_dir, features=found), *observers]
    result = train_head(found, config, data, frozen.digest, run_dir, watching, videos)
    checkpoints.write_checkpoint(checkpoints.best_prefix(run_dir), result.weights)
    seconds = {"features": sum(each.seconds for each in passes.values()), "train": time.monotonic() - started}
    run = data.describe_run(config, backbone, run_dir, result, seconds, _measure_speeds(passes.values()))
    run = replace(run, backbone_digest=frozen.digest)
    run.write()
    return run


def _require_finite(features: np.ndarray, split: str) -> None:
    """Tells broken weights apart from a learning rate that is too high, which is what a loss of nan looks like."""
    # Some at a time: what says of each number whether it is finite is a quarter as large as the features.
    parts = (features[first : first + _ROWS] for first in range(0, len(features), _ROWS))
    broken = sum(int((~np.isfinite(part).all(axis=1)).sum()) for part in parts)
    if broken:
        raise CheckpointError(
            f"The features of {broken:,} of {len(features):,} pictures of {split} are not finite.",
            next_step="The weights of backbone.checkpoint are broken, or it wants its pictures otherwise (another "
            "range, another end point): try another.",
        )


def check_options(config: Config) -> None:
    """Refuses options that a frozen backbone cannot follow.

    Raises:
        ConfigError: augmentation is asked for without a number of views to cache, or the reverse; or a head for
            videos is asked for what it cannot do.
    """
    check_temporal_options(config)
    views, off = config.augment.views, config.augment.is_off()
    if not off and not views:
        raise ConfigError(
            "augment changes pictures, and with augment.views=0 trainer=frozen looks at each as it is, once.",
            next_step="Set augment.views=4 to look at each picture in four views, or trainer=finetune for another "
            "at each step.",
        )
    if off and views:
        raise ConfigError(
            f"augment.views={views} would be the same picture {views} times over: no change to it is asked for.",
            next_step="Choose augment=retrain, inception or randaugment, or set augment.views=0.",
        )


def _measure_speeds(passes: Iterable[Extraction]) -> dict[str, float]:
    real = [each for each in passes if not each.cached]
    if not real:
        return {}
    images, seconds = sum(each.extracted for each in real), sum(each.seconds for each in real)
    return {"images_per_second/features": round(images / seconds, 1)}


def train_head(
    features: Mapping[str, FeatureSet],
    config: Config,
    data: TrainingData,
    weights_digest: str,
    run_dir: Path,
    observers: Sequence[Observer] = (),
    videos: TrainingVideos | None = None,
) -> loop.TrainingResult:
    """Trains a head on extracted features.

    Args:
        features: of the splits "train" and "validation"; the latter may be empty.
        config: head, optimizer, schedule, trainer and seed are read.
        data: the dataset the features are of.
        weights_digest: of the backbone that the features are of.
        run_dir: where checkpoints and summaries go.
        observers: told of the training.
        videos: which rows are the frames of which video; for a head that wants to know.

    Raises:
        RunError: the loss is not finite, or the folder holds another training.
        ConfigError: the head has no such objective.
    """
    head = get_head(config.head, len(data.labels), config.seed)
    objective = resolve_objective(config.trainer.objective, head.multi_label)
    fingerprint = fingerprint_training(config, data.digest, weights_digest)
    state = read_resumable(run_dir, fingerprint)
    with _get_stepper(features, config, data.class_counts("train"), head, videos) as stepper:
        result = loop.train(stepper, config.trainer, run_dir, fingerprint, state, observers, objective)
    if isinstance(head, SmoothingHead) and videos is not None:
        return fit_smoothing(head, result, features, videos.rows, videos.step_secs)
    return result


def _get_stepper(
    features: Mapping[str, FeatureSet],
    config: Config,
    class_counts: np.ndarray,
    head: Head,
    videos: TrainingVideos | None,
) -> HeadStepper | SequenceStepper:
    if isinstance(head, SequenceHead) and videos is not None:
        return SequenceStepper(features, config, class_counts, head, videos.rows)
    return HeadStepper(features, config, class_counts, head.frame if isinstance(head, SmoothingHead) else head)
