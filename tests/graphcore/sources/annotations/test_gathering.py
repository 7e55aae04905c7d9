from __future__ import annotations

import math

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.annotations.gathering import Gathering, find_unknown_tiers, raise_faults
from graphcore.sources.annotations.model import Fault
from graphcore.sources.item import Segment


def test_a_good_segment_is_taken_with_what_is_known_of_its_video():
    gathering = Gathering("v", "s", "left")
    gathering.add("x", 0.1 + 0.2, 2.00000049, "row 2")
    assert gathering.segments == [Segment("v", 0.3, 2.0, "x", "s", "left")]
    assert gathering.faults() == ()


POINT = "a point event, which fills no time; leave it out with 'dataset.labels={x: null}'"


@pytest.mark.parametrize(
    ("label", "start", "end", "fault"),
    [
        ("x", None, 2.0, Fault("video v, 'x': times are missing (row 2, ?-2 s)", "x")),
        ("x", None, None, Fault("video v, 'x': times are missing (row 2, ?-? s)", "x")),
        ("x", -1.0, 2.0, Fault("video v, 'x': starts before the video begins (row 2, -1-2 s)", "x")),
        ("x", 3.0, 2.0, Fault("video v, 'x': ends before it starts (row 2, 3-2 s)", "x")),
        ("x", 3.0, 3.0, Fault(f"video v, 'x': {POINT} (row 2, at 3 s)", "x")),
        ("x", 3.0, 3.0000001, Fault(f"video v, 'x': {POINT} (row 2, at 3 s)", "x")),
        ("x", math.nan, 2.0, Fault("video v, 'x': times are missing (row 2, nan-2 s)", "x")),
        ("", 1.0, 2.0, Fault('video v: a label that is no name: "" (row 2)')),
        (None, 1.0, 2.0, Fault("video v: a label that is no name: null (row 2)")),
        ("\udfff", 1.0, 2.0, Fault('video v: a label that is no name: "\\udfff" (row 2)')),
    ],
)
def test_each_fault_is_named(label, start, end, fault):
    gathering = Gathering("v")
    gathering.add(label, start, end, "row 2")
    assert gathering.segments == []
    assert gathering.faults() == (fault,)


def test_faults_of_one_kind_and_label_are_one_line():
    gathering = Gathering("v")
    for row, label in enumerate(["x", "y", "x", "x"], start=2):
        gathering.add(label, 5.0, 4.0, f"row {row}")
    assert [fault.text for fault in gathering.faults()] == [
        "video v, 'x': ends before it starts (3 times, the first: row 2, 5-4 s)",
        "video v, 'y': ends before it starts (row 3, 5-4 s)",
    ]


def test_a_label_without_end_is_cut_in_its_fault():
    gathering = Gathering("v")
    gathering.note("bad", "row 2", "x" * 1_000_000)
    assert gathering.faults()[0].text == f"video v, '{'x' * 57}...': bad (row 2)"


def test_unknown_tiers_are_named_with_those_there_are():
    assert find_unknown_tiers(None, ["a"]) == []
    assert [fault.text for fault in find_unknown_tiers(["a", "x"], ["b", "a"])] == [
        "dataset.tiers names 'x', which is not there. Choices: a, b."
    ]


def test_all_faults_come_in_one_error(tmp_path):
    with pytest.raises(DatasetError) as caught:
        raise_faults(tmp_path / "a.json", ["first", Fault("second", "x")])
    assert "a.json has 2 faults:\n  first\n  second\n" in str(caught.value)
    with pytest.raises(DatasetError, match="has 1 fault:\n  first\nMend"):
        raise_faults(tmp_path / "a.json", ["first"])
    raise_faults(tmp_path / "a.json", [])
