import numpy as np
import pytest

from graphcore.evaluation.groups import Groups
from graphcore.evaluation.video_intervals import find_intervals_of_videos
from graphcore.evaluation.videos.figures import compute_video_metrics
from graphcore.timelines.timeline import Timeline

NAMES = ("cut", "sew")


def make_timeline(video, predicted):
    """Two seconds of cutting, two of sewing."""
    predicted = np.array(predicted)
    scores = np.eye(2)[predicted] * 0.8 + 0.1
    return Timeline(video, np.arange(4.0), np.array([0, 0, 1, 1]), scores, predicted, 1.0)


# v1: all right. v2: three of four right. v3: cutting throughout.
TIMELINES = [make_timeline("v1", [0, 0, 1, 1]), make_timeline("v2", [0, 1, 1, 1]), make_timeline("v3", [0, 0, 0, 0])]
FRAMES = tuple(video for video in ("v1", "v2", "v3") for _ in range(4))
VIDEOS = Groups(FRAMES, "videos", "3 videos are few.", {video: video for video in FRAMES})


def test_means_over_videos_are_drawn_by_video():
    videos = compute_video_metrics(TIMELINES, NAMES, causal=True)
    found = find_intervals_of_videos(videos, VIDEOS, 4000)

    # Of 27 draws one is v1 thrice and one v3 thrice: 3.7 % each, more than 2.5 %.
    assert (found["video_accuracy"].low, found["video_accuracy"].high) == pytest.approx((0.5, 1))
    assert (found["edit"].low, found["edit"].high) == pytest.approx((50, 100))
    assert (found["video_accuracy"].groups, found["video_accuracy"].unit) == (3, "videos")
    assert found["video_accuracy"].caution == "3 videos are few."


def test_the_pooled_f1_is_drawn_by_video():
    videos = compute_video_metrics(TIMELINES, NAMES, causal=True)
    found = find_intervals_of_videos(videos, VIDEOS, 4000)

    # v1: two of two found. v3: cutting is found, at an overlap of one half, and sewing is missed: 2 / (2 + 0 + 1).
    assert (found["f1@50"].low, found["f1@50"].high) == pytest.approx((100 * 2 / 3, 100))


def test_which_figures_have_one():
    predicted = [timeline.predicted for timeline in TIMELINES]
    videos = compute_video_metrics(TIMELINES, NAMES, causal=True, relax_secs=1, segmented=predicted)
    shares = {"video_accuracy", "phase_precision", "phase_recall", "phase_jaccard", "phase_f1"}
    plain = shares | {f"{name}_relaxed" for name in shares} | {"edit", "f1@10", "f1@25", "f1@50"}

    assert set(find_intervals_of_videos(videos, VIDEOS, 100)) == plain | {f"segmented_{name}" for name in plain}


def test_videos_of_subjects_are_drawn_by_subject():
    subjects = Groups(("a",) * 8 + ("b",) * 4, "subjects", "", {"v1": "a", "v2": "a", "v3": "b"})
    found = find_intervals_of_videos(compute_video_metrics(TIMELINES, NAMES, causal=True), subjects, 1000)

    # Draws are of a twice, b twice or both.
    assert (found["video_accuracy"].low, found["video_accuracy"].high) == pytest.approx((0.5, 7 / 8))
    assert (found["video_accuracy"].groups, found["video_accuracy"].unit) == (2, "subjects")


def test_one_video_or_no_draws_have_none():
    one = compute_video_metrics(TIMELINES[:1], NAMES, causal=True)

    assert find_intervals_of_videos(one, VIDEOS, 100) == {}
    assert find_intervals_of_videos(compute_video_metrics(TIMELINES, NAMES, causal=True), VIDEOS, 0) == {}
    assert find_intervals_of_videos(compute_video_metrics([], NAMES, causal=True), VIDEOS, 100) == {}
