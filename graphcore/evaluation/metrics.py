"""From labels and scores of every sample of a split to its figures, in plain NumPy.

On the way of one picture it stands after the head: everything that is printed, written or drawn about a run's quality
is computed from here and nowhere else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from graphcore.evaluation.choices.temperature import apply_temperature
from graphcore.evaluation.figures import Metrics
from graphcore.evaluation.intervals.draws import Draws, plan_draws
from graphcore.evaluation.intervals.groups import FEWEST_GROUPS, Groups, plan_groups
from graphcore.evaluation.intervals.of_samples import find_intervals_of_one, find_intervals_of_several
from graphcore.evaluation.intervals.of_videos import find_intervals_of_videos
from graphcore.evaluation.samples.calibration import measure_calibration
from graphcore.evaluation.samples.label_sets import give_labels
from graphcore.evaluation.samples.one_label import (
    DEFAULT_TOP_K,
    class_figures,
    classification_values,
    confusion_matrix,
    predict,
)
from graphcore.evaluation.samples.penalties import brier_scores, log_losses
from graphcore.evaluation.samples.scores_check import check_scores
from graphcore.evaluation.samples.several_labels import cross_matrix, label_figures, label_values
from graphcore.heads.ranking import DEFAULT_THRESHOLD

if TYPE_CHECKING:
    from graphcore.evaluation.videos.figures import VideoMetrics


def compute_metrics(
    split: str,
    labels: np.ndarray,
    scores: np.ndarray,
    class_names: Sequence[str],
    top_k: int = DEFAULT_TOP_K,
    thresholds: Sequence[float] | None = None,
    groups: Groups | None = None,
    resamples: int = 0,
    temperature: float | None = None,
    videos: VideoMetrics | None = None,
) -> Metrics:
    """Computes every figure of a split.

    Args:
        split: the split's name.
        labels: int [n], the true classes in [0, classes); of several labels a sample [n, classes] of 0 and 1.
        scores: float [n, classes] in [0, 1]; rows sum to 1 where each sample has one label.
        class_names: one name for each score column.
        top_k: of one label a sample, how many guesses the top-k figure allows; there is none where no guess could miss.
        thresholds: of several labels a sample, the score from which each is given; 0.5 for all when None.
        groups: which samples belong together, for the intervals; each alone when None.
        resamples: how often groups are drawn for the intervals; 0 for none.
        temperature: what makes the scores frequencies, as `fit_temperature` found it; None for no figures of that.
        videos: what was found of the split's videos as a whole; its figures join these.

    Raises:
        RunError: labels and scores do not belong together, or a score is not a number.
    """
    labels, scores = np.asarray(labels), np.asarray(scores)
    check_scores(split, labels, scores, class_names)
    if groups is None:
        groups = plan_groups(None, [str(row) for row in range(len(labels))])
    draws = plan_draws(groups, resamples) if groups.count >= FEWEST_GROUPS else None
    if labels.ndim == 2:
        thresholds = [DEFAULT_THRESHOLD] * len(class_names) if thresholds is None else thresholds
        metrics = _judge_several(split, labels > 0, scores, class_names, thresholds, draws)
    else:
        metrics = _judge_one(split, labels, scores, class_names, top_k, draws)
    if not metrics.count:
        return metrics
    if resamples and draws is None:
        metrics = dataclasses.replace(metrics, no_intervals=groups.caution)
    metrics = _calibrate(metrics, labels, scores, temperature)
    return metrics if videos is None else _join(metrics, videos, groups, resamples)


def _judge_one(
    split: str, labels: np.ndarray, scores: np.ndarray, class_names: Sequence[str], top_k: int, draws: Draws | None
) -> Metrics:
    predicted = predict(scores)
    confusion = confusion_matrix(labels, predicted, len(class_names))
    classes = class_figures(labels, scores, confusion, class_names)
    return Metrics(
        split=split,
        class_names=tuple(class_names),
        count=len(labels),
        values=dict(classification_values(labels, scores, classes, top_k)),
        confusion=confusion,
        classes=classes,
        intervals=find_intervals_of_one(labels, scores, predicted, top_k, draws) if draws else {},
    )


def _judge_several(
    split: str,
    labels: np.ndarray,
    scores: np.ndarray,
    class_names: Sequence[str],
    thresholds: Sequence[float],
    draws: Draws | None,
) -> Metrics:
    given = give_labels(scores, thresholds)
    classes = label_figures(labels, scores, given, thresholds, class_names)
    return Metrics(
        split=split,
        class_names=tuple(class_names),
        count=len(labels),
        values=dict(label_values(labels, scores, given, classes)),
        confusion=cross_matrix(labels, given),
        classes=classes,
        multi_label=True,
        intervals=find_intervals_of_several(labels, scores, given, draws) if draws else {},
    )


def _calibrate(metrics: Metrics, labels: np.ndarray, scores: np.ndarray, temperature: float | None) -> Metrics:
    """Adds what is said of scores as frequencies, as they are and at a temperature."""
    found = measure_calibration(labels, scores)
    metrics = dataclasses.replace(
        metrics, calibration=found, values=metrics.values | {"expected_calibration_error": found.error}
    )
    if temperature is None:
        return metrics
    scores = apply_temperature(scores, temperature, metrics.multi_label)
    calibrated = measure_calibration(labels, scores)
    values = {
        "loss_calibrated": float(log_losses(labels, scores).mean()),
        "brier_calibrated": float(brier_scores(labels, scores).mean()),
        "expected_calibration_error_calibrated": calibrated.error,
    }
    return dataclasses.replace(metrics, calibrated=calibrated, temperature=temperature, values=metrics.values | values)


def _join(metrics: Metrics, videos: VideoMetrics, groups: Groups, resamples: int) -> Metrics:
    return dataclasses.replace(
        metrics,
        videos=videos,
        values=metrics.values | videos.values,
        intervals=metrics.intervals | find_intervals_of_videos(videos, groups, resamples),
    )
