import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.errors import RunError
from graphcore.evaluation.videos.figures import PhaseFigures, compute_video_metrics

NAMES = ("background", "cut", "sew")
FRAMES = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 8)), max_size=20)
VIDEOS = st.lists(FRAMES, max_size=4)


@pytest.fixture(scope="module")
def two_videos(make_timeline):
    """Label 2 is in the second one only."""
    return [
        # Accuracy 3/4. Of 0: 1 of 2 called, 1 of 1. Of 1: 2 of 2 called, 2 of 3.
        make_timeline([0, 1, 1, 1], [0, 0, 1, 1], video="a"),
        # Accuracy 4/8. Of 1: 4 of 8 called, 4 of 4. Of 2: never called.
        make_timeline([1, 1, 1, 1, 2, 2, 2, 2], [1] * 8, video="b"),
    ]


def make_random(make_timeline, videos):
    """Videos of frames (label, called, score of what it is called)."""
    made = []
    for number, frames in enumerate(videos):
        scores = np.array([[0.1 + score / 100] * 3 for _, _, score in frames]).reshape(-1, 3)
        labels, predicted = [frame[0] for frame in frames], [frame[1] for frame in frames]
        made.append(make_timeline(labels, predicted, scores, video=str(number)))
    return made


def test_means_over_videos(two_videos):
    values = compute_video_metrics(two_videos, NAMES, causal=False).values

    assert values["videos"] == 2
    assert values["video_accuracy"] == pytest.approx((3 / 4 + 4 / 8) / 2)
    assert values["phase_precision"] == pytest.approx(((1 / 2 + 1) / 2 + (1 / 2 + 0) / 2) / 2)
    assert values["phase_recall"] == pytest.approx(((1 + 2 / 3) / 2 + (1 + 0) / 2) / 2)
    assert values["phase_jaccard"] == pytest.approx(((1 / 2 + 2 / 3) / 2 + (1 / 2 + 0) / 2) / 2)
    assert values["phase_f1"] == pytest.approx(((2 / 3 + 4 / 5) / 2 + (2 / 3 + 0) / 2) / 2)


def test_standard_deviations_over_videos_are_those_of_a_sample(two_videos):
    values = compute_video_metrics(two_videos, NAMES, causal=False).values

    # Of two numbers: their distance by the square root of 2.
    assert values["video_accuracy_std"] == pytest.approx((3 / 4 - 4 / 8) / math.sqrt(2))
    assert values["phase_recall_std"] == pytest.approx((5 / 6 - 1 / 2) / math.sqrt(2))


def test_means_over_labels_are_those_of_the_challenge(two_videos):
    values = compute_video_metrics(two_videos, NAMES, causal=False).values

    # Recall of 0: 1; of 1: the mean of 2/3 and 1; of 2: 0.
    by_label = [1, (2 / 3 + 1) / 2, 0]
    assert values["phase_recall_by_label"] == pytest.approx(sum(by_label) / 3)
    assert values["phase_recall_by_label_std"] == pytest.approx(np.std(by_label, ddof=1))


def test_segments_of_all_videos(two_videos):
    values = compute_video_metrics(two_videos, NAMES, causal=False).values

    # First video 1 and 1; second 1, 2 and 1: one deletion of two.
    assert values["edit"] == pytest.approx((100 + 50) / 2)
    # Overlaps 2/3 and 4/8: 2 right, none wrong, 1 missed, at any of the three.
    assert [values[name] for name in ("f1@10", "f1@25", "f1@50")] == pytest.approx([100 * 4 / 5] * 3)
    # Label 1 at 0.50: both of two are right, average precision 1; label 2 has 0.
    assert values["map@0.50"] == pytest.approx(1 / 2)
    # At 0.55 and above only the overlap of 2/3 counts. Scores are equal, so that the first video's comes first: 1/2.
    assert [values[f"map@{name}"] for name in ("0.55", "0.60", "0.65")] == pytest.approx([1 / 4] * 3)
    assert [values[f"map@{name}"] for name in ("0.70", "0.75", "0.80", "0.85", "0.90", "0.95")] == [0] * 6
    assert values["map@tiou"] == pytest.approx((1 / 2 + 3 / 4) / 10)


