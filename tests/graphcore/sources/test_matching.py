from __future__ import annotations

from pathlib import Path

import pytest

from graphcore.sources.annotations.model import AnnotatedVideo
from graphcore.sources.item import InputFile
from graphcore.sources.matching import match_recordings
from graphcore.sources.recordings import Recording, plan_recordings


def files(*names: str) -> list[InputFile]:
    return [InputFile(name, Path(name), 1, 2) for name in sorted(names)]


def singles(*names: str) -> tuple[Recording, ...]:
    return plan_recordings(files(*names), None).recordings


LAB = plan_recordings(
    files(*(f"s{s}_c{c}_{n}.mp4" for s in (1, 2) for c in (1, 2) for n in (1, 2))), "s{subject}_c{camera}_{chapter}"
).recordings


def match(entry: AnnotatedVideo, recordings) -> list[tuple[str, int | None]]:
    matches = match_recordings([entry], recordings)
    assert matches.faults == []
    return [(name, mark.file_index) for name, marks in matches.marks.items() for mark in marks]


@pytest.mark.parametrize("name", ["5", "5.mp4", "5.MOV", "v_5"])
def test_a_file_is_found_with_or_without_its_ending(name):
    assert match(AnnotatedVideo(name, ()), singles("5.mp4", "55.mp4")) == [("5", None)]


def test_activitynets_prefix_may_stand_on_either_side():
    assert match(AnnotatedVideo("abc", ()), singles("v_abc.mp4")) == [("v_abc", None)]


def test_a_name_with_dots_is_no_ending():
    assert match(AnnotatedVideo("2024.05.01", ()), singles("2024.05.01.mp4")) == [("2024.05.01", None)]


def test_a_row_that_names_a_subject_serves_all_of_its_cameras():
    assert match(AnnotatedVideo("", (), subject="2"), LAB) == [("2-1", None), ("2-2", None)]


def test_a_row_that_names_subject_and_camera_serves_that_camera():
    assert match(AnnotatedVideo("", (), subject="2", camera="1"), LAB) == [("2-1", None)]


def test_a_row_that_names_a_chapter_counts_on_the_chapters_clock():
    assert match(AnnotatedVideo("s1_c2_2.mp4", ()), LAB) == [("1-2", 1)]


def test_a_recording_may_be_named_where_no_file_is_called_so():
    assert match(AnnotatedVideo("1-2", ()), LAB) == [("1-2", None)]
    assert match(AnnotatedVideo("", (), recording="1-2"), LAB) == [("1-2", None)]


def test_subjects_that_no_file_tells_do_not_choose():
    assert match(AnnotatedVideo("", (), recording="5", subject="anna"), singles("5.mp4")) == [("5", None)]


def test_annotations_without_a_video_are_named():
    entries = [AnnotatedVideo("9", ()), AnnotatedVideo("9.mp4", ()), AnnotatedVideo("", (), subject="7", camera="1")]
    matches = match_recordings(entries, LAB)
    assert matches.marks == {}
    assert [(one.path, one.reason) for _, one in matches.missing] == [
        ("9", "missing: no 9.mp4 or other video of that name"),
        ("9.mp4", "missing: no video of that name"),
        ("subject 7, camera 1", "missing: no recording that these names fit"),
    ]


def test_a_name_that_fits_two_files_is_a_fault():
    recordings = singles("5.mp4", "5.mov")
    assert match_recordings([AnnotatedVideo("5", ())], recordings).faults == [
        "video 5: which file is it, 5.mov and 5.mp4?"
    ]
    assert match(AnnotatedVideo("5.mov", ()), recordings) == [("5.mov", None)]


def test_two_recordings_of_one_camera_are_a_fault_where_only_the_subject_is_named():
    recordings = plan_recordings(files("s1_am.mp4", "s1_pm.mp4"), "s{subject}_{recording}").recordings
    faults = match_recordings([AnnotatedVideo("", (), subject="1")], recordings).faults
    assert faults == ["subject 1: which recording is it, 1-am or 1-pm?"]
    assert match(AnnotatedVideo("", (), subject="1", recording="pm"), recordings) == [("1-pm", None)]
