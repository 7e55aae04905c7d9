from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.sources.frames.asked import AskedTimes
from graphcore.sources.frames.nearest import Keyframe, NearestKeyframes


def choose(times, every_secs, tolerance_secs, end_secs, offset_secs=0.0):
    nearest = NearestKeyframes(AskedTimes(every_secs, offset_secs), tolerance_secs)
    chosen = [one for time in times for one in nearest.add(Keyframe(time, []))]
    chosen += nearest.finish(end_secs)
    return [one.time_secs for one in chosen], nearest.missed


@pytest.mark.parametrize(
    ("tolerance_secs", "expected", "missed"),
    [(2, [0, 5, 10], 0), (1, [0, 5], 2), (0, [0], 3), (100, [0, 5, 10], 0)],
)
def test_the_nearest_within_tolerance_is_chosen_once(tolerance_secs, expected, missed):
    # Asked are 0, 4, 8 and 12; 8 is 2 from 10.
    assert choose([0, 5, 10], 4, tolerance_secs, 15) == (expected, missed)


def test_of_two_that_are_equally_near_the_earlier_is_chosen():
    assert choose([0, 3, 5], 4, 2, 6) == ([0, 3], 0)


def test_a_keyframe_serves_several_times_and_is_given_once():
    assert choose([0, 10], 1, 100, 12) == ([0, 10], 0)


def test_times_before_the_first_keyframe():
    assert choose([3, 9], 2, 1, 10) == ([3, 9], 2)  # 0 and 6 have none near; 2 and 4 have 3; 8 has 9


def test_a_chapter_is_asked_on_its_recordings_clock():
    assert choose([0, 1, 2, 3, 4, 5], 4, 0, 6, offset_secs=10) == ([2], 0)


def test_no_keyframe_misses_every_time():
    assert choose([], 1, 1, 3) == ([], 3)


def test_what_is_settled_needs_no_later_keyframe():
    asked = AskedTimes(4)
    nearest = NearestKeyframes(asked, 2)
    list(nearest.add(Keyframe(3.5, [])))
    nearest.settle(0.5)
    assert asked.next_secs > 3  # 0 was missed, and 4 is nearest to 3.5 or to a keyframe before 4.5
    nearest.settle(4.4)
    assert asked.next_secs < 5
    nearest.settle(4.6)
    assert asked.next_secs > 7
    assert [one.time_secs for one in nearest.finish(6)] == [3.5]
    assert nearest.missed == 1


@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=20, unique=True).map(sorted),
    st.integers(1, 60),
    st.integers(0, 80),
    st.integers(0, 100),
)
def test_each_time_has_its_nearest_keyframe_or_is_missed(times, every, tolerance, offset):
    end = times[-1] + 10
    asked = [step * every - offset for step in range((end + offset) // every + 2)]
    asked = [time for time in asked if 0 <= time < end]
    expected, missed = set(), 0
    for time in asked:
        best = min(times, key=lambda other: (abs(other - time), other))
        if abs(best - time) <= tolerance:
            expected.add(best)
        else:
            missed += 1
    assert choose(times, every, tolerance, end, offset) == (sorted(expected), missed)
