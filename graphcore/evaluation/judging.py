"""From a run's scores of a split to all that is said of them: figures of samples, of videos, and what segments became.

What a run chose on validation (thresholds, temperature, how frames become segments) is taken from the run: a split that
is tested has no say in it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import numpy as np

from graphcore.config import SegmentsConfig
from graphcore.evaluation.figures import Metrics
from graphcore.evaluation.intervals.groups import plan_groups
from graphcore.evaluation.intervals.interval import DEFAULT_RESAMPLES
from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.samples.one_label import DEFAULT_TOP_K
from graphcore.evaluation.scoring import score_split
from graphcore.evaluation.timelines import make_timelines
from graphcore.evaluation.videos.figures import compute_video_metrics
from graphcore.timelines.segmenting import Segmenting, segment_labels
from graphcore.timelines.timeline import Timeline, find_outside
from graphcore.training.run import Run


@dataclass(frozen=True)
class JudgeOptions:
    """What is asked of an evaluation.

    Attributes:
        top_k: how many guesses the top-k accuracy allows; there is none where no guess could miss.
        relax_secs: of videos: how close to a change of label either label is right, for the relaxed figures; 0: none.
        resamples: of the bootstrap that gives the intervals; 0: no intervals.
        segments: of videos: how frames become segments, where that is not to be as the run chose.
    """

    top_k: int = DEFAULT_TOP_K
    relax_secs: float = 0.0
    resamples: int = DEFAULT_RESAMPLES
    segments: SegmentsConfig = field(default_factory=SegmentsConfig)


@dataclass(frozen=True)
class Judged:
    """A split, and what it came to.

    Attributes:
        metrics: every figure.
        predictions: what they are of.
        timelines: one for each video; none of photos.
        segmented: of each timeline int64 [frames], the labels after post-processing; None where there was none.
    """

    metrics: Metrics
    predictions: Predictions
    timelines: tuple[Timeline, ...]
    segmented: tuple[np.ndarray, ...] | None


def judge_split(run: Run, split: str, options: JudgeOptions | None = None) -> Judged:
    """Scores a split of a run's own records, and judges the scores.

    Raises:
        RunError: the run's records have moved or changed.
        RecordsError: they are damaged.
        CheckpointError: the run's weights are missing or damaged.
    """
    return judge_predictions(run, split, score_split(run, split).give(run.thresholds), options)


def judge_predictions(run: Run, split: str, predictions: Predictions, options: JudgeOptions | None = None) -> Judged:
    """Works out every figure of a split.

    Args:
        run: whose scores they are.
        split: what to call the split.
        predictions: its scores, with the labels that they are enough for.
        options: what is asked for.

    Raises:
        RunError: labels and scores do not belong together, or a score is not a number.
    """
    options = options or JudgeOptions()
    timelines = tuple(make_timelines(predictions))
    segmenting = choose_segmenting(run, options.segments)
    segmented = segment_timelines(timelines, segmenting, find_outside(run.labels))
    videos = None
    if timelines:
        videos = compute_video_metrics(
            timelines, run.labels, is_causal(run), options.relax_secs, segmented, segmenting.is_causal
        )
    metrics = compute_metrics(
        split,
        predictions.labels,
        predictions.scores,
        run.labels,
        options.top_k,
        run.thresholds,
        plan_groups(predictions.marks, predictions.keys),
        options.resamples,
        run.temperature,
        videos,
    )
    return Judged(metrics, predictions, timelines, segmented)


def is_causal(run: Run) -> bool:
    """Whether no frame is judged by a later one; a head that judges each frame alone is causal."""
    return bool(getattr(run.head_config, "causal", True))


def choose_segmenting(run: Run, asked: SegmentsConfig) -> Segmenting:
    """How frames become segments: as the run chose, but for what is asked for."""
    return Segmenting.from_json(run.segmenting).override(**asdict(asked))


def segment_timelines(
    timelines: tuple[Timeline, ...], segmenting: Segmenting, outside: int | None
) -> tuple[np.ndarray, ...] | None:
    """What the frames of each video are called once they have become segments; None where that changes nothing."""
    if not timelines or segmenting.changes_nothing:
        return None
    return tuple(
        segment_labels(video.scores, video.times_secs, video.step_secs, segmenting, outside) for video in timelines
    )
