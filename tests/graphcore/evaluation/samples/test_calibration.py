import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.evaluation import chunks
from graphcore.evaluation.samples.calibration import measure_calibration


def test_answers_go_to_the_bin_of_their_confidence():
    # Sure by 0.6 and right, by 0.7 and wrong, by 0.9 and right: with 5 bins the first lies on an edge.
    scores = np.array([[0.6, 0.4], [0.3, 0.7], [0.1, 0.9]])
    found = measure_calibration(np.array([0, 0, 1]), scores, num_bins=5)

    assert found.edges == pytest.approx([0, 0.2, 0.4, 0.6, 0.8, 1])
    assert found.counts.tolist() == [0, 0, 1, 1, 1]
    np.testing.assert_allclose(found.confidences, [np.nan, np.nan, 0.6, 0.7, 0.9])
    np.testing.assert_array_equal(found.accuracies, [np.nan, np.nan, 1, 0, 1])
    assert found.error == pytest.approx((0.4 + 0.7 + 0.1) / 3)


def test_an_answer_weighs_as_much_in_a_full_bin_as_in_another():
    scores = np.array([[0.55, 0.45]] * 3 + [[1.0, 0.0]])
    found = measure_calibration(np.array([0, 0, 1, 0]), scores, num_bins=10)

    assert found.error == pytest.approx(3 / 4 * (2 / 3 - 0.55))


def test_of_several_labels_every_label_is_an_answer():
    found = measure_calibration(np.array([[1, 0], [0, 1]]), np.array([[0.9, 0.1], [0.3, 0.3]]), num_bins=2)

    # Below one half 0.1, 0.3 and 0.3, of which one is there; above it 0.9, which is there.
    assert found.counts.tolist() == [3, 1]
    assert found.confidences == pytest.approx([0.7 / 3, 0.9])
    assert found.accuracies == pytest.approx([1 / 3, 1])
    assert found.error == pytest.approx((0.3 + 0.1) / 4)


def test_scores_of_0_and_1_have_their_bins():
    found = measure_calibration(np.array([[0, 1]]), np.array([[0.0, 1.0]]))

    assert (found.counts[0], found.counts[-1], found.counts.sum()) == (1, 1, 2)
    assert found.error == 0


def test_no_samples_have_no_error():
    for labels in (np.zeros(0, int), np.zeros((0, 3))):
        found = measure_calibration(labels, np.zeros((0, 3)))

        assert (found.counts.sum(), found.error) == (0, 0)


rows = st.lists(
    st.tuples(st.integers(0, 2), st.tuples(*[st.integers(0, 8)] * 3).filter(any)), min_size=1, max_size=20
)  # fmt: skip


@given(rows, st.integers(1, 6))
def test_bins_by_definition(rows, num_bins):
    labels = np.array([label for label, _ in rows])
    scores = np.array([parts for _, parts in rows], np.float64)
    scores /= scores.sum(axis=1, keepdims=True)
    error = 0.0
    for number in range(num_bins):
        low, high = np.linspace(0, 1, num_bins + 1)[[number, number + 1]]
        inside = [n for n, row in enumerate(scores) if low < row.max() <= high]
        if inside:
            right = np.mean([scores[n].argmax() == labels[n] for n in inside])
            error += len(inside) / len(rows) * abs(right - np.mean([scores[n].max() for n in inside]))

    assert measure_calibration(labels, scores, num_bins).error == pytest.approx(error)


def test_a_large_split_a_few_rows_at_a_time(monkeypatch):
    random = np.random.default_rng(0)
    labels, scores = random.integers(0, 3, 50), random.dirichlet([1, 1, 1], 50)
    whole = measure_calibration(labels, scores)
    monkeypatch.setattr(chunks, "MOST_CELLS", 12)
    parts = measure_calibration(labels, scores)

    np.testing.assert_array_equal(parts.counts, whole.counts)
    np.testing.assert_allclose(parts.confidences, whole.confidences)