def test_figures_of_classes_over_the_videos_in_which_they_occur(two_videos):
    first, second, third = compute_video_metrics(two_videos, NAMES, causal=False).phases

    assert first == PhaseFigures("background", 1 / 2, 1, 1 / 2, pytest.approx(2 / 3), videos=1)
    assert second == PhaseFigures(
        name="cut",
        precision=pytest.approx((1 + 1 / 2) / 2),
        recall=pytest.approx((2 / 3 + 1) / 2),
        jaccard=pytest.approx((2 / 3 + 1 / 2) / 2),
        f1=pytest.approx((4 / 5 + 2 / 3) / 2),
        videos=2,
    )
    assert third == PhaseFigures("sew", 0, 0, 0, 0, videos=1)


def test_names_without_relaxed_boundaries_nor_post_processing(two_videos):
    values = compute_video_metrics(two_videos, NAMES, causal=True).values

    shares = [f"phase_{share}{by}" for share in ("precision", "recall", "jaccard", "f1") for by in ("", "_by_label")]
    assert set(values) == {
        *("videos", "causal", "edit", "f1@10", "f1@25", "f1@50", "map@tiou", "video_accuracy", "video_accuracy_std"),
        *shares,
        *(f"{share}_std" for share in shares),
        *(f"map@0.{percent}" for percent in range(50, 100, 5)),
    }


def test_it_is_said_whether_figures_are_causal(two_videos):
    online = compute_video_metrics(two_videos, NAMES, causal=True)
    assert (online.values["causal"], online.causal) == (1, True)
    assert compute_video_metrics(two_videos, NAMES, causal=False).values["causal"] == 0


@pytest.mark.parametrize(("causal", "segmented_causal", "told"), [(True, True, 1), (True, False, 0), (False, True, 0)])
def test_labels_after_post_processing_are_causal_where_it_and_the_frames_are(
    two_videos, causal, segmented_causal, told
):
    mended = [video.predicted for video in two_videos]
    values = compute_video_metrics(
        two_videos, NAMES, causal, segmented=mended, segmented_causal=segmented_causal
    ).values
    assert (values["causal"], values["segmented_causal"]) == (causal, told)


def test_relaxed_figures_stand_beside_the_strict_ones(two_videos):
    strict = compute_video_metrics(two_videos, NAMES, causal=True)
    metrics = compute_video_metrics(two_videos, NAMES, causal=True, relax_secs=2.0)

    # The late frame of the first video; frames at 4 and 5 s of the second.
    assert metrics.values["video_accuracy_relaxed"] == pytest.approx((4 / 4 + 6 / 8) / 2)
    assert metrics.values["video_accuracy_relaxed_std"] == pytest.approx((1 - 6 / 8) / math.sqrt(2))
    assert metrics.relax_secs == 2.0
    frame_wise = {name for name in strict.values if name.startswith(("video_accuracy", "phase_"))}
    added = {name.removesuffix("_std") + "_relaxed" + "_std" * name.endswith("_std") for name in frame_wise}
    assert set(metrics.values) == set(strict.values) | added
    assert {name: metrics.values[name] for name in strict.values} == strict.values


def test_labels_after_post_processing_have_all_figures_once_more(two_videos):
    mended = [np.array([0, 1, 1, 1]), np.array([1, 1, 1, 1, 2, 2, 2, 1])]
    metrics = compute_video_metrics(two_videos, NAMES, causal=False, segmented=mended)

    assert metrics.values["video_accuracy"] == pytest.approx(5 / 8)
    assert metrics.values["segmented_video_accuracy"] == pytest.approx((1 + 7 / 8) / 2)
    assert metrics.values["segmented_edit"] == pytest.approx((100 + 100 * 2 / 3) / 2)
    assert [video.accuracy for video in metrics.segmented_videos] == [1, 7 / 8]
    assert "segmented_videos" not in metrics.values
    named = set(metrics.values) - {"videos", "causal", "segmented_causal"}
    assert {name for name in named if name.startswith("segmented_")} == {
        f"segmented_{name}" for name in named if not name.startswith("segmented_")
    }


