import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.training.sequence_batches import Stretch, StretchPlan, find_rows, plan_stretches


def videos_of(step):
    return [stretch.video for stretch in step]


@pytest.mark.parametrize(
    ("lengths", "batch_size", "window", "stretches"),
    [
        ([48] * 24, 100, 1024, 2),
        ([48] * 24, 96, 1024, 2),
        ([48] * 24, 95, 1024, 1),
        ([48] * 24, 10, 1024, 1),
        ([10_800, 5_000], 4096, 1024, 4),
        ([10, 20], 1000, 1024, 2),  # no more than there are
    ],
)
def test_batch_size_counts_frames(lengths, batch_size, window, stretches):
    plan = StretchPlan(lengths, batch_size, window, seed=0)
    assert plan.stretches == stretches
    assert [len(step) for step in plan_stretches(plan, 0, 3)] == [stretches] * 3


def test_short_videos_are_taken_whole():
    plan = StretchPlan([3, 5], batch_size=10, window=5, seed=0)
    for step in plan_stretches(plan, 0, 4):
        assert sorted(step, key=lambda each: each.video) == [Stretch(0, 0, 3), Stretch(1, 0, 5)]


def test_an_epoch_sees_every_video():
    plan = StretchPlan([4] * 6, batch_size=8, window=100, seed=0)
    assert plan.steps_per_epoch == 3
    seen = [video for step in plan_stretches(plan, 3, 3) for video in videos_of(step)]
    assert sorted(seen) == list(range(6))


def test_a_long_video_comes_as_often_as_it_holds_a_window():
    plan = StretchPlan([10, 25, 3], batch_size=10, window=10, seed=1)
    assert plan.places.tolist() == [0, 1, 1, 1, 2]
    seen = [video for step in plan_stretches(plan, 0, 5) for video in videos_of(step)]
    assert sorted(seen) == [0, 1, 1, 1, 2]


def test_stretches_of_a_long_video_reach_all_of_it():
    plan = StretchPlan([30], batch_size=8, window=8, seed=2)
    counts = np.zeros(30)
    for (stretch,) in plan_stretches(plan, 0, 3000):
        assert stretch.frames == 8
        assert 0 <= stretch.start <= 22
        counts[stretch.start : stretch.start + 8] += 1
    # A frame in the middle is in 8 of 30 stretches, the first in those around frames 0 to 4.
    assert counts[15] / 3000 == pytest.approx(8 / 30, rel=0.1)
    assert counts[0] / 3000 == pytest.approx(5 / 30, rel=0.1)
    assert counts[29] / 3000 == pytest.approx(4 / 30, rel=0.15)


@given(
    lengths=st.lists(st.integers(1, 40), min_size=1, max_size=8),
    batch_size=st.integers(1, 60),
    window=st.integers(2, 30),
    views=st.integers(1, 3),
    first=st.integers(0, 30),
    steps=st.integers(0, 10),
)
def test_any_part_is_that_of_the_whole(lengths, batch_size, window, views, first, steps):
    plan = StretchPlan(lengths, batch_size, window, 5, views)
    whole = plan_stretches(plan, 0, first + steps)
    assert plan_stretches(plan, first, steps) == whole[first:]
    for stretch in (each for step in whole for each in step):
        assert stretch.frames == min(window, lengths[stretch.video])
        assert 0 <= stretch.start <= lengths[stretch.video] - stretch.frames
        assert 0 <= stretch.view < views


def test_views_take_turns():
    plan = StretchPlan([4, 4], batch_size=8, window=10, seed=0, views=3)
    seen = {(each.video, each.view) for step in plan_stretches(plan, 0, 3) for each in step}
    assert len(seen) == 6


def test_seed_changes_the_order():
    first, second = (plan_stretches(StretchPlan([4] * 30, 40, 10, seed), 0, 1) for seed in (1, 2))
    assert first != second


def test_rows_follow_the_order_of_time_and_are_padded():
    videos = [np.array([7, 2, 5]), np.array([0, 1, 3, 4, 6])]
    rows = find_rows([Stretch(0, 0, 3), Stretch(1, 1, 4)], videos, samples=8)
    assert rows.dtype == np.int32
    assert rows.tolist() == [[7, 2, 5, -1], [1, 3, 4, 6]]


def test_rows_of_a_view_lie_behind_those_of_the_views_before():
    assert find_rows([Stretch(0, 1, 2, view=2)], [np.array([1, 0, 2])], samples=3).tolist() == [[6, 8]]
