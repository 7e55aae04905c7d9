from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.errors import ConfigError
from graphcore.sources.item import InputFile, Rejected
from graphcore.sources.recordings import chapter_offsets, needs_folders, plan_recordings


def files(*names: str) -> list[InputFile]:
    return [InputFile(name, Path(name), 1, 2) for name in sorted(names)]


def show(plan):
    return {one.name: [file.name for file in one.files] for one in plan.recordings}


def test_without_a_rule_every_file_is_a_recording():
    plan = plan_recordings(files("5.mp4", "a b.MOV"), None)
    assert show(plan) == {"5": ["5.mp4"], "a b": ["a b.MOV"]}
    assert plan.faults == plan.rejected == ()


def test_files_that_only_their_endings_tell_apart_are_two_recordings():
    plan = plan_recordings(files("a.mov", "a.mp4", "b.mp4"), None)
    assert show(plan) == {"a.mov": ["a.mov"], "a.mp4": ["a.mp4"], "b": ["b.mp4"]}


def test_chapters_are_put_in_order_of_their_numbers_not_of_their_letters():
    plan = plan_recordings(files(*(f"s1_c2_{n}.mp4" for n in range(1, 12))), "{subject}_{camera}_{chapter}")
    (one,) = plan.recordings
    assert [file.name for file in one.files] == [f"s1_c2_{n}.mp4" for n in range(1, 12)]
    assert (one.name, one.subject, one.camera, one.title) == ("s1-c2", "s1", "c2", "")
    assert one.is_chaptered


def test_names_of_a_camera_that_writes_the_chapter_first():
    plan = plan_recordings(files("GH010023.MP4", "GH020023.MP4", "GH010024.MP4"), "GH{chapter:2}{recording}")
    assert show(plan) == {"0023": ["GH010023.MP4", "GH020023.MP4"], "0024": ["GH010024.MP4"]}


def test_folders_may_tell_the_subject():
    plan = plan_recordings(files("anna/front.mp4", "anna/top.mp4", "ben/top.mp4"), "{subject}/{camera}")
    assert [(one.name, one.subject, one.camera) for one in plan.recordings] == [
        ("anna-front", "anna", "front"),
        ("anna-top", "anna", "top"),
        ("ben-top", "ben", "top"),
    ]


@pytest.mark.parametrize(
    ("rule", "needed"),
    [
        (None, False),
        ("{subject}_{chapter}", False),
        ("{subject}/{chapter}", True),
        ([["a.mp4"], ["b/c.mp4"]], True),
        ({"one": {"files": ["x.mp4"]}}, False),
        ({"one": ["d/x.mp4"]}, True),
    ],
)
def test_folders_are_looked_into_where_the_rule_names_them(rule, needed):
    assert needs_folders(rule) is needed


def test_a_name_that_does_not_fit_is_left_out_by_name():
    plan = plan_recordings(files("s1_1.mp4", "holiday.mp4"), "{subject}_{chapter}")
    assert plan.rejected == (Rejected("holiday.mp4", "its name does not fit dataset.recordings={subject}_{chapter}"),)
    assert show(plan) == {"s1": ["s1_1.mp4"]}


@pytest.mark.parametrize(
    ("chapters", "missing"),
    [((1, 3), "chapter 2 is missing"), ((2, 3), "chapter 1 is missing"), ((34, 36, 38), "chapter 35, 37 is missing")],
)
def test_a_missing_chapter_is_a_fault_since_later_times_would_be_wrong(chapters, missing):
    plan = plan_recordings(files(*(f"s1_{n}.mp4" for n in chapters)), "{subject}_{chapter}")
    assert len(plan.faults) == 1
    assert missing in plan.faults[0]
    assert "recording s1" in plan.faults[0]


@pytest.mark.parametrize("chapters", [(0, 1, 2), (1, 2), (34, 35), (0,), (7,)])
def test_cameras_may_count_from_anywhere(chapters):
    assert plan_recordings(files(*(f"s1_{n}.mp4" for n in chapters)), "{subject}_{chapter}").faults == ()


def test_two_files_of_one_chapter_are_a_fault():
    plan = plan_recordings(files("s1_1.mp4", "s1_1.mov", "s1_2.mp4"), "{subject}_{chapter}")
    assert "s1_1.mov and s1_1.mp4: both are chapter 1" in plan.faults[0]
    plan = plan_recordings(files("s1_a.mp4", "s1_b.mp4"), "{subject}_*")
    assert "which comes first?" in plan.faults[0]


def test_a_list_gives_the_order():
    plan = plan_recordings(files("a.mp4", "b.mp4", "c.mp4"), [["b.mp4", "a.mp4"], "c.mp4"])
    assert show(plan) == {"b": ["b.mp4", "a.mp4"], "c": ["c.mp4"]}


def test_a_mapping_gives_names_subjects_and_cameras():
    rule = {"morning": {"files": ["a.mp4", "b.mp4"], "subject": 7, "camera": "top"}, "evening": ["c.mp4"]}
    plan = plan_recordings(files("a.mp4", "b.mp4", "c.mp4", "d.mp4"), rule)
    assert [(one.name, one.subject, one.camera) for one in plan.recordings] == [
        ("morning", "7", "top"),
        ("evening", "", ""),
    ]
    assert plan.rejected == (Rejected("d.mp4", "not in dataset.recordings"),)


def test_all_faults_of_a_list_come_at_once():
    rule = [["a.mp4", "x.mp4"], ["a.mp4"], [], {"file": ["b.mp4"]}]
    faults = plan_recordings(files("a.mp4", "b.mp4"), rule).faults
    assert [fault.split(": ", 1)[1] for fault in faults] == [
        "there is no video x.mp4",
        "a.mp4 is listed more than once",
        "no list of files; known are name, files, subject, camera",
        "unknown file; known are name, files, subject, camera",
    ]


def test_names_are_unique():
    plan = plan_recordings(files("a-b/c/1.mp4", "a/b-c/1.mp4"), "{subject}/{camera}/{chapter}")
    assert [one.name for one in plan.recordings] == ["a-b-c", "a-b-c~2"]


def test_an_unknown_field_is_an_error_with_the_choices():
    with pytest.raises(ConfigError, match=r"dataset\.recordings.*"):
        plan_recordings(files("a.mp4"), "{surgeon}_{chapter}")


def test_offsets_add_up():
    assert chapter_offsets([480.04, 480.04, 12.5]) == [0.0, 480.04, 960.08]
    assert chapter_offsets([]) == []


@given(st.dictionaries(st.tuples(st.integers(1, 3), st.integers(1, 3)), st.integers(1, 5), max_size=6))
def test_every_file_is_in_one_recording_or_left_out(shape):
    names = [f"s{s}_c{c}_{n}.mp4" for (s, c), count in shape.items() for n in range(1, count + 1)]
    plan = plan_recordings(files(*names), "{subject}_{camera}_{chapter}")
    assert sorted(file.name for one in plan.recordings for file in one.files) == sorted(names)
    assert plan.faults == ()
    assert len(plan.recordings) == len(shape)


@pytest.mark.parametrize(
    ("pattern", "name", "session"),
    [
        ("{subject}_{camera}_{chapter}", "7_top_1.mp4", "7"),
        ("{recording}_{camera}", "am_top.mp4", "am"),
        ("{subject}/{recording}_{camera}", "7/am_top.mp4", "7-am"),
        ("{camera}", "top.mp4", "top"),
    ],
)
def test_a_session_is_all_that_names_tell_but_the_camera(pattern, name, session):
    (one,) = plan_recordings(files(name), pattern).recordings
    assert one.session == session
