from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.evaluation.samples.ranked import iterate_classes, mean_known, rank_classes
from graphcore.heads.ranking import average_precision


def column(values, dtype: Any = np.float64):
    return np.array(values, dtype)[:, np.newaxis]


def test_average_precision_is_the_mean_precision_at_each_positive():
    # Best first: right, wrong, right, wrong, right.
    precisions, _ = rank_classes(column([1, 0, 1, 0, 1]), column([0.9, 0.8, 0.7, 0.6, 0.5]))

    assert precisions == pytest.approx((1 + 2 / 3 + 3 / 5) / 3)


def test_area_is_the_share_of_pairs_in_order_with_a_half_for_equals():
    # Positives 0.8 and 0.5 against 0.7, 0.5 and 0.2: 3 of 3, and 1 and a half of 3.
    _, areas = rank_classes(column([1, 0, 1, 0, 0]), column([0.8, 0.7, 0.5, 0.5, 0.2]))

    assert areas == pytest.approx((3 + 1.5) / 6)


def test_scores_that_say_nothing_have_half_the_area():
    precisions, areas = rank_classes(np.array([0, 1, 1, 1]), np.full((4, 2), 0.5))

    assert precisions == pytest.approx([1 / 4, 3 / 4])
    assert areas.tolist() == [0.5, 0.5]


def test_a_class_without_positives_has_neither_and_one_without_negatives_no_area():
    precisions, areas = rank_classes(np.array([1, 1]), np.array([[0.2, 0.8], [0.4, 0.6]]))

    np.testing.assert_array_equal(precisions, [np.nan, 1])
    assert np.isnan(areas).all()


def test_no_samples():
    assert np.isnan(rank_classes(np.zeros(0, int), np.zeros((0, 3)))).all()
    assert np.isnan(rank_classes(np.zeros((0, 3), bool), np.zeros((0, 3)))).all()


def test_one_label_is_one_against_the_rest():
    random = np.random.default_rng(0)
    labels, scores = random.integers(0, 20, 300), random.random((300, 20)).astype(np.float32)

    of_one, of_several = rank_classes(labels, scores), rank_classes(np.eye(20)[labels], scores)

    np.testing.assert_array_equal(of_one, of_several)


def test_every_class_comes_with_its_scores_and_samples():
    scores = np.arange(44).reshape(4, 11) / 44

    found = list(iterate_classes(np.array([10, 0, 10, 3]), scores))

    assert [index for index, _, _ in found] == list(range(11))
    assert all(np.array_equal(column, scores[:, index]) for index, column, _ in found)
    assert [positives.tolist() for _, _, positives in found if len(positives)] == [[1], [3], [0, 2]]


def test_the_mean_of_nothing_known_is_not_known():
    assert mean_known(np.array([np.nan, 1, 3])) == 2
    assert np.isnan(mean_known(np.array([np.nan])))


samples = st.lists(
    st.tuples(st.booleans(), st.floats(0, 1, width=32) | st.sampled_from([0.0, 0.25, 0.5, 1.0])),
    min_size=1,
    max_size=15,
)


@given(samples)
def test_the_area_counts_pairs(pairs):
    labels, scores = column([label for label, _ in pairs], bool), column([score for _, score in pairs], np.float32)
    _, (area,) = rank_classes(labels, scores)
    won = [1.0 if a > b else 0.5 if a == b else 0.0 for a in scores[labels] for b in scores[~labels]]

    assert area == pytest.approx(np.mean(won)) if won else np.isnan(area)


@given(samples)
def test_average_precision_is_that_of_the_heads(pairs):
    labels, scores = column([label for label, _ in pairs], bool), column([score for _, score in pairs], np.float32)

    found, expected = rank_classes(labels, scores)[0], average_precision(labels, scores)

    np.testing.assert_allclose(found, expected, rtol=1e-12)


@given(samples)
def test_average_precision_by_definition(pairs):
    labels, scores = np.array([label for label, _ in pairs]), np.array([score for _, score in pairs])
    (found,), _ = rank_classes(labels[:, None], scores[:, None])
    # Each positive: what share of the samples at least as good as it is right?
    precisions = [labels[scores >= score].mean() for score in scores[labels]]

    assert found == pytest.approx(np.mean(precisions)) if precisions else np.isnan(found)
