from __future__ import annotations

import pytest

from graphcore.sources.annotations.boris_layout import (
    find_chained,
    find_header,
    find_media,
    parse_offset,
    read_preamble,
)
from graphcore.sources.tables import Row


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0.0", 0), (12.5, 12.5), ("-3.25", -3.25), ("00:01:00", 60), ("-00:01:00", -60), (None, 0), ("NA", 0)],
)
def test_offsets_may_be_negative(value, seconds):
    assert parse_offset(value) == seconds


def test_the_header_stands_below_what_is_said_of_the_observation():
    rows = [Row(1, ("Observation id", "o")), Row(3, ("Time", "Media file path", "Behavior", "Status"))]
    assert find_header(rows) == 1
    assert find_header(rows[:1]) is None


def test_what_stands_above_the_header_is_kept():
    rows = [
        Row(1, ("Observation id", "o")),
        Row(2, ("Player #1", "a.mp4")),
        Row(3, ("Player #1", "b.mp4")),
        Row(4, ("Time offset (s)", "1.5")),
        Row(5, ("Player #1",)),
    ]
    assert read_preamble(rows) == {"observation": "o", "source": "player #1:a.mp4;b.mp4", "offset": "1.5"}


@pytest.mark.parametrize(
    ("cells", "file"),
    [
        ({"media": "a.mp4"}, "a.mp4"),
        ({"media": "NA", "source": "player #1:a.mp4|player #2:b.mp4"}, "a.mp4"),
        ({"media": "Not found", "source": "player #1:a.mp4;b.mp4"}, ""),
        ({"media": "player #1: a.mp4"}, "a.mp4"),
        ({"source": "Player #1: a.mp4 | Player #2: b.mp4"}, "a.mp4"),
        ({"media": "a" + 100_000 * " " + "b.mp4"}, "a" + 100_000 * " " + "b.mp4"),
        ({}, ""),
    ],
)
def test_the_file_of_an_event_is_found(cells, file):
    assert find_media(cells) == file


def test_observations_of_several_files_in_a_row_are_chained_and_several_cameras_are_not():
    events = [
        {"observation": "one", "media": "a.mp4"},
        {"observation": "two", "media": "a.mp4"},
        {"observation": "two", "media": "b.mp4"},
        {"observation": "three", "media": "a.mp4", "source": "player #1:a.mp4;b.mp4"},
        {"observation": "four", "media": "a.mp4", "source": "player #1:a.mp4|player #2:b.mp4"},
        {"observation": "", "media": "a.mp4"},
        {"observation": "", "media": "b.mp4"},
    ]
    assert find_chained(events, {}) == {"two", "three"}
