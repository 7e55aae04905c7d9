import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.heads.ranking import average_precision, choose_steady_thresholds, choose_thresholds


def column(values, dtype=np.float32):
    return np.array(values, dtype)[:, np.newaxis]


def test_average_precision_is_the_mean_precision_at_each_positive():
    # Best first: right, wrong, right, wrong, right.
    (found,) = average_precision(column([1, 0, 1, 0, 1]), column([0.9, 0.8, 0.7, 0.6, 0.5]))
    assert found == pytest.approx((1 / 1 + 2 / 3 + 3 / 5) / 3)


def test_equal_scores_come_in_at_once():
    # One right of one, then three of four at once: the order in the file decides nothing.
    for labels in ([1, 1, 1, 0], [1, 0, 1, 1]):
        (found,) = average_precision(column(labels), column([0.9, 0.5, 0.5, 0.5]))
        assert found == pytest.approx(1 / 3 * 1 + 2 / 3 * 3 / 4)


def test_class_without_positives_has_none():
    found = average_precision(np.array([[0, 1], [0, 0]]), np.array([[0.1, 0.9], [0.2, 0.1]]))
    np.testing.assert_array_equal(found, [np.nan, 1])


def test_no_samples():
    assert np.isnan(average_precision(np.zeros((0, 2)), np.zeros((0, 2)))).all()
    assert choose_thresholds(np.zeros((0, 2)), np.zeros((0, 2))) == [0.5, 0.5]


def test_threshold_parts_where_f1_is_best():
    # From 0.7 on: 2 right of 3 taken, one positive left out: F1 2*2/(3+3). All four above 0.2: 2*3/(4+3).
    labels, scores = column([1, 0, 1, 1, 0]), column([0.9, 0.8, 0.7, 0.4, 0.2])
    assert choose_thresholds(labels, scores) == [pytest.approx(0.3)]


def test_threshold_below_the_lowest_score_is_half_of_it():
    assert choose_thresholds(column([0, 1]), column([0.8, 0.4])) == [pytest.approx(0.2)]


def test_of_equal_thresholds_the_one_nearest_to_a_half_wins():
    # One right of one, and two right of ... : 2*1/(1+2) twice.
    labels, scores = column([1, 0, 0, 1]), column([0.9, 0.6, 0.5, 0.1])
    f1 = [2 * 1 / (1 + 2), 2 * 1 / (2 + 2), 2 * 1 / (3 + 2), 2 * 2 / (4 + 2)]
    assert f1[0] == f1[3] == max(f1)
    assert choose_thresholds(labels, scores) == [pytest.approx(0.75)]


def test_class_without_positives_keeps_a_half():
    assert choose_thresholds(np.array([[0, 1]]), np.array([[0.9, 0.8]], np.float32))[0] == 0.5


def test_neighbouring_scores_are_still_parted():
    low = np.float32(0.6)
    high = np.nextafter(low, np.float32(1))
    (threshold,) = choose_thresholds(column([1, 0]), column([high, low]))
    assert list(np.array([high, low]) >= np.float32(threshold)) == [True, False]


def f1_of(labels, taken):
    return 2 * np.sum(labels & taken) / max(1, np.sum(labels) + np.sum(taken))


samples = st.lists(
    st.tuples(st.booleans(), st.floats(0, 1, width=32) | st.sampled_from([0.0, 0.25, 0.5, 1.0])),
    min_size=1,
    max_size=12,
)


@given(samples)
def test_no_threshold_has_a_better_f1(pairs):
    labels, scores = np.array([label for label, _ in pairs]), np.array([score for _, score in pairs], np.float32)
    (threshold,) = choose_thresholds(labels[:, None], scores[:, None])
    assert 0 <= threshold <= 1
    assert threshold == np.float32(threshold)
    if labels.any():
        best = max(f1_of(labels, scores >= candidate) for candidate in [*scores, 0.0, 2.0])
        assert f1_of(labels, scores >= np.float32(threshold)) == pytest.approx(best)


@given(samples)
def test_average_precision_by_brute_force(pairs):
    labels, scores = np.array([label for label, _ in pairs]), np.array([score for _, score in pairs], np.float32)
    (found,) = average_precision(labels[:, None], scores[:, None])
    if not labels.any():
        assert np.isnan(found)
        return
    # Each positive: what share of the samples at least as good as it is right?
    precisions = [labels[scores >= score].mean() for score in scores[labels]]
    assert found == pytest.approx(np.mean(precisions))


def test_steady_thresholds_are_the_mean_over_draws_with_replacement():
    random = np.random.default_rng(4)
    labels = random.integers(0, 2, (12, 3))
    scores = random.random((12, 3)).astype(np.float32)
    draws = np.random.default_rng(7)
    found = []
    for _ in range(20):
        drawn = draws.integers(0, 12, 12)
        found.append(choose_thresholds(labels[drawn], scores[drawn]))
    steady = choose_steady_thresholds(labels, scores, resamples=20, seed=7)
    np.testing.assert_allclose(steady, np.mean(found, axis=0), rtol=1e-6)
    assert steady == choose_steady_thresholds(labels, scores, resamples=20, seed=7)


def test_draws_without_a_positive_say_nothing():
    # One positive far above the rest: whenever it is drawn, the threshold lies between it and the next.
    labels, scores = column([1, *[0] * 9]), column([0.9, *[0.1] * 9])
    assert choose_steady_thresholds(labels, scores) == [pytest.approx(0.5)]
    assert choose_steady_thresholds(column([0, 0]), column([0.2, 0.9])) == [0.5]
    assert choose_steady_thresholds(np.zeros((0, 2)), np.zeros((0, 2))) == [0.5, 0.5]
