import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.evaluation.intervals import drawn_ranks
from graphcore.evaluation.intervals.drawn_ranks import get_ranks
from graphcore.evaluation.intervals.draws import plan_draws
from graphcore.evaluation.intervals.groups import Groups
from graphcore.evaluation.samples.ranked import mean_known, rank_classes


def plan(names):
    draws = plan_draws(Groups(tuple(names), "videos"), 1)
    assert draws is not None
    return draws


def test_draws_of_one_group_have_the_order_of_that_group():
    # Group x: a right order of one pair. Group y: of three, best first: wrong, right, wrong.
    labels, scores = np.array([[1], [0], [0], [1], [0]]), np.array([[0.9], [0.1], [0.8], [0.5], [0.3]])
    measure = get_ranks(labels, scores, plan("xxyyy"))
    assert measure is not None
    found = measure(np.array([[1.0, 0], [0, 1]]))

    assert found["mean_average_precision"] == pytest.approx([1, 1 / 2])
    assert found["roc_auc"] == pytest.approx([1, 1 / 2])


samples = st.lists(
    st.tuples(st.sampled_from("xyz"), st.integers(0, 2), st.tuples(*[st.integers(0, 4)] * 3)), min_size=1, max_size=12
)  # fmt: skip


@given(samples, st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(any), st.booleans())
def test_a_draw_is_a_split_with_its_groups_as_often_as_they_came(samples, times, several):
    groups = plan([*"xyz", *(group for group, *_ in samples)])
    labels = np.array([0, 1, 2, *(label for _, label, _ in samples)])
    scores = np.array([(4, 0, 1), (2, 1, 4), (0, 1, 2), *(parts for *_, parts in samples)]) / 4
    labels = np.stack([labels > 0, labels < 2, labels == 1], axis=1) if several else labels
    drawn = np.repeat(np.arange(len(labels)), np.array(times)[groups.blocks])

    expected = [mean_known(figures) for figures in rank_classes(labels[drawn], scores[drawn])]
    measure = get_ranks(labels, scores, groups)
    assert measure is not None
    found = measure(np.array([times], np.float64))

    np.testing.assert_allclose([found["mean_average_precision"][0], found["roc_auc"][0]], expected, rtol=1e-6)


def test_with_fewer_levels_than_scores_draws_are_as_far_from_the_figure(monkeypatch):
    random = np.random.default_rng(0)
    labels = random.integers(0, 2, 4000)
    scores = random.random((4000, 2)) + 0.5 * np.eye(2)[labels]
    groups = plan(str(number % 20) for number in range(4000))
    weights = random.multinomial(20, [1 / 20] * 20, size=30).astype(np.float64)
    exact = get_ranks(labels, scores, groups)
    monkeypatch.setattr(drawn_ranks, "_MOST_LEVELS", 100)
    rough = get_ranks(labels, scores, groups)
    assert exact is not None
    assert rough is not None

    for name, values in exact(weights).items():
        assert np.abs(rough(weights)[name] - values).max() < values.std() / 5


def test_of_very_many_classes_there_is_none():
    assert get_ranks(np.array([0, 1]), np.full((2, 129), 1 / 129), plan("xy")) is None
    assert get_ranks(np.array([0, 1]), np.full((2, 128), 1 / 128), plan("xy")) is not None
