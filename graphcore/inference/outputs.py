"""What was predicted, as CSV for tables and as JSON for programs. Both hold every frame, as it was scored by itself or
among its neighbours; the JSON has the segments that were made of them as well.

Of a multi-label classifier the CSV's column "predicted" holds the names of all labels given, written as in
predictions.csv, and the JSON has "labels", a list of them, where others have "predicted".
"""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from graphcore.atomic import write_json, write_text
from graphcore.evaluation.samples.label_sets import give_labels, join_labels
from graphcore.inference.video import VideoPrediction
from graphcore.sources.files import printable


@dataclasses.dataclass(frozen=True)
class PicturePrediction:
    """The scores of one picture: float32 [classes]."""

    path: Path
    scores: np.ndarray


@dataclasses.dataclass(frozen=True)
class Predicted:
    """Everything one call of predict found out.

    Attributes:
        labels: the classes in the order of the scores.
        pictures: in the order they were named.
        videos: likewise.
        failures: (input, why it was left out).
        thresholds: of a multi-label classifier, the score from which each label is given; None where a picture has
            the label of the highest score.
    """

    labels: tuple[str, ...]
    pictures: tuple[PicturePrediction, ...] = ()
    videos: tuple[VideoPrediction, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()
    thresholds: tuple[float, ...] | None = None

    def rows(self) -> Iterator[tuple[str, float | None, str, np.ndarray]]:
        """Yields (input, time in seconds or None, what it was called, scores), pictures first."""
        for picture in self.pictures:
            yield str(picture.path), None, self.name(picture.scores), picture.scores
        for video in self.videos:
            for time_secs, scores in zip(video.times_secs, video.scores, strict=True):
                yield str(video.path), time_secs, self.name(scores), scores

    def find_given(self, scores: np.ndarray) -> tuple[str, ...]:
        """The labels that scores [classes] are enough for: any number of a multi-label classifier, else one."""
        if self.thresholds is None:
            return (self.labels[int(scores.argmax())],)
        return tuple(self.labels[n] for n in np.flatnonzero(give_labels(scores, self.thresholds)))

    def name(self, scores: np.ndarray) -> str:
        """The same as one text; that of a multi-label classifier as in predictions.csv."""
        given = self.find_given(scores)
        return given[0] if self.thresholds is None else join_labels(given)


def write_csv(path: Path, predicted: Predicted) -> None:
    """Writes a row for each picture and sampled time: input, time_secs, predicted, one column a class."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["input", "time_secs", "predicted", *predicted.labels])
    for name, time_secs, label, scores in predicted.rows():
        shown_time = "" if time_secs is None else f"{time_secs:.3f}"
        writer.writerow([printable(name), shown_time, label, *(f"{score:.9g}" for score in scores.tolist())])
    write_text(path, buffer.getvalue())


def write_predicted_json(path: Path, predicted: Predicted) -> None:
    """Writes the same with the segments of videos, keyed as our annotations are, and what was left out."""
    write_json(path, to_json(predicted))


def to_json(predicted: Predicted) -> dict[str, Any]:
    """The JSON's content as plain values."""
    return {
        "labels": list(predicted.labels),
        "pictures": [
            {"input": printable(str(picture.path)), **_describe_scores(picture.scores, predicted)}
            for picture in predicted.pictures
        ],
        "videos": [_describe_video(video, predicted) for video in predicted.videos],
        "failures": [{"input": printable(name), "reason": printable(reason)} for name, reason in predicted.failures],
    }


def _describe_video(video: VideoPrediction, predicted: Predicted) -> dict[str, Any]:
    return {
        "input": printable(str(video.path)),
        "problem": printable(video.problem),
        **({} if video.duration_secs is None else {"durationSeconds": round(video.duration_secs, 3)}),
        "annotations": [
            {
                "startSeconds": round(one.segment.start_secs, 3),
                "endSeconds": round(one.segment.end_secs, 3),
                "label": one.segment.label,
                "score": round(one.score, 8),
            }
            for one in video.segments
        ],
        "frames": [
            {"timeSeconds": round(time_secs, 3), **_describe_scores(scores, predicted)}
            for time_secs, scores in zip(video.times_secs, video.scores, strict=True)
        ],
    }


def _describe_scores(scores: np.ndarray, predicted: Predicted) -> dict[str, Any]:
    given = predicted.find_given(scores)
    called = {"predicted": given[0]} if predicted.thresholds is None else {"labels": list(given)}
    by_label = zip(predicted.labels, scores.tolist(), strict=True)
    return called | {"scores": {label: round(score, 8) for label, score in by_label}}
