from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.errors import ConfigError
from graphcore.sources.pattern import parse_pattern, split_ending

FIELDS = ("recording", "chapter", "subject", "camera", "class", "split", "group", "name")


def match(text, path):
    return parse_pattern(text, FIELDS, "dataset.pattern").match(path)


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("{subject}/{class}/{name}", "anna/cat/1.jpg", {"subject": "anna", "class": "cat", "name": "1"}),
        ("{subject}/{class}/{name}", "anna/cat/may/1.jpg", {"subject": "anna", "class": "cat", "name": "may/1"}),
        ("{subject}/{class}/{name}", "anna/1.jpg", None),
        ("{class}/{name}", "/1.jpg", None),
        ("GH{chapter:2}{recording}", "GH010034.MP4", {"chapter": "01", "recording": "0034"}),
        ("GH{chapter:2}{recording}", "GHx10034.MP4", None),
        ("GH{chapter:2}{recording}", "GH01.MP4", None),
        ("{recording}_{chapter}", "left_view_12.mp4", {"recording": "left_view", "chapter": "12"}),
        ("{recording}_{chapter}", "left_view_1b.mp4", None),
        ("{recording}{chapter}", "cam12.mp4", {"recording": "cam", "chapter": "12"}),
        ("{class}.{name}", "cat.17.jpg", {"class": "cat", "name": "17"}),
        ("{class}.{name}", "cat.jpg", None),
        ("{class}_{name}", "a_b_c.jpg", {"class": "a", "name": "b_c"}),
        ("*/{class}/*", "2024/cat/1.jpg", {"class": "cat"}),
        ("*/{class}/*", "2024/cat/may/1.jpg", None),
        ("{class}*/{name}", "cat/1.jpg", {"class": "c", "name": "1"}),
        ("{class}-*/{name}", "cat-/1.jpg", {"class": "cat", "name": "1"}),
        ("a+(b)/{class}/{name}", "a+(b)/cat/1.jpg", {"class": "cat", "name": "1"}),
    ],
)
def test_fields_take_the_shortest_text_with_which_the_whole_fits(text, path, expected):
    assert match(text, path) == expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("{recording}.mp4", "a.mp4", {"recording": "a"}),
        ("{recording}.mp4", "a.MP4", {"recording": "a"}),
        ("{recording}.mp4", "a.avi", None),
        ("{recording}.*", "a.b.avi", {"recording": "a.b"}),
        ("{recording}.v2", "a.v2.mp4", {"recording": "a"}),
        ("{recording}", "a", {"recording": "a"}),
    ],
)
def test_an_ending_may_be_given_or_left_out(text, path, expected):
    assert match(text, path) == expected


@pytest.mark.parametrize(
    ("text", "path", "expected"),
    [
        ("{subject}/{subject}_{camera}", "a_b/a_b_left.mp4", {"subject": "a_b", "camera": "left"}),
        ("{subject}/{subject}_{camera}", "a/b_left.mp4", None),
        ("*_{subject}/{subject}_{camera}", "2024_05_anna/anna_left.mp4", {"subject": "anna", "camera": "left"}),
        ("{camera}_{subject}/{subject}", "go_pro_anna/anna.mp4", {"camera": "go_pro", "subject": "anna"}),
    ],
)
def test_a_repeated_field_is_the_same_text_each_time(text, path, expected):
    assert match(text, path) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{klass}/{name}", r"dataset.pattern={klass}/{name}: the field {klass} is not known.\nChoices: recording, "),
        ("{class/{name}", "brace has no partner|is not known"),
        ("class}/{name}", "brace has no partner"),
        ("{class:x}", "no number of characters"),
        ("{class:0}", "no number of characters"),
        ("{class:256}", "no number of characters"),
        ("cats/1", "names no field.\nChoices: {recording}"),
        ("", "is no path"),
        ("/{class}", "is no path"),
        ("{class}/../{name}", "is no path"),
        ("{class}\\{name}", "backslash"),
        ("*a" * 33 + "{class}", "67 fields, stars and texts"),
    ],
)
def test_a_pattern_that_cannot_be_one_is_explained(text, message):
    with pytest.raises(ConfigError, match=message):
        parse_pattern(text, FIELDS, "dataset.pattern")


def test_fields_are_named_in_their_order():
    assert parse_pattern("{subject}/{class}/{subject}_{name}", FIELDS, "o").fields == ("subject", "class", "name")


@pytest.mark.parametrize("path", ["a" * 4000, "a/" * 2000, "a" * 250 + "/" + "a" * 250, "{}*" * 500, "é\n\0" * 300])
@pytest.mark.parametrize(
    "text",
    [
        "*a" * 30 + "{class}b",
        "{class}{name}{subject}{split}{group}{camera}/b",
        "*{class}*{class}*b/{name}",
        "*{class}*{subject}*{class}*{subject}/{class}{subject}b",
    ],
)
def test_hostile_patterns_and_paths_end(text, path):
    assert match(text, path) is None


words = st.text(st.sampled_from("ab_.1"), min_size=1, max_size=6)


@given(st.lists(st.one_of(words, st.sampled_from(["{class}", "{subject}", "{chapter}", "*"])), min_size=1, max_size=6))
def test_what_is_filled_into_a_pattern_fits_it(pieces):
    text = "".join(pieces)
    # ".*" at the end stands for any ending, and is tested as one.
    if "{" not in text or set(text.split("/")) & {"", ".", ".."} or text.endswith(".*"):
        text = "x{class}"
    path = text.replace("{class}", "ab").replace("{subject}", "_").replace("{chapter}", "07").replace("*", "a")
    assert match(text, f"{path}.jpg") is not None


@given(words, words)
def test_two_fields_divide_a_name_as_a_lazy_expression_does(one, two):
    found = match("{class}_{subject}", f"{one}_{two}.jpg")
    expected = re.fullmatch("(.+?)_(.+)", f"{one}_{two}")
    assert found is not None
    assert expected is not None
    assert (found["class"], found["subject"]) == expected.groups()


def test_endings_are_those_of_the_last_part():
    assert split_ending("a.b/c") == ("a.b/c", "")
    assert split_ending("a/.hidden") == ("a/.hidden", "")
    assert split_ending("a/b.tar.gz") == ("a/b.tar", ".gz")
