"""Scores made frequencies by the temperature that a run found on its validation split.

Labels and segments stay what they are: they were chosen on the scores as the network gives them. All is counted in
float64, in which a score and its threshold stay apart that would both become 1 in float32.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from graphcore.evaluation.choices.temperature import apply_temperature
from graphcore.inference.outputs import Predicted
from graphcore.inference.video import VideoPrediction
from graphcore.timelines.scored_segments import rescore


def calibrate(predicted: Predicted, temperature: float) -> Predicted:
    """The same with other scores; thresholds go with them, so that every label is given where it was.

    Args:
        predicted: what was found.
        temperature: above 0; 1 changes nothing.
    """
    several = predicted.thresholds is not None
    pictures = tuple(
        dataclasses.replace(picture, scores=_apply(picture.scores[np.newaxis], temperature, several)[0])
        for picture in predicted.pictures
    )
    videos = tuple(_calibrate_video(video, predicted.labels, temperature, several) for video in predicted.videos)
    thresholds = None
    if predicted.thresholds is not None:
        # As float32, which is what scores were compared with.
        row = np.array([predicted.thresholds], np.float32)
        thresholds = tuple(_apply(row, temperature, several)[0].tolist())
    return dataclasses.replace(predicted, pictures=pictures, videos=videos, thresholds=thresholds)


def _calibrate_video(
    video: VideoPrediction, labels: tuple[str, ...], temperature: float, several: bool
) -> VideoPrediction:
    scores = _apply(video.scores, temperature, several)
    segments = rescore(video.segments, video.times_secs, scores, labels)
    return dataclasses.replace(video, scores=scores, segments=tuple(segments))


def _apply(scores: np.ndarray, temperature: float, several: bool) -> np.ndarray:
    return apply_temperature(scores.astype(np.float64), temperature, several)
