import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@given(
    count=st.integers(1, 40),
    batch_size=st.integers(1, 12),
    views=st.integers(1, 4),
    first=st.integers(0, 60),
    steps=st.integers(0, 30),
    uniform=st.booleans(),
)
def test_any_stretch_is_that_of_the_whole(count, batch_size, views, first, steps, uniform):
    classes = np.arange(count) ** 2 % 3 if uniform else None
    whole = plan_batches(0, first + steps, count, batch_size, 1, views, classes)
    part = plan_batches(first, steps, count, batch_size, 1, views, classes)
    assert part.dtype == np.int32
    np.testing.assert_array_equal(part, whole[first:])
    assert part.size == 0 or (part.min() >= 0 and part.max() < count * views)


@given(count=st.integers(1, 40), views=st.integers(1, 6), begin=st.integers(0, 9))
def test_as_many_epochs_as_views_see_every_sample_in_each(count, views, begin):
    # A batch of all samples is an epoch.
    epochs = plan_batches(begin, views, count, count, 3, views)
    for epoch in epochs:
        assert sorted(epoch % count) == list(range(count))
    assert sorted(epochs.ravel()) == list(range(count * views))


def test_epoch_sees_samples_in_different_views():
    assert len(set(plan_batches(0, 1, 50, 50, 0, views=4)[0] // 50)) == 4


@given(classes=st.lists(st.integers(0, 4), min_size=1, max_size=60), seed=st.integers(0, 5))
def test_uniform_sampling_gives_every_class_the_same_places(classes, seed):
    classes = np.array(classes)
    count, present = len(classes), len(set(classes))
    for epoch in plan_batches(0, 3, count, count, seed, classes=classes):
        places = np.bincount(classes[epoch])
        assert len(epoch) == count
        assert np.abs(places[places > 0] - count / present).max() <= 1
        for label in set(classes):
            each = np.bincount(epoch, minlength=count)[classes == label]
            rate = count / (present * (classes == label).sum())
            assert int(rate) <= each.min() <= each.max() <= int(np.ceil(rate - 1e-9))


def test_uniform_sampling_is_fair_within_a_class():
    classes = np.array([0] * 30 + [1] * 10)
    seen = np.bincount(plan_batches(0, 600, 40, 40, 0, classes=classes).ravel(), minlength=40)
    # 20 places for 30 samples, and 20 for 10, in each of 600 epochs; a deviation of 11.5 is usual (binomial).
    np.testing.assert_allclose(seen[:30], 400, atol=58)
    np.testing.assert_array_equal(seen[30:], 1200)


def test_uniform_sampling_of_several_labels_goes_by_the_rarest():
    labels = np.array([[1, 0]] * 8 + [[1, 1]] * 2 + [[0, 0]] * 2, np.uint8)
    seen = np.bincount(plan_batches(0, 300, 12, 12, 0, classes=labels).ravel(), minlength=12) / 300
    # 12 / (2 * 10) for the frequent label, 12 / (2 * 2) for the rare one, 1 for none; 12.8 in all, scaled to 12.
    np.testing.assert_allclose(seen, np.array([0.6] * 8 + [3] * 2 + [1] * 2) * 12 / 12.8, atol=0.1)


def test_copies_of_a_sample_in_one_epoch_are_of_different_views():
    classes = np.array([0] * 15 + [1])
    epoch = plan_batches(0, 1, 16, 16, 0, views=8, classes=classes)[0]
    assert sorted(epoch[epoch % 16 == 15] // 16) == list(range(8))


@pytest.mark.parametrize("views", [2, 3])
def test_first_view_of_a_sample_is_a_matter_of_the_seed(views):
    first, second = (plan_batches(0, 1, 90, 90, seed, views)[0] for seed in (1, 2))
    assert not np.array_equal(np.sort(first), np.sort(second))
