from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.sources.annotations.clock import parse_number, parse_time, suspect_minutes


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (7, 7.0),
        (7.25, 7.25),
        ("75.5", 75.5),
        (" 75,5 ", 75.5),
        ("12:30", 750.0),
        ("75:30", 4530.0),
        ("0:05.5", 5.5),
        ("0:05,5", 5.5),
        ("1:02:03", 3723.0),
        ("01:02:03.25", 3723.25),
        ("100:00:00", 360_000.0),
        ("1h02m03s", 3723.0),
        ("2m", 120.0),
        ("90s", 90.0),
        ("1 h 30 min", None),
        ("PT30H12M30.25S", 30 * 3600 + 750.25),
        (datetime.time(0, 12, 30), 750.0),
        (datetime.time(12, 30), 45_000.0),
        (datetime.time(0, 0, 1, 250_000), 1.25),
        (datetime.timedelta(hours=30), 108_000.0),
        (datetime.datetime(1899, 12, 30, 1, 2, 3), 3723.0),
        (datetime.datetime(1899, 12, 31, 1), 25 * 3600.0),  # .ods
        (datetime.datetime(1900, 1, 1, 12), 36 * 3600.0),  # .xlsx, serial 1.5
    ],
)
def test_times_become_seconds(value, seconds):
    assert parse_time(value) == seconds


@pytest.mark.parametrize(
    "value",
    [
        *(-1, -0.5, float("nan"), float("inf"), 10**400, True, None, b"1", [], datetime.timedelta(seconds=-1)),
        *("", " ", "x", "-1", "-0:05", "1:60:00", "1:99:00", "0:60", "1:2:3:4", "12:", ":30", "1.2.3", "1,234.5"),
        *("nan", "inf", "1_000", "٣", "h", "PT", "5:", "1e999", "12;30"),
        datetime.datetime(2024, 5, 1, 12, 30),
    ],
)
def test_what_is_no_time_is_none(value):
    assert parse_time(value) is None


@given(st.integers(0, 10**7))
def test_every_millisecond_survives_h_mm_ss(milliseconds):
    seconds = milliseconds // 1000
    text = f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milliseconds % 1000:03}"
    assert parse_time(text) == pytest.approx(milliseconds / 1000, abs=1e-9)


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none(), st.datetimes(), st.times(), st.timedeltas()))
def test_nothing_makes_it_fail_and_no_time_is_negative(value):
    seconds = parse_time(value)
    assert seconds is None or seconds >= 0


@pytest.mark.parametrize(("value", "number"), [("29,97", 29.97), (25, 25.0), ("25", 25.0), ("x", None), ("", None)])
def test_numbers_may_have_a_decimal_comma(value, number):
    assert parse_number(value) == number


def test_whole_minutes_of_an_hour_and_more_are_suspected():
    assert "12:30 is 12 h 30 min" in suspect_minutes([45_000.0, 46_800.0, 0.0])


@pytest.mark.parametrize("times", [[], [0.0], [60.0, 1800.0], [45_000.0, 45_001.0]])
def test_other_times_are_not_suspected(times):
    assert suspect_minutes(times) == ""
