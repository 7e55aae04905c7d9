import numpy as np

from graphcore.evaluation.report.found import count_found
from graphcore.evaluation.videos.overlap_f1 import SegmentCounts


def test_segments_are_counted_class_by_class(make_timeline):
    true = [0, 0, 0, 0, 2, 2, 1, 1, 2, 0, 0]
    called = [0, 0, 0, 2, 2, 2, 1, 2, 2, 2, 2]
    timeline = make_timeline(true, called, num_classes=3)

    found = count_found([timeline], [timeline.predicted], outside=2)

    # Of the first 0 three of four frames are shared, the second is missed; 1 shares a half, which is enough.
    assert found == {0: SegmentCounts(1, 0, 1), 1: SegmentCounts(1, 0, 0)}


def test_videos_are_added_up(make_timeline):
    timelines = [make_timeline([0, 0, 1, 1], [0, 0, 1, 1]), make_timeline([1, 1, 1, 1], [0, 1, 0, 1])]

    found = count_found(timelines, [one.predicted for one in timelines], outside=1)

    assert found == {0: SegmentCounts(1, 2, 0)}


def test_frames_that_are_called_nothing_make_no_segment(make_timeline):
    timeline = make_timeline([0, 0], [0, 0])

    assert count_found([timeline], [np.array([-1, -1])]) == {0: SegmentCounts(0, 0, 1)}
