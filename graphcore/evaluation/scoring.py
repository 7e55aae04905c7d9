"""Scores of every sample of a split, each exactly once."""

from __future__ import annotations

import numpy as np

from graphcore.errors import RunError
from graphcore.evaluation.predictions import Predictions
from graphcore.features.store import FeatureSet
from graphcore.heads.factory import is_multi_label
from graphcore.heads.labels import to_multi_hot
from graphcore.timelines.marks import read_marks
from graphcore.training.run import Run
from tfrecords.manifest import Manifest, read_outline


def score_split(run: Run, split: str) -> Predictions:
    """Scores a split of the records a run was trained on.

    Labels are int [n]; of a run with a multi-label head uint8 [n, classes] of 0 and 1, however the records have them.

    Raises:
        RunError: the records have moved, or changed since the run was trained.
        RecordsError: the records are damaged.
        CheckpointError: the run's weights are missing or damaged.
    """
    if not run.records.is_dir():
        raise RunError(
            f"The records that {run.folder} was trained on are no longer in {run.records}.",
            next_step="Say where they are: records=DIR; or train again.",
        )
    manifest = read_outline(run.records)
    _require_same_records(run, manifest)
    if manifest.samples(split) == 0:
        return Predictions((), _plan_labels(run, np.zeros(0, np.int64)), np.zeros((0, len(run.labels))), run.labels)
    found = _get_features(run, split)
    _require_every_sample(run, manifest, split, found.keys)
    marks = read_marks(run.records, split)
    if marks.keys != found.keys:
        raise RunError(
            f"The features of {split} are not in the order of its records.",
            next_step=f"Remove {run.features_dir} and run again.",
        )
    head = run.read_head()
    if head.head.temporal:
        scores = head.scores(found.features, list(marks.find_videos().values()))
    else:
        scores = head.scores(found.features)
    return Predictions(found.keys, _plan_labels(run, found.labels), scores, run.labels, marks=marks)


def _plan_labels(run: Run, labels: np.ndarray) -> np.ndarray:
    return to_multi_hot(labels, len(run.labels)) if is_multi_label(run.head_config) else labels


def _get_features(run: Run, split: str) -> FeatureSet:
    # TensorFlow is slow to import, and an empty split or changed records need none of it.
    from graphcore.evaluation.backbone import freeze_run_backbone
    from graphcore.features.executor import AUTO, TENSORFLOW
    from graphcore.features.extract import get_features

    backbone, frozen = freeze_run_backbone(run)
    options = (run.features_dir, run.batch_size)
    # A run may have come to a machine that lacks what it was trained by; what they differ by is a rounding.
    executor = run.executor if run.executor == TENSORFLOW else AUTO
    return get_features(run.records, split, backbone, frozen, *options, executor=executor).found


def _require_same_records(run: Run, manifest: Manifest) -> None:
    if manifest.digest() != run.dataset_digest:
        raise RunError(
            f"The records in {run.records} are not those that {run.folder} was trained on: samples it "
            "was trained on may now stand in other splits.",
            next_step="Train again, or give datasets of their own dataset.records.",
        )


def _require_every_sample(run: Run, manifest: Manifest, split: str, keys: tuple[str, ...]) -> None:
    if len(keys) != manifest.samples(split) or len(set(keys)) != len(keys):
        raise RunError(
            f"The {split} split has {manifest.samples(split)} samples, but {len(set(keys))} different ones "
            f"were scored in {len(keys)} rows.",
            next_step=f"Check the records: python -m tfrecords verify {run.records}",
        )
