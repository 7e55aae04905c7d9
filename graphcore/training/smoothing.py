"""What comes after the training of a smoothing head's frame head: how to smooth is counted and chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from graphcore.features.store import FeatureSet
from graphcore.heads.judge import judge
from graphcore.heads.temporal import Fitting, ScoredVideo, SmoothingHead
from graphcore.heads.trained import TrainedHead, require_whole_videos
from graphcore.training.loop import TrainingResult


def fit_smoothing(
    head: SmoothingHead,
    result: TrainingResult,
    features: Mapping[str, FeatureSet],
    videos: Mapping[str, Sequence[np.ndarray]],
    step_secs: float,
) -> TrainingResult:
    """Gives a trained frame head what it needs to smooth.

    Args:
        head: what is to be fitted.
        result: of the training of `head.frame`.
        features: of the splits "train" and "validation"; the latter may be empty.
        videos: of the same splits, for each video the rows of its frames, int [frames], in the order of time.
        step_secs: seconds from a frame to the next; 0 where it is not known.

    Returns:
        The same, with the variables of smoothing among the weights, and the validation figures of the smoothed scores.

    Raises:
        DatasetError: a sample is in no video, or in two.
    """
    frame = TrainedHead(head.frame, result.weights)
    known = {split: _score_videos(frame, features[split], videos[split]) for split in ("train", "validation")}
    fitted = head.fit(Fitting(known["train"], known["validation"], step_secs))
    result = replace(result, weights={**result.weights, **fitted})
    return replace(result, validation={**result.validation, **_judge(head, result, features, videos)})


def _score_videos(frame: TrainedHead, found: FeatureSet, videos: Sequence[np.ndarray]) -> list[ScoredVideo]:
    require_whole_videos(len(found), videos)
    # Of several views of each frame one will do; only training frames have more, and those are counted, not judged.
    scores = frame.scores(found.features[: len(found)])
    return [ScoredVideo(scores[rows], found.labels[rows]) for rows in videos if len(rows)]


def _judge(
    head: SmoothingHead,
    result: TrainingResult,
    features: Mapping[str, FeatureSet],
    videos: Mapping[str, Sequence[np.ndarray]],
) -> dict[str, float]:
    found = features["validation"]
    if not len(found):
        return {}
    scores = TrainedHead(head, result.weights).scores(found.features[: len(found)], videos["validation"])
    return {f"validation/{name}": value for name, value in judge(found.labels, scores).items()}
