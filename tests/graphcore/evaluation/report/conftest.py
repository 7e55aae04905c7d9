"""What the tests of the report share: a page taken apart, and small contents to make one of."""

import dataclasses
import io
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from graphcore.evaluation.intervals.groups import plan_groups
from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.report import ReportContent
from graphcore.evaluation.timelines import make_timelines
from graphcore.evaluation.videos.figures import compute_video_metrics
from graphcore.timelines.marks import Marks
from graphcore.timelines.timeline import Timeline

VOID = {"img", "br", "meta"}


class Page(HTMLParser):
    """What a reader would see, tag by tag.

    Attributes: `tags` and `texts` in order, `images` and `classes` as attributes, `open` the elements never closed.
    """

    def __init__(self, text):
        super().__init__()
        self.tags, self.images, self.texts, self.styles, self.open = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.styles.append((tag, dict(attrs).get("class") or ""))
        if tag == "img":
            self.images.append(dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.texts.append(data.strip())

    def after(self, title):
        """The texts that follow a heading."""
        return self.texts[self.texts.index(title) + 1 :]

    def count(self, kind):
        """How many elements have a class."""
        return sum(kind in classes.split() for _, classes in self.styles)


@pytest.fixture
def parse():
    return Page


@pytest.fixture
def make_timeline():
    """A video of two or more classes whose frames are a second apart; scores are 0.8 for what was called."""

    def make(labels, predicted, video="v", step=1.0, num_classes=2, start=0.0):
        labels, predicted = np.array(labels), np.array(predicted)
        scores = np.full((len(labels), num_classes), 0.2 / (num_classes - 1))
        scores[np.arange(len(labels)), predicted] = 0.8
        return Timeline(video, start + step * np.arange(len(labels)), labels, scores, predicted, step)

    return make


def draw(key="", size=(320, 240)):
    file = io.BytesIO()
    Image.new("RGB", size, (len(key) * 9 % 255, 80, 120)).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def draw_picture():
    return draw


@pytest.fixture
def make_video_content():
    """A content of videos: {name: (labels, what the frames are called)}; frames are 2 s apart."""

    def make(videos, names=("suturing", "not-suturing"), segmented=None, causal=False, **parts):
        keys, marked, times, labels, scores = [], [], [], [], []
        for video, (true, called) in videos.items():
            for frame, (label, other) in enumerate(zip(true, called, strict=True)):
                keys.append(f"{video}/{frame}")
                marked.append(video)
                times.append(2.0 * frame)
                labels.append(label)
                scores.append([0.9 if n == other else 0.1 / (len(names) - 1) for n in range(len(names))])
        count = len(keys)
        files = tuple(f"{video}.mp4" for video in marked)
        marks = Marks(tuple(keys), files, tuple(marked), np.array(times), ("",) * count, ("",) * count)
        predictions = Predictions(tuple(keys), np.array(labels), np.array(scores), tuple(names), marks=marks)
        timelines = make_timelines(predictions)
        found = compute_video_metrics(timelines, names, causal, segmented=segmented)
        metrics = compute_metrics(
            "test", predictions.labels, predictions.scores, names,
            groups=plan_groups(marks, marks.keys), resamples=50, videos=found,
        )  # fmt: skip
        content = ReportContent("a run", metrics, predictions, timelines, segmented)
        return dataclasses.replace(content, **parts)

    return make


@pytest.fixture
def make_content():
    """A content of pictures with one label each, or several where labels have two dimensions."""

    def make(labels, scores, names, thresholds=None, keys=None, **parts):
        labels, scores = np.array(labels), np.array(scores, float).reshape(len(labels), len(names))
        metrics = compute_metrics("test", labels, scores, names, thresholds=thresholds)
        keys = tuple(keys or (f"key {n}" for n in range(len(labels))))
        predictions = Predictions(keys, labels, scores, tuple(names)).give(thresholds)
        return ReportContent("a run", metrics, predictions, **parts)

    return make
