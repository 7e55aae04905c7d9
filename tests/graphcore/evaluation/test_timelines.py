import numpy as np

from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.timelines import make_timelines
from graphcore.timelines.marks import Marks


def make_predictions(videos, times, labels, groups=None):
    count = len(videos)
    keys = tuple(f"k{row}" for row in range(count))
    marks = Marks(keys, keys, tuple(videos), np.array(times, float), tuple(groups or [""] * count), ("",) * count)
    scores = np.linspace(0, 1, count)[:, None] * [1, -1] + [0, 1]  # class 0 from the middle on
    return Predictions(keys, np.array(labels), scores, ("cut", "sew"), marks=marks)


def test_each_video_is_a_timeline_in_the_order_of_time():
    found = make_timelines(make_predictions(["b", "a", "b", "a"], [2, 1, 0, 0], [0, 1, 1, 0], ["g", "h", "g", "h"]))
    assert [timeline.video for timeline in found] == ["a", "b"]
    first, second = found
    assert first.times_secs.tolist() == [0, 1]
    assert first.labels.tolist() == [0, 1]
    assert first.scores[:, 0].tolist() == [1, 1 / 3]
    assert first.predicted.tolist() == [0, 1]
    assert second.predicted.tolist() == [0, 1]
    assert (first.group, second.group) == ("h", "g")


def test_the_step_is_that_of_the_whole_split():
    found = make_timelines(make_predictions(["a", "a", "a", "b"], [0, 2, 4, 9], [0, 0, 0, 0]))
    assert [timeline.step_secs for timeline in found] == [2.0, 2.0]


def test_types_are_those_that_a_timeline_promises():
    (found,) = make_timelines(make_predictions(["a", "a"], [0, 1], np.array([0, 1], np.int32)))
    assert (found.labels.dtype, found.scores.dtype, found.predicted.dtype) == (np.int64, np.float64, np.int64)


def test_photos_make_no_timeline():
    assert make_timelines(make_predictions(["", ""], [np.nan, np.nan], [0, 1])) == []


def test_one_photo_among_frames_makes_that_none():
    assert make_timelines(make_predictions(["a", ""], [0, np.nan], [0, 1])) == []


def test_several_labels_make_no_timeline():
    assert make_timelines(make_predictions(["a", "a"], [0, 1], np.eye(2, dtype=np.uint8))) == []


def test_scores_alone_make_no_timeline():
    predictions = make_predictions(["a"], [0], [0])
    assert make_timelines(Predictions(predictions.keys, predictions.labels, predictions.scores, ("cut", "sew"))) == []
