import pytest

from graphcore.console import count_of, show_count
from graphcore.evaluation.report.wording import (
    list_words,
    shorten,
    show_interval,
    show_number,
    show_share,
    show_time,
)


@pytest.mark.parametrize(
    ("secs", "options", "shown"),
    [
        (0, {}, "0:00"),
        (61.4, {}, "1:01"),
        (59.97, {"decimals": 1}, "1:00.0"),
        (7.5, {"decimals": 1}, "0:07.5"),
        (3599.6, {}, "1:00:00"),
        (125, {"hours": True}, "0:02:05"),
        (10_800, {}, "3:00:00"),
    ],
)
def test_moments_are_shown_as_on_a_player(secs, options, shown):
    assert show_time(secs, **options) == shown


def test_shares_have_a_sign_that_stays_with_them():
    assert show_share(0.8664) == "86.6\u202f%"
    assert show_share(0.8664, 0) == "87\u202f%"


@pytest.mark.parametrize("unknown", [None, float("nan"), float("inf")])
def test_what_is_not_known_is_a_dash(unknown):
    assert show_share(unknown) == show_number(unknown) == "–"


def test_an_interval_is_worded():
    assert show_interval(0.784, 0.906) == "78\u202f% to 91\u202f%"
    assert show_interval(float("nan"), 1.0) == ""


def test_numbers_and_nouns_agree():
    assert [count_of(1, "video"), count_of(2, "video"), count_of(1200, "stretch", "stretches")] == [
        *("1 video", "2 videos", "1,200 stretches")
    ]
    assert show_count(1234567) == "1,234,567"


def test_lists_end_with_and():
    assert [list_words([]), list_words(["a"]), list_words(["a", "b", "c"])] == ["", "a", "a, b and c"]


def test_long_names_keep_both_ends_and_one_line():
    name = "needle passing through the\n dermal layer, left side"

    assert shorten(name).startswith("needle passin")
    assert shorten(name).endswith(" left side")
    assert len(shorten(name)) == 28
    assert shorten(name, 10) != shorten(name)
    assert shorten("short") == "short"
