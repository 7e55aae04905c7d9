"""Where a sample comes from, as a person would look it up: a file, or a video and a moment."""

from __future__ import annotations

import math

from graphcore.console import count_of
from graphcore.evaluation.intervals.groups import SAMPLES
from graphcore.evaluation.intervals.interval import Interval
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.report.wording import show_time


def are_frames(predictions: Predictions) -> bool:
    """Whether the samples are known to be frames of videos."""
    return predictions.marks is not None and predictions.marks.are_frames


def name_samples(predictions: Predictions) -> tuple[str, str]:
    """What one sample and several are called: a word for people."""
    return ("frame", "frames") if are_frames(predictions) else ("picture", "pictures")


def count_groups(interval: Interval, predictions: Predictions) -> str:
    """What an interval is over: "8 videos", "50 pictures"."""
    if interval.unit == SAMPLES:
        return count_of(interval.groups, *name_samples(predictions))
    return count_of(interval.groups, interval.unit.removesuffix("s"))


def describe_place(predictions: Predictions, row: int) -> str:
    """The file of a sample, with the moment of a frame; its key where nothing else is known."""
    marks = predictions.marks
    if marks is None or not len(marks):
        return predictions.keys[row]
    secs = float(marks.times_secs[row])
    if marks.videos[row] and math.isfinite(secs):
        return f"video {marks.videos[row]} at {show_time(secs, decimals=1 if secs % 1 else 0)}"
    return marks.filenames[row] or predictions.keys[row]
