import numpy as np

from graphcore.evaluation.intervals.interval import Interval
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.report.places import are_frames, count_groups, describe_place, name_samples
from graphcore.timelines.marks import Marks


def predict(marks=None):
    return Predictions(("k0", "k1"), np.array([0, 1]), np.eye(2), ("a", "b"), marks=marks)


def mark(videos, times, files=("f0.jpg", "")):
    return Marks(("k0", "k1"), files, videos, np.array(times), ("", ""), ("", ""))


def test_frames_are_told_by_video_and_moment():
    predictions = predict(mark(("9", "9"), [62.0, 62.5]))

    assert are_frames(predictions)
    assert name_samples(predictions) == ("frame", "frames")
    assert [describe_place(predictions, row) for row in (0, 1)] == ["video 9 at 1:02", "video 9 at 1:02.5"]


def test_pictures_are_told_by_file_or_key():
    predictions = predict(mark(("", ""), [np.nan, np.nan]))

    assert name_samples(predictions) == ("picture", "pictures")
    assert [describe_place(predictions, row) for row in (0, 1)] == ["f0.jpg", "k1"]
    assert describe_place(predict(), 0) == "k0"


def test_groups_are_counted_in_words():
    assert count_groups(Interval(0, 1, 8, "videos"), predict()) == "8 videos"
    assert count_groups(Interval(0, 1, 1, "subjects"), predict()) == "1 subject"
    assert count_groups(Interval(0, 1, 50, "samples"), predict()) == "50 pictures"
