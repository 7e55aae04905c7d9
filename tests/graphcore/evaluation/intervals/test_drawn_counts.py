import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.evaluation import chunks
from graphcore.evaluation.intervals.drawn_counts import get_class_counts, get_label_counts
from graphcore.evaluation.intervals.draws import plan_draws
from graphcore.evaluation.intervals.groups import Groups
from graphcore.evaluation.metrics import compute_metrics

NAMES = ("a", "b", "c")


def plan(names):
    draws = plan_draws(Groups(tuple(names), "videos"), 1)
    assert draws is not None
    return draws


def test_a_draw_of_one_group_has_the_figures_of_that_group():
    # Group x: both right. Group y: of two a's one is called b; its b is right.
    labels, predicted = np.array([0, 1, 0, 0, 1]), np.array([0, 1, 0, 1, 1])
    measure = get_class_counts(labels, predicted, 3, plan("xxyyy"))
    found = measure(np.array([[1.0, 0], [0, 1]]))

    assert found["balanced_accuracy"] == pytest.approx([1, (1 / 2 + 1) / 2])
    assert found["macro_f1"] == pytest.approx([1, (2 / 3 + 2 / 3) / 2])


def test_a_draw_of_one_group_has_the_label_figures_of_that_group():
    # Group x: one label given of two there. Group y: none there, one given.
    labels, gave = np.array([[1, 1], [0, 0]], bool), np.array([[1, 0], [1, 0]], bool)
    found = get_label_counts(labels, gave, plan("xy"))(np.array([[1.0, 0], [0, 1]]))

    assert found["precision_micro"].tolist() == [1, 0]
    assert found["recall_micro"].tolist() == [1 / 2, 0]
    assert found["f1_micro"] == pytest.approx([2 / 3, 0])
    np.testing.assert_array_equal(found["f1_macro"], [1 / 2, np.nan])


samples = st.lists(
    st.tuples(st.sampled_from("xyz"), st.integers(0, 2), st.integers(0, 2), st.integers(0, 7)), min_size=1, max_size=12
)  # fmt: skip


@given(samples, st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(any))
def test_a_draw_is_a_split_with_its_groups_as_often_as_they_came(samples, times):
    groups = plan([*"xyz", *(group for group, *_ in samples)])
    labels = np.array([0, 1, 2, *(label for _, label, _, _ in samples)])
    predicted = np.array([2, 1, 0, *(called for _, _, called, _ in samples)])
    several = (np.array([5, 3, 0, *(bits for *_, bits in samples)])[:, None] >> np.arange(3) & 1) > 0
    weights = np.array([times], np.float64)
    drawn = np.repeat(np.arange(len(labels)), np.array(times)[groups.blocks])

    one = compute_metrics("test", labels[drawn], np.eye(3)[predicted][drawn], NAMES).values
    found = get_class_counts(labels, predicted, 3, groups)(weights)
    assert {name: one[name] for name in found} == pytest.approx({name: value[0] for name, value in found.items()})

    gave = np.eye(3, dtype=bool)[predicted]
    all_of_them = compute_metrics("test", several[drawn], gave[drawn].astype(float), NAMES).values
    found = {name: value[0] for name, value in get_label_counts(several, gave, groups)(weights).items()}
    known = {name: 0.0 if np.isnan(value) else value for name, value in found.items()}
    assert {name: all_of_them[name] for name in found} == pytest.approx(known)


def test_a_large_split_a_few_rows_at_a_time(monkeypatch):
    random = np.random.default_rng(0)
    labels, gave = random.random((2, 50, 3)) < 0.5
    groups = plan(str(number % 4) for number in range(50))
    whole = get_label_counts(labels, gave, groups)(np.ones((1, 4)))
    monkeypatch.setattr(chunks, "MOST_CELLS", 12)

    assert get_label_counts(labels, gave, groups)(np.ones((1, 4))) == whole
