import numpy as np
import pytest

from graphcore.evaluation.intervals.groups import Groups
from graphcore.evaluation.intervals.of_videos import find_intervals_of_videos
from graphcore.evaluation.videos.figures import compute_video_metrics
from graphcore.timelines.timeline import Timeline

NAMES = ("cut", "sew")


def make_timeline(video, predicted):
    """Two seconds of cutting, two of sewing."""
    predicted = np.array(predicted)
    scores = np.eye(2)[predicted] * 0.8 + 0.1
    return Timeline(video, np.arange(4.0), np.array([0, 0, 1, 1]), scores, predicted, 1.0)


# v1 and v2: all right. v3: three of four right. v4: cutting throughout.
CALLED = {"v1": [0, 0, 1, 1], "v2": [0, 0, 1, 1], "v3": [0, 1, 1, 1], "v4": [0, 0, 0, 0]}
TIMELINES = [make_timeline(video, predicted) for video, predicted in CALLED.items()]
FRAMES = tuple(video for video in CALLED for _ in range(4))
VIDEOS = Groups(FRAMES, "videos", "4 videos are few.", {video: video for video in FRAMES})


def test_means_over_videos_are_drawn_by_video():
    videos = compute_video_metrics(TIMELINES, NAMES, causal=True)
    found = find_intervals_of_videos(videos, VIDEOS, 40_000)

    # Of all 256 draws 16 are of v1 and v2 alone. v4 comes thrice or more in 13; the lowest of these are four times v4,
    # and four in which v3 comes too: 5, fewer than 2.5 %. With v1 or v2 in the place of v3 there are 13: 5.1 %.
    assert (found["video_accuracy"].low, found["video_accuracy"].high) == pytest.approx((2.5 / 4, 1))
    assert (found["edit"].low, found["edit"].high) == pytest.approx((62.5, 100))
    assert (found["video_accuracy"].groups, found["video_accuracy"].unit) == (4, "videos")
    assert found["video_accuracy"].caution == "4 videos are few."


def test_the_pooled_f1_is_drawn_by_video():
    videos = compute_video_metrics(TIMELINES, NAMES, causal=True)
    found = find_intervals_of_videos(videos, VIDEOS, 40_000)

    # v1 to v3: two of two found. v4: cutting is found, at an overlap of one half, and sewing is missed: 2 / (2 + 1).
    # Three times v4 and one of the others: 2 x (3 + 2) / (10 + 3).
    assert (found["f1@50"].low, found["f1@50"].high) == pytest.approx((100 * 10 / 13, 100))


def test_which_figures_have_one():
    predicted = [timeline.predicted for timeline in TIMELINES]
    videos = compute_video_metrics(TIMELINES, NAMES, causal=True, relax_secs=1, segmented=predicted)
    shares = {"video_accuracy", "phase_precision", "phase_recall", "phase_jaccard", "phase_f1"}
    plain = shares | {f"{name}_relaxed" for name in shares} | {"edit", "f1@10", "f1@25", "f1@50"}

    assert set(find_intervals_of_videos(videos, VIDEOS, 100)) == plain | {f"segmented_{name}" for name in plain}


def test_videos_of_subjects_are_drawn_by_subject():
    timelines = [*TIMELINES, make_timeline("v5", CALLED["v4"])]
    owners = dict(zip(("v1", "v2", "v3", "v4", "v5"), "abcdd", strict=True))
    subjects = Groups(tuple(owner for owner in owners.values() for _ in range(4)), "subjects", "", owners)
    found = find_intervals_of_videos(compute_video_metrics(timelines, NAMES, causal=True), subjects, 40_000)

    # Subject d has two videos of one half right: of d three times and a or b there are 7 videos.
    assert (found["video_accuracy"].low, found["video_accuracy"].high) == pytest.approx((4 / 7, 1))
    assert (found["video_accuracy"].groups, found["video_accuracy"].unit) == (4, "subjects")


def test_fewer_than_four_subjects_have_none_however_many_videos():
    subjects = Groups(FRAMES, "subjects", "", dict(zip(CALLED, "aabc", strict=True)))

    assert find_intervals_of_videos(compute_video_metrics(TIMELINES, NAMES, causal=True), subjects, 100) == {}


def test_one_video_or_no_draws_have_none():
    one = compute_video_metrics(TIMELINES[:1], NAMES, causal=True)

    assert find_intervals_of_videos(one, VIDEOS, 100) == {}
    assert find_intervals_of_videos(compute_video_metrics(TIMELINES, NAMES, causal=True), VIDEOS, 0) == {}
    assert find_intervals_of_videos(compute_video_metrics([], NAMES, causal=True), VIDEOS, 100) == {}