def test_a_class_not_x_is_background_too(make_timeline):
    timeline = make_timeline([0, 0, 1], [0, 0, 0], classes=2)
    values = compute_video_metrics([timeline], ("suturing", "not-suturing"), causal=True).values
    # Predicted 0, true 0: overlap 2/3, label 1 makes no segment.
    assert (values["f1@50"], values["edit"]) == (100, 100)


def test_one_video_has_no_standard_deviation(two_videos):
    values = compute_video_metrics(two_videos[1:], NAMES, causal=True).values
    assert [name for name in values if name.endswith("_std") and "by_label" not in name] == []


def test_figures_that_are_not_defined_are_left_out(make_timeline):
    values = compute_video_metrics([make_timeline([0, 0], [0, 0])], NAMES, causal=True).values
    assert not any(name.startswith(("f1@", "map@")) for name in values)
    assert values["edit"] == 100


def test_a_video_without_frames_is_not_counted(two_videos, make_timeline):
    empty = make_timeline([], [], video="empty")
    with_empty = compute_video_metrics([empty, *two_videos], NAMES, causal=True, relax_secs=2.0)
    without = compute_video_metrics(two_videos, NAMES, causal=True, relax_secs=2.0)
    assert with_empty == without


def test_no_videos_have_no_figures(make_timeline):
    metrics = compute_video_metrics([make_timeline([], [])], NAMES, causal=True, relax_secs=1.0, segmented=[[]])
    assert (metrics.values, metrics.videos, metrics.phases) == ({}, (), ())
    assert compute_video_metrics([], NAMES, causal=True).values == {}


def test_labels_of_other_frames_are_an_error(two_videos):
    with pytest.raises(RunError, match=r"labels for \[4, 7\] frames of videos that have \[4, 8\]"):
        compute_video_metrics(two_videos, NAMES, causal=True, segmented=[np.zeros(4, int), np.zeros(7, int)])


def test_labels_beyond_the_classes_are_an_error(two_videos):
    with pytest.raises(RunError, match=r"labelled 3, and there are 3 classes"):
        compute_video_metrics(two_videos, NAMES, causal=True, segmented=[np.zeros(4, int), np.full(8, 3)])


@given(VIDEOS, st.integers(0, 5))
def test_no_figure_is_nan_and_all_are_in_range(make_timeline, videos, relax_secs):
    timelines = make_random(make_timeline, videos)
    metrics = compute_video_metrics(
        timelines, NAMES, True, relax_secs, segmented=[timeline.predicted for timeline in timelines]
    )
    for name, value in metrics.values.items():
        assert 0 <= value <= (100 if "edit" in name or "f1@" in name else max(1, len(videos)) + 1e-9), name
    for name in ("video_accuracy", "phase_precision", "phase_recall", "phase_jaccard", "phase_f1"):
        if relax_secs and name in metrics.values:
            assert metrics.values[f"{name}_relaxed"] >= metrics.values[name] - 1e-12
        if name in metrics.values:
            assert metrics.values[f"segmented_{name}"] == metrics.values[name]
    if metrics.values:
        assert metrics.values["phase_jaccard"] <= metrics.values["phase_f1"]


@given(VIDEOS)
def test_a_perfect_prediction_has_the_highest_figures(make_timeline, videos):
    timelines = make_random(make_timeline, [[(label, label, score) for label, _, score in video] for video in videos])
    values = compute_video_metrics(timelines, NAMES, True, relax_secs=1.0).values
    for name, value in values.items():
        if name not in ("videos", "causal"):
            highest = 100 if name == "edit" or name.startswith("f1@") else 1
            assert value == pytest.approx(0 if name.endswith("_std") else highest), name


@given(VIDEOS)
def test_names_of_classes_decide_nothing(make_timeline, videos):
    turned = [[(*((0, 2, 1)[label] for label in frame[:2]), frame[2]) for frame in video] for video in videos]
    values = compute_video_metrics(make_random(make_timeline, videos), NAMES, True, 2.0).values
    assert compute_video_metrics(make_random(make_timeline, turned), NAMES, True, 2.0).values == pytest.approx(values)
