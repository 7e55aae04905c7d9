import numpy as np

from graphcore.training.batches import plan_batches


def test_epoch_draws_without_replacement():
    batches = plan_batches(0, 4, count=12, batch_size=3, seed=0)
    assert batches.shape == (4, 3)
    assert sorted(batches.ravel()) == list(range(12))


def test_incomplete_batch_waits_for_another_order():
    batches = plan_batches(0, 6, count=7, batch_size=3, seed=0)
    for epoch in range(3):
        rows = batches[2 * epoch : 2 * epoch + 2].ravel()
        assert len(set(rows)) == 6
    assert not np.array_equal(batches[:2], batches[2:4])


def test_rows_depend_on_the_step_alone():
    whole = plan_batches(0, 10, count=7, batch_size=3, seed=5)
    np.testing.assert_array_equal(plan_batches(3, 7, count=7, batch_size=3, seed=5), whole[3:])


def test_seed_changes_the_order():
    first, second = (plan_batches(0, 1, count=50, batch_size=50, seed=seed) for seed in (1, 2))
    assert not np.array_equal(first, second)


def test_batch_is_no_larger_than_the_split():
    assert plan_batches(0, 2, count=5, batch_size=100, seed=0).shape == (2, 5)
