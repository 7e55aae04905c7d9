from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.sources.frames.asked import TIME_SLACK_SECS, AskedTimes


def test_times_are_the_multiples_with_their_slack():
    asked = AskedTimes(1.5)
    assert [asked.take() for _ in range(3)] == pytest.approx([0, 1.5, 3])
    assert asked.next_secs == 4.5 + TIME_SLACK_SECS


@pytest.mark.parametrize(("offset_secs", "first"), [(0.0, 0.0), (10.0, 2.0), (12.0, 0.0), (12.5, 3.5)])
def test_a_chapter_begins_with_the_first_multiple_on_the_clock_of_its_recording(offset_secs, first):
    assert AskedTimes(4, offset_secs).take() == pytest.approx(first)


def test_passing_counts_the_times_before_the_end():
    asked = AskedTimes(0.5)
    assert asked.pass_until(0.0) == 0
    assert asked.pass_until(1.2) == 3
    assert asked.take() == pytest.approx(1.5)


def test_a_time_that_the_time_base_just_misses_is_met():
    asked = AskedTimes(0.1)
    asked.pass_until(0.3 - 1e-7)  # a frame that begins here is shown at 0.3
    assert asked.next_secs > 0.3 - 1e-7
    assert asked.take() == pytest.approx(0.3)


def test_passing_back_does_nothing():
    asked = AskedTimes(1)
    asked.pass_until(5)
    assert asked.pass_until(2) == 0
    assert asked.take() == 5


@given(st.floats(0.001, 100), st.floats(0, 10_000), st.floats(0, 10_000))
def test_the_next_time_is_the_first_not_before_the_end(every_secs, offset_secs, end_secs):
    asked = AskedTimes(every_secs, offset_secs)
    asked.pass_until(end_secs)
    assert asked.next_secs >= end_secs
    assert asked.next_secs - every_secs < end_secs + 1e-6
