import pytest

from graphcore.errors import DatasetError
from graphcore.inputs.epochs import EpochPlan, plan_epoch, plan_shuffle_buffer


@pytest.mark.parametrize(
    ("step", "expected"),
    [(0, EpochPlan(0, 0, 20)), (3, EpochPlan(0, 15, 20)), (4, EpochPlan(1, 0, 20)), (9, EpochPlan(2, 5, 20))],
)
def test_epoch_holds_whole_batches_only(step, expected):
    assert plan_epoch(step, count=24, batch_size=5) == expected


def test_batch_larger_than_the_split_is_refused_with_both_numbers():
    with pytest.raises(DatasetError, match=r"batch_size=25 is more than the 24 training samples"):
        plan_epoch(0, count=24, batch_size=25)


@pytest.mark.parametrize(
    ("size_bytes", "count", "expected"),
    [(1000, 10, 10), (10**9, 10**5, 4096), (10**10, 10**5, 1342), (10**12, 10**4, 64)],
)
def test_shuffle_buffer_is_bounded_by_bytes(size_bytes, count, expected):
    assert plan_shuffle_buffer(size_bytes, count) == expected
