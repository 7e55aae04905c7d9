from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.sources.annotations.model import ReadOptions
from graphcore.sources.annotations.rates import choose_rate, find_start, find_unknown_rates


@pytest.mark.parametrize(
    ("fps", "declared", "own", "expected"),
    [
        (30.0, 25.0, 24.0, 30.0),
        (None, 25.0, 24.0, 25.0),
        (None, None, 24.0, 24.0),
        (None, None, None, None),
        (None, 0.0, math.nan, None),
        (None, -1.0, 24.0, 24.0),
    ],
)
def test_the_configured_rate_goes_before_the_declared_and_that_before_the_files_own(fps, declared, own, expected):
    assert choose_rate(ReadOptions(fps=fps, rate_of=lambda video: own), "v", declared) == expected


def test_unknown_rates_are_one_fault():
    assert find_unknown_rates([]) == []
    (fault,) = find_unknown_rates(["a", "b", "c"])
    assert fault.text.startswith("video a and 2 more: ")
    assert fault.text.endswith("set dataset.annotation_fps")


@pytest.mark.parametrize(
    ("frame", "fps", "secs"), [(0, 25.0, 0.0), (125, 25.0, 5.0), (7, 25.0, 0.28), (2, 30.0, 0.066666)]
)
def test_a_frame_begins_at_its_number_over_the_rate(frame, fps, secs):
    assert find_start(frame, fps) == secs


@given(
    frame=st.integers(0, 10_000_000),
    rate=st.sampled_from([(25, 1), (30, 1), (30000, 1001), (24000, 1001), (60, 1), (7, 3)]),
)
def test_a_start_is_never_after_its_own_frame_and_always_after_the_one_before(frame, rate):
    fps = rate[0] / rate[1]
    shown = [float(Fraction(number * rate[1], rate[0])) for number in (frame - 1, frame)]
    assert shown[0] < find_start(frame, fps) <= shown[1]
    assert find_start(frame, fps) == round(find_start(frame, fps), 6)
