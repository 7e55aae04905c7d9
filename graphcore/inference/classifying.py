"""All that a person named, classified: what cannot be read is left out and told, the rest goes on."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from graphcore.config import SegmentsConfig
from graphcore.console import progress, warn
from graphcore.errors import ConfigError, InputError
from graphcore.inference.calibrating import calibrate as calibrate_predicted
from graphcore.inference.classifier import DEFAULT_BATCH_SIZE, Classifier
from graphcore.inference.outputs import PicturePrediction, Predicted
from graphcore.inference.pictures import Inputs
from graphcore.inference.video import VideoPrediction, classify_video
from graphcore.timelines.segmenting import Segmenting

_Failures = list[tuple[str, str]]


def classify_inputs(
    classifier: Classifier,
    found: Inputs,
    every_secs: float | None = None,
    batch_size: int = DEFAULT_BATCH_SIZE,
    segments: SegmentsConfig | None = None,
    calibrate: bool = False,
) -> Predicted:
    """Classifies pictures and videos.

    Args:
        classifier: what to do it with.
        found: the inputs.
        every_secs: how often a video is looked at, in seconds; None for as often as the classifier was trained on.
        batch_size: pictures a forward pass.
        segments: how frames become segments, where that is not to be as the classifier's run chose.
        calibrate: whether scores are made frequencies by the run's temperature.

    Raises:
        ConfigError: `calibrate` where there is no temperature; found before anything is classified.
    """
    temperature = _require_temperature(classifier) if calibrate else None
    segmenting = classifier.traits.segmenting.override(**dataclasses.asdict(segments or SegmentsConfig()))
    pictures, bad_pictures = _classify_pictures(classifier, found.pictures, batch_size)
    every_secs = every_secs or classifier.every_secs
    videos, bad_videos = _classify_videos(classifier, found.videos, every_secs, batch_size, segmenting)
    failures = (*found.failures, *bad_pictures, *bad_videos)
    predicted = Predicted(classifier.labels, tuple(pictures), tuple(videos), failures, classifier.thresholds)
    return predicted if temperature is None else calibrate_predicted(predicted, temperature)


def _require_temperature(classifier: Classifier) -> float:
    if classifier.traits.temperature is not None:
        return classifier.traits.temperature
    if not classifier.traits.has_run:
        raise ConfigError(
            "calibrate=true needs the temperature that a run found on validation, and a graph alone does not know it.",
            next_step="Give the run's folder: run=RUN.",
        )
    raise ConfigError(
        "calibrate=true needs a temperature, and this run has none: its validation split gave nothing to fit one on.",
        next_step="Leave calibrate out, or train with a larger split.validation.",
    )


def _classify_pictures(
    classifier: Classifier, paths: Sequence[Path], batch_size: int
) -> tuple[list[PicturePrediction], _Failures]:
    good, bad = [], []
    if not paths:
        return good, bad
    if classifier.temporal:
        warn("This classifier judges the frames of a video among their neighbours: a picture is a video of one frame.")
    with progress("Classified pictures", len(paths), "pictures") as advance:
        for path, outcome in zip(paths, classifier.predict_each(paths, batch_size), strict=True):
            if isinstance(outcome, InputError):
                bad.append((str(path), str(outcome).removeprefix(f"{path}: ").removeprefix(f"{path} ").rstrip(".")))
            else:
                good.append(PicturePrediction(path, outcome))
            advance()
    return good, bad


def _classify_videos(
    classifier: Classifier, paths: Sequence[Path], every_secs: float, batch_size: int, segmenting: Segmenting
) -> tuple[list[VideoPrediction], _Failures]:
    good, bad = [], []
    if not paths:
        return good, bad
    with progress("Classified videos", len(paths), "videos") as advance:
        for path in paths:
            try:
                good.append(classify_video(classifier, path, every_secs, batch_size, segmenting))
            except InputError as error:
                bad.append((str(path), str(error).removeprefix(f"{path}: ").rstrip(".")))
            advance()
    return good, bad
