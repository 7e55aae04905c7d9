from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.evaluation.videos.phases import measure_labels, video_accuracy

FRAMES = st.lists(st.tuples(st.integers(0, 3), st.integers(-1, 4), st.booleans()), max_size=30)


def shares(labels, predicted, right=None):
    found = measure_labels(np.array(labels, np.int64), np.array(predicted, np.int64), right)
    return {one.label: (one.precision, one.recall, one.jaccard, one.f1) for one in found}


def test_accuracy_is_the_share_of_right_frames():
    assert video_accuracy(np.array([True, True, True, False])) == 3 / 4


def test_figures_of_each_label():
    # Label 0: 3 frames, 3 called, 2 both. Label 1: 3 frames, 2 called, 1 both. Label 2: 2 frames, 3 called, 2 both.
    found = shares([0, 0, 0, 1, 1, 1, 2, 2], [0, 0, 1, 1, 2, 0, 2, 2])

    assert found[0] == pytest.approx((2 / 3, 2 / 3, 2 / 4, 2 / 3))
    assert found[1] == pytest.approx((1 / 2, 1 / 3, 1 / 4, 2 / 5))
    assert found[2] == pytest.approx((2 / 3, 2 / 2, 2 / 3, 4 / 5))


def test_a_label_absent_from_the_truth_has_no_figures_even_where_it_was_called():
    assert shares([0, 0], [0, 1]) == {0: pytest.approx((1, 1 / 2, 1 / 2, 2 / 3))}


def test_a_label_that_was_never_called_has_zeros():
    assert shares([0, 1], [0, 0])[1] == (0, 0, 0, 0)


def test_a_frame_that_was_called_nothing_is_wrong():
    assert shares([0, 0], [0, -1]) == {0: pytest.approx((1, 1 / 2, 1 / 2, 2 / 3))}


def test_one_frame():
    assert shares([3], [3]) == {3: (1, 1, 1, 1)}
    assert shares([3], [0]) == {3: (0, 0, 0, 0)}


def test_no_frames_have_no_figures():
    assert shares([], []) == {}


def test_a_forgiven_frame_is_right_for_its_own_label_and_for_the_one_it_was_called():
    # Frame 2 is of label 0 and called 1, and forgiven. Called 1: 3 of 3 right, of 1: 2 of 2, of either: 3 of 3.
    # Called 0: 2 of 2, of 0: 3 of 3.
    found = shares([0, 0, 0, 1, 1], [0, 0, 1, 1, 1], np.ones(5, bool))
    assert found == {0: (1, 1, 1, 1), 1: (1, 1, 1, 1)}


@given(FRAMES)
def test_figures_are_those_of_sets_of_frames(frames):
    labels, predicted = [label for label, _, _ in frames], [called for _, called, _ in frames]
    right = {n for n, (label, called, forgiven) in enumerate(frames) if label == called or (forgiven and called >= 0)}

    def share(some):
        return Fraction(len(some & right), len(some)) if some else Fraction(0)

    expected = {}
    for label in sorted(set(labels)):
        of_label = {n for n, one in enumerate(labels) if one == label}
        called = {n for n, one in enumerate(predicted) if one == label}
        precision, recall = share(called), share(of_label)
        f1 = 2 / (1 / precision + 1 / recall) if precision and recall else Fraction(0)
        expected[label] = tuple(map(float, (precision, recall, share(called | of_label), f1)))

    found = shares(labels, predicted, np.array([n in right for n in range(len(frames))], bool))
    assert list(found) == list(expected)
    assert all(found[label] == pytest.approx(expected[label]) for label in expected)


@given(FRAMES)
def test_jaccard_is_f1_by_two_less_f1(frames):
    # With TP, FP, FN: F1 = 2 TP / (2 TP + FP + FN), Jaccard = TP / (TP + FP + FN).
    for _, _, jaccard, f1 in shares([frame[0] for frame in frames], [frame[1] for frame in frames]).values():
        assert jaccard == pytest.approx(f1 / (2 - f1))
        assert jaccard <= f1
