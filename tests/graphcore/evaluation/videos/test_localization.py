from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.evaluation.videos.localization import (
    THRESHOLDS,
    Detections,
    average_precision,
    mean_average_precisions,
    score_spans,
)
from graphcore.evaluation.videos.spans import find_overlaps, find_spans

# True label, called, ticks that the frame stands for, and its score.
VIDEO = st.lists(
    st.tuples(st.integers(0, 2), st.integers(-1, 2), st.integers(1, 3), st.integers(1, 4)), max_size=15
)  # fmt: skip


def detect(true, predicted, scores, edges=None):
    """The detections of a video whose segments have the given scores."""
    edges = np.arange(len(true) + 1.0) if edges is None else np.array(edges, np.float64)
    spans = [find_spans(np.array(labels, np.int64), edges, 0) for labels in (true, predicted)]
    return Detections(spans[0], spans[1], np.array(scores, np.float64), find_overlaps(*spans))


def precision_at(videos, threshold):
    found = mean_average_precisions(videos, [threshold])
    assert found is not None
    return found[0]


def test_thresholds_are_those_of_activitynet():
    assert THRESHOLDS == (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


def test_average_precision_takes_the_best_precision_from_each_recall_on():
    # Right, wrong, wrong, right, right, of 4. Precisions 1, 1/2, 1/3, 2/4, 3/5; best from the second right on: 3/5.
    right = np.array([True, False, False, True, True])
    assert average_precision(right, 4) == pytest.approx((1 + 3 / 5 + 3 / 5 + 0) / 4)


def test_average_precision_of_none_predicted():
    assert average_precision(np.zeros(0, bool), 2) == 0


def test_score_of_a_segment_is_the_mean_score_of_its_label():
    spans = find_spans(np.array([1, 1, 0, 2]), np.arange(5.0), 0)
    scores = np.array([[0.1, 0.7, 0.2], [0.3, 0.4, 0.3], [0.8, 0.1, 0.1], [0.2, 0.2, 0.6]])
    assert score_spans(spans, scores).tolist() == pytest.approx([(0.7 + 0.4) / 2, 0.6])


def test_segments_of_equal_frames_score_the_same():
    spans = find_spans(np.array([1] * 3 + [0] + [1] * 7), np.arange(12.0), 0)
    first, second = score_spans(spans, np.full((11, 2), 0.7)).tolist()
    assert first == second


def test_a_segment_is_right_from_the_threshold_on():
    # 3 shared of 4.
    videos = [detect([1, 1, 1, 1], [1, 1, 1, 0], [0.9])]
    assert mean_average_precisions(videos) == [1.0] * 6 + [0.0] * 4


def test_a_wrong_segment_of_a_higher_score_halves_precision():
    # By score: wrong (0.9), right (0.8): precision 1/2 at recall 1.
    assert precision_at([detect([0, 0, 1, 1], [1, 0, 1, 1], [0.9, 0.8])], 0.5) == pytest.approx(1 / 2)
    assert precision_at([detect([0, 0, 1, 1], [1, 0, 1, 1], [0.8, 0.9])], 0.5) == 1


def test_a_true_segment_is_taken_once():
    # True 0 to 10 is taken by predicted 0 to 4, which scores more than 5 to 10: right, wrong, and right for 11 to 13.
    # Precisions 1, 1/2, 2/3.
    true, predicted = [1] * 10 + [0, 1, 1], [1] * 4 + [0] + [1] * 5 + [0, 1, 1]
    assert precision_at([detect(true, predicted, [0.9, 0.8, 0.7])], 0.4) == pytest.approx((1 + 2 / 3) / 2)
    # At 0.45 the first is too small and the second takes it: precisions 0, 1/2, 2/3, of which the best is 2/3.
    assert precision_at([detect(true, predicted, [0.9, 0.8, 0.7])], 0.45) == pytest.approx(2 / 3)


def test_a_segment_is_tried_on_its_second_best():
    # Predicted 0 to 5 takes true 0 to 10. Predicted 6 to 12 overlaps that best too (4 of 12), finds it taken, and takes
    # true 10.5 to 12 (1.5 of 6): unlike F1@k.
    edges = [0, 5, 6, 10, 10.5, 12]
    videos = [detect([1, 1, 1, 0, 1], [1, 0, 1, 1, 1], [0.9, 0.8], edges)]
    assert precision_at(videos, 0.2) == 1
    assert precision_at(videos, 0.3) == pytest.approx(1 / 2)


def test_a_segment_takes_the_one_it_overlaps_most_and_no_other():
    # Predicted 2 to 12 overlaps true 0 to 4 (2 of 12) and true 5 to 12 (7 of 10), and leaves the former to predicted
    # 0 to 1 (1 of 4).
    true, predicted = [1] * 4 + [0] + [1] * 7, [1, 0] + [1] * 10
    assert precision_at([detect(true, predicted, [0.8, 0.9])], 0.1) == 1


def test_segments_of_all_videos_are_ranked_together():
    # Wrong at 0.9 in one video, right at 0.8 in the other.
    videos = [detect([0, 0], [1, 0], [0.9]), detect([1, 0], [1, 0], [0.8])]
    assert precision_at(videos, 0.5) == pytest.approx(1 / 2)


def test_a_segment_takes_none_of_another_video():
    assert precision_at([detect([1, 1], [0, 0], []), detect([0, 0], [1, 1], [0.9])], 0.5) == 0


def test_of_equal_scores_the_earlier_video_comes_first():
    wrong, right = detect([0, 0], [1, 1], [0.5]), detect([1, 1], [1, 1], [0.5])
    assert precision_at([right, wrong], 0.5) == 1
    assert precision_at([wrong, right], 0.5) == pytest.approx(1 / 2)


def test_the_mean_is_over_labels_that_are_true_somewhere():
    # Label 1 found, label 2 not, label 3 predicted and never true.
    assert precision_at([detect([1, 2, 0], [1, 0, 3], [0.9, 0.8])], 0.5) == pytest.approx((1 + 0) / 2)


def test_nothing_true_has_no_figure():
    assert mean_average_precisions([detect([0, 0], [1, 0], [0.9])]) is None
    assert mean_average_precisions([]) is None


def slow_average_precision(videos, label, threshold):
    """From segments as sets of ticks: each recall that is reached, by its best precision."""
    true, predicted = [], []
    for number, video in enumerate(videos):
        for place, into in ((0, true), (1, predicted)):
            last, start = None, 0
            for frame in video:
                ticks = set(range(start, start + frame[2]))
                if frame[place] == label and last == label:
                    into[-1][1].update(ticks)
                    into[-1][2].append(frame[3])
                elif frame[place] == label:
                    into.append((number, ticks, [frame[3]]))
                last, start = frame[place], start + frame[2]
    ranked = sorted(predicted, key=lambda one: -Fraction(sum(one[2]), len(one[2])))
    free, right = list(range(len(true))), []
    for number, ticks, _ in ranked:
        overlaps = [
            (Fraction(len(ticks & true[one][1]), len(ticks | true[one][1])), -one)
            for one in free
            if true[one][0] == number
        ]
        best, one = max(overlaps, default=(Fraction(0), 0))
        right.append(best >= threshold)
        if right[-1]:
            free.remove(-one)
    total = Fraction(0)
    for found in range(1, len(true) + 1):
        reached = [
            Fraction(sum(right[:taken]), taken) for taken in range(1, len(right) + 1) if sum(right[:taken]) >= found
        ]
        total += max(reached, default=Fraction(0))
    return total / len(true)


@given(st.lists(VIDEO, max_size=4), st.sampled_from([10, 30, 50, 75, 95]))
def test_figures_are_those_of_a_slow_loop_over_sets_of_ticks(videos, percent):
    detections = []
    for video in videos:
        edges = np.cumsum([0, *(frame[2] for frame in video)]) / 10
        true, predicted = (
            find_spans(np.array([frame[place] for frame in video], np.int64), edges, 0) for place in (0, 1)
        )
        # A frame's score, whichever label it is called.
        scores = np.array([[frame[3] / 8] * 3 for frame in video]).reshape(-1, 3)
        detections.append(
            Detections(true, predicted, score_spans(predicted, scores), find_overlaps(true, predicted))
        )  # fmt: skip
    labels = {frame[0] for video in videos for frame in video} - {0}
    found = mean_average_precisions(detections, [percent / 100])

    if not labels:
        assert found is None
    else:
        slow = [slow_average_precision(videos, label, Fraction(percent, 100)) for label in labels]
        assert found == [pytest.approx(float(sum(slow) / len(slow)))]
