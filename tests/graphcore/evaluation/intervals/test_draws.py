import numpy as np
import pytest

from graphcore.evaluation import chunks
from graphcore.evaluation.intervals import draws
from graphcore.evaluation.intervals.draws import plan_draws, sum_draws
from graphcore.evaluation.intervals.groups import Groups

GROUPS = Groups(("a", "b", "a", "c"), "videos")


def test_nothing_is_drawn_where_nothing_is_asked_for_or_there_is_one_group():
    assert plan_draws(GROUPS, 0) is None
    assert plan_draws(Groups(("a", "a"), "videos"), 10) is None
    assert plan_draws(Groups((), "samples"), 10) is None


def test_as_many_groups_are_drawn_as_there_are():
    found = plan_draws(GROUPS, 50)
    assert found is not None
    (weights,) = found.iterate_weights()

    assert weights.shape == (50, 3)
    assert (weights.sum(axis=1) == 3).all()
    assert (weights >= 0).all()


def test_draws_hang_on_the_number_of_groups_alone():
    one, other = (plan_draws(groups, 50) for groups in (GROUPS, Groups(("x", "y", "z"), "subjects")))
    assert one is not None
    assert other is not None

    np.testing.assert_array_equal(next(one.iterate_weights()), next(other.iterate_weights()))


def test_draws_are_the_same_however_many_are_made_at_once(monkeypatch):
    found = plan_draws(GROUPS, 50)
    assert found is not None
    whole = next(found.iterate_weights())
    monkeypatch.setattr(draws, "_MOST_KEPT_CELLS", 0)  # made anew
    monkeypatch.setattr(chunks, "MOST_CELLS", 7 * draws._WIDEST)
    parts = list(found.iterate_weights())

    assert [len(part) for part in parts] == [7] * 7 + [1]
    np.testing.assert_array_equal(np.concatenate(parts), whole)


def test_sums_are_of_the_samples_of_each_group():
    found = plan_draws(GROUPS, 1)
    assert found is not None

    assert found.add_up(np.array([1.0, 2, 4, 8])).tolist() == [5, 2, 8]
    assert found.add_up().tolist() == [2, 1, 1]


def test_tables_are_added_up_by_draws():
    found = plan_draws(GROUPS, 1)
    assert found is not None
    one_of_each = np.eye(3)

    assert found.cross(np.array([1, 0, 1, 1]), 2)(one_of_each).tolist() == [[0, 2], [1, 0], [0, 1]]
    first_two = np.arange(4) < 2
    assert found.cross(np.array([1, 0, 1, 1]), 2, first_two)(one_of_each).tolist() == [[0, 1], [1, 0], [0, 0]]
    weights = np.array([[0.0, 3, 1], [2, 0, 0]])
    assert found.cross(np.array([1, 0, 1, 1]), 2)(weights).tolist() == [[3, 1], [0, 4]]


@pytest.mark.parametrize("samples", [0, 1, 30])
def test_a_table_that_is_nearly_empty_comes_to_the_same(samples):
    groups = Groups(tuple(str(number % 20) for number in range(30)), "videos")
    found = plan_draws(groups, 40)
    assert found is not None
    (weights,) = found.iterate_weights()
    columns, chosen = np.random.default_rng(0).integers(0, 300, 30), np.arange(30) < samples
    expected = np.zeros((40, 300))
    for sample in range(samples):
        expected[:, columns[sample]] += weights[:, found.blocks[sample]]

    np.testing.assert_array_equal(found.cross(columns, 300, chosen)(weights), expected)


def test_a_product_comes_to_the_same_as_adding_up(monkeypatch):
    groups = Groups(tuple(str(number % 20) for number in range(300)), "videos")
    found = plan_draws(groups, 40)
    assert found is not None
    (weights,) = found.iterate_weights()
    columns = np.random.default_rng(0).integers(0, 3, 300)
    added = found.cross(columns, 3)(weights)
    monkeypatch.setattr(draws, "_FEW_SAMPLES", 0)

    np.testing.assert_array_equal(found.cross(columns, 3)(weights), added)


@pytest.mark.parametrize("count", [1, 3, 1000, 1001])
@pytest.mark.parametrize("blocks", [2, 381, 2000])
def test_sums_of_draws_are_those_of_one_product(count, blocks):
    random = np.random.default_rng(0)
    weights, values = random.integers(0, 9, (count, blocks)).astype(np.float64), random.random(blocks)
    np.testing.assert_allclose(sum_draws(weights, values), (weights * values).sum(axis=1), rtol=1e-12)


def test_draws_are_made_once(monkeypatch):
    draws._keep_draws.cache_clear()
    made = []
    monkeypatch.setattr(draws, "iterate_chunks", lambda *size: made.append(size) or chunks.iterate_chunks(*size))
    for _ in range(2):
        found = plan_draws(GROUPS, 50)
        assert found is not None
        assert len(next(found.iterate_weights())) == 50
    assert len(made) == 1


def test_very_many_groups_are_joined_to_blocks_as_large_as_each_other(monkeypatch):
    monkeypatch.setattr(draws, "MOST_BLOCKS", 10)
    groups = Groups(tuple(str(number) for number in range(25) for _ in range(2)), "videos")
    found = plan_draws(groups, 1)
    assert found is not None

    assert found.num_blocks == 10
    assert sorted(found.add_up().tolist()) == [4] * 5 + [6] * 5
    # Both samples of a group are in one block.
    assert (found.blocks[::2] == found.blocks[1::2]).all()
