"""Predictions whose every figure can be counted on the fingers."""

import numpy as np
import pytest

from graphcore.evaluation.predictions import Predictions
from graphcore.timelines.marks import Marks

CLASSES = ("cut", "sew", "not")


@pytest.fixture(scope="session")
def make_marks():
    """Returns a function that says from which video each sample is; a frame a second, "" for a photo."""

    def make(videos, groups=None):
        videos = tuple(videos)
        times = [float(videos[:row].count(video)) if video else np.nan for row, video in enumerate(videos)]
        keys = tuple(f"{video}/{row}" for row, video in enumerate(videos))
        groups = tuple(groups or [""] * len(videos))
        return Marks(keys, keys, videos, np.array(times), groups, ("",) * len(videos))

    return make


@pytest.fixture(scope="session")
def make_run(make_marks):
    """Returns a function that makes the predictions of a run from the classes that its frames are called.

    Scores are 0.8 for the class called and 0.1 for the others, so that a right frame costs -log 0.8.
    """

    def make(labels, called, videos=None, class_names=CLASSES):
        marks = make_marks(videos or [""] * len(labels))
        scores = np.full((len(labels), len(class_names)), 0.2 / (len(class_names) - 1))
        scores[np.arange(len(labels)), called] = 0.8
        return Predictions(marks.keys, np.array(labels, np.int64), scores, tuple(class_names), marks=marks)

    return make


@pytest.fixture(scope="session")
def make_label_run(make_marks):
    """The same where a sample may have several labels: given are those whose score is at least a half."""

    def make(labels, scores, videos=None, class_names=CLASSES):
        marks = make_marks(videos or [""] * len(labels))
        labels, scores = np.array(labels, np.uint8), np.array(scores, np.float64)
        return Predictions(marks.keys, labels, scores, tuple(class_names), scores >= 0.5, marks)

    return make
