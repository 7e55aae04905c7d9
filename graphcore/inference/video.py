"""A video to scores at regular times, and from them to segments.

Frames go through the same scaling and encoding as at conversion, so that the network sees what it was trained on.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from graphcore.errors import InputError
from graphcore.evaluation.label_sets import give_labels
from graphcore.inference.classifier import DEFAULT_BATCH_SIZE, Classifier
from graphcore.sources.errors import VideoError
from graphcore.sources.frames.probe import probe_video
from graphcore.sources.frames.sample import SamplingOptions, sample_frames
from graphcore.sources.item import Segment
from graphcore.sources.normalise import encode_rgb


@dataclasses.dataclass(frozen=True)
class VideoPrediction:
    """What a classifier says of a video.

    Attributes:
        path: the video.
        times_secs: presentation times of the frames looked at, ascending.
        scores: float32 [n, classes].
        segments: stretches of one label, without the label of times outside every segment; those of a multi-label
            classifier may overlap.
        problem: why the video could not be read to its end; empty when it could.
    """

    path: Path
    times_secs: tuple[float, ...]
    scores: np.ndarray
    segments: tuple[Segment, ...]
    problem: str = ""


def classify_video(
    classifier: Classifier, path: Path, every_secs: float, batch_size: int = DEFAULT_BATCH_SIZE
) -> VideoPrediction:
    """Decodes a video once and classifies a frame every `every_secs` seconds.

    Raises:
        InputError: not one frame can be read.
    """
    times: list[float] = []
    scores = [np.zeros((0, len(classifier.labels)), np.float32)]
    duration_secs, problem, batch = None, "", []
    options = classifier.picture_options
    try:
        duration_secs = probe_video(path).duration_secs
        sampling = SamplingOptions(every_secs, size=options.size, max_pixels=options.max_pixels)
        for frame in sample_frames(path, sampling):
            times.append(frame.time_secs)
            batch.append(encode_rgb(frame.image, options.format, options.quality))
            # A batch of frames in memory at a time, however long the video is.
            if len(batch) == batch_size:
                scores.append(classifier.predict(batch, batch_size))
                batch = []
    except (VideoError, OSError) as error:
        problem = str(error)
    if not times:
        raise InputError(f"{path}: {problem or 'not one frame can be decoded'}.")
    all_scores = np.concatenate([*scores, classifier.predict(batch, batch_size)])
    end_secs = times[-1] + every_secs
    if duration_secs is not None:
        end_secs = min(end_secs, max(duration_secs, times[-1]))
    segments = plan_segments(path.stem, times, all_scores, end_secs, classifier.labels, classifier.thresholds)
    return VideoPrediction(path, tuple(times), all_scores, tuple(segments), problem)


def plan_segments(
    video: str,
    times_secs: Sequence[float],
    scores: np.ndarray,
    end_secs: float,
    labels: Sequence[str],
    thresholds: Sequence[float] | None = None,
) -> list[Segment]:
    """From scores to segments, by when they start.

    Args:
        video: the video's name.
        times_secs: ascending, one for each row of scores.
        scores: float32 [n, classes].
        end_secs: where the last segments end.
        labels: of the classes.
        thresholds: of a multi-label classifier, the score from which each label is given; each then has segments of
            its own. None where a frame has the label of the highest score.
    """
    outside = find_outside(labels)
    if thresholds is None:
        best = [labels[int(index)] for index in scores.argmax(axis=1)]
        return find_segments(video, times_secs, best, end_secs, outside)
    segments: list[Segment] = []
    for label, given in zip(labels, give_labels(scores, thresholds).T, strict=True):
        if label != outside:
            named = [label if yes else "" for yes in given]
            segments += find_segments(video, times_secs, named, end_secs, outside="")
    return sorted(segments, key=lambda segment: segment.start_secs)


def find_segments(
    video: str,
    times_secs: Sequence[float],
    labels: Sequence[str],
    end_secs: float,
    outside: str | None = None,
) -> list[Segment]:
    """Joins runs of the same label; each lasts until the first frame of the next run.

    Args:
        video: the video's name.
        times_secs: ascending, one for each label.
        labels: of the frames.
        end_secs: where the last run ends.
        outside: a label that makes no segment.
    """
    segments: list[Segment] = []
    first = 0
    for index in range(1, len(labels) + 1):
        if index < len(labels) and labels[index] == labels[first]:
            continue
        end = times_secs[index] if index < len(labels) else end_secs
        if labels[first] != outside and end > times_secs[first]:
            segments.append(Segment(video, times_secs[first], end, labels[first]))
        first = index
    return segments


def find_outside(labels: Sequence[str]) -> str | None:
    """The label that conversion gives to times outside every segment, if the classes have one."""
    if "background" in labels:
        return "background"
    return next((f"not-{label}" for label in labels if f"not-{label}" in labels), None)
