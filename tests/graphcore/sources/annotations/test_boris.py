from __future__ import annotations

import openpyxl
import pytest

from graphcore.errors import DatasetError
from graphcore.sources.annotations.boris import read, recognise
from graphcore.sources.annotations.model import AnnotatedVideo, Head, ReadOptions
from graphcore.sources.item import Segment

# As of BORIS 7: one row a state, the whole length of the observation beside it.
AGGREGATED_7 = """\
Observation id,Observation date,Description,Media file,Total length,FPS,weather,Subject,Behavior,Behavioral category,\
Modifiers,Behavior type,Start (s),Stop (s),Duration (s),Comment start,Comment stop
visit 1,2024-03-01 10:00:00,,C:/films/a.mp4,60.000,25.0,dry,No focal subject,sewing,,,STATE,1.500,8.125,6.625,,
visit 1,2024-03-01 10:00:00,,C:/films/a.mp4,60.000,25.0,dry,nurse,cutting,,,STATE,10.000,12.000,2.000,,
visit 1,2024-03-01 10:00:00,,C:/films/a.mp4,60.000,25.0,dry,No focal subject,glance,,,POINT,3.200,3.200,NA,,
visit 1,2024-03-01 10:00:00,,C:/films/a.mp4,60.000,25.0,dry,No focal subject,glance,,,POINT,5.000,5.000,NA,,
"""

# As of BORIS 8 and 9: files of all players in one column, lists where there are several.
AGGREGATED_8 = """\
Observation id\tObservation date\tDescription\tObservation type\tSource\tTime offset (s)\tCoding duration\t\
Media duration (s)\tFPS (frame/s)\tSubject\tObservation duration by subject by observation\tBehavior\t\
Behavioral category\tModifier #1\tBehavior type\tStart (s)\tStop (s)\tDuration (s)\tMedia file name\t\
Image index start\tImage index stop\tImage file path start\tImage file path stop\tComment start\tComment stop
o1\t2024-03-01 10:00:00\t\tMedia file\tplayer #1:films/a.mp4\t0.0\t50.000\t60.040\t29.970\tnurse\t7.0\tsewing\t\
Not defined\tleft\tSTATE\t1.000\t4.500\t3.500\tfilms/a.mp4\t30\t134\t\t\t\t
o2\t2024-03-01 11:00:00\t\tMedia file\tplayer #1:films/b.mp4;films/c.mp4\t0.0\t90.000\t60.000;60.000\t25.000;25.000\t\
nurse\t7.0\tsewing\tNot defined\t\tSTATE\t50.000\t70.000\t20.000\tfilms/b.mp4\t\t\t\t\t\t
"""

TABULAR_7 = """\
Observation id,visit 1,,,,,,,
,,,,,,,,
Media file(s),,,,,,,,
,,,,,,,,
Player #1,a.mp4,,,,,,,
,,,,,,,,
Time offset (s),0.0,,,,,,,
,,,,,,,,
Time,Media file path,Total length,FPS,Subject,Behavior,Behavioral category,Comment,Status
3.300,a.mp4,60.0,25.0,nurse,sewing,,,START
4.000,a.mp4,60.0,25.0,surgeon,sewing,,,START
7.750,a.mp4,60.0,25.0,nurse,sewing,,,STOP
8.000,a.mp4,60.0,25.0,,glance,,,POINT
9.900,a.mp4,60.0,25.0,surgeon,sewing,,,STOP
"""

TABULAR_8 = """\
Observation id,Observation date,Description,Observation duration,Observation type,Source,Time offset (s),\
Media duration (s),FPS,Subject,Behavior,Behavioral category,Modifier #1,Behavior type,Time,Media file name,\
Image index,Image file path,Comment
o1,2024,,50,Media file(s),player #1:a.mp4,100.0,60.0,25.0,,sewing,,left,START,101.000,a.mp4,25,NA,
o1,2024,,50,Media file(s),player #1:a.mp4,100.0,60.0,25.0,,sewing,,right,START,102.000,a.mp4,25,NA,
o1,2024,,50,Media file(s),player #1:a.mp4,100.0,60.0,25.0,,sewing,,left,STOP,103.000,a.mp4,25,NA,
o1,2024,,50,Media file(s),player #1:a.mp4,100.0,60.0,25.0,,sewing,,right,STOP,104.000,a.mp4,25,NA,
"""


def read_text(tmp_path, text, name="t.csv", **options):
    path = tmp_path / name
    path.write_text(text)
    return read(path, ReadOptions(**options))


def test_aggregated_events_are_segments_by_file_and_subject(tmp_path):
    found = read_text(tmp_path, AGGREGATED_7)
    assert found.videos == (
        AnnotatedVideo("a.mp4", (Segment("a.mp4", 1.5, 8.125, "sewing"),), 60.0, fps=25.0),
        AnnotatedVideo("a.mp4", (Segment("a.mp4", 10, 12, "cutting", "nurse"),), 60.0, subject="nurse", fps=25.0),
    )


def test_point_events_are_one_fault_a_label_with_the_way_out(tmp_path):
    (fault,) = read_text(tmp_path, AGGREGATED_7).faults
    assert fault.label == "glance"
    assert "'dataset.labels={glance: null}' (2 times, the first: t.csv row 4, at 3.2 s)" in fault.text


def test_newer_columns_are_found_and_several_files_in_a_row_are_a_recording(tmp_path):
    found = read_text(tmp_path, AGGREGATED_8, "t.tsv")
    assert not found.faults
    assert found.videos == (
        AnnotatedVideo("a.mp4", (Segment("a.mp4", 1, 4.5, "sewing", "nurse"),), 60.04, subject="nurse", fps=29.97),
        AnnotatedVideo("", (Segment("", 50, 70, "sewing", "nurse"),), None, "o2", "nurse", fps=25.0),
    )


def test_an_observation_seen_in_two_files_is_a_recording_though_no_row_says_so(tmp_path):
    rows = AGGREGATED_7.replace("C:/films/a.mp4,60.000,25.0,dry,nurse", "C:/films/b.mp4,60.000,25.0,dry,nurse")
    assert {video.recording for video in read_text(tmp_path, rows).videos} == {"visit 1"}


def test_starts_and_stops_are_paired_by_subject(tmp_path):
    found = read_text(tmp_path, TABULAR_7)
    assert found.videos[:2] == (
        AnnotatedVideo("a.mp4", (Segment("a.mp4", 3.3, 7.75, "sewing", "nurse"),), 60.0, subject="nurse", fps=25.0),
        AnnotatedVideo("a.mp4", (Segment("a.mp4", 4.0, 9.9, "sewing", "surgeon"),), 60.0, subject="surgeon", fps=25.0),
    )
    assert [fault.label for fault in found.faults] == ["glance"]


def test_starts_and_stops_are_paired_by_modifier_and_the_offset_is_taken_off(tmp_path):
    found = read_text(tmp_path, TABULAR_8)
    assert not found.faults
    assert found.videos[0].segments == (Segment("a.mp4", 1, 3, "sewing"), Segment("a.mp4", 2, 4, "sewing"))


def test_what_is_not_paired_is_named_with_its_time(tmp_path):
    rows = TABULAR_7.splitlines(keepends=True)
    broken = [line for line in rows if not line.startswith("3.300")] + [rows[9]]
    broken += ["20.0,a.mp4,60.0,25.0,surgeon,cutting,,,HALT\n", "later,a.mp4,60.0,25.0,surgeon,cutting,,,STOP\n"]
    broken += ["21.0,a.mp4,60.0,25.0,surgeon,poking,,,START\n"] * 2
    texts = [fault.text for fault in read_text(tmp_path, "".join(broken)).faults]
    for part in (
        "subject nurse, 'sewing': STOP without a START (t.csv row 11, 7.75 s)",
        "subject nurse, 'sewing': START without a STOP (t.csv row 14, 3.3 s)",
        "subject surgeon, 'cutting': status \"HALT\" is not START, STOP or POINT",
        "subject surgeon, 'cutting': time=\"later\" is no time",
        "subject surgeon, 'poking': START without a STOP before (t.csv row 18, 21 s)",
    ):
        assert any(part.split(", ", 1)[1] in text for text in texts), (part, texts)


def test_subjects_are_chosen_by_name(tmp_path):
    assert [v.subject for v in read_text(tmp_path, TABULAR_7, tiers=("nurse",)).videos] == ["nurse"]
    nobody = read_text(tmp_path, AGGREGATED_7, tiers=("No focal subject",))
    assert [video.subject for video in nobody.videos] == [""]
    (fault,) = read_text(tmp_path, TABULAR_7, tiers=("nurse", "nobody")).faults
    assert "'nobody', which is not there. Choices: No focal subject, nurse, surgeon" in fault.text


def test_a_workbook_is_read(tmp_path):
    book = openpyxl.Workbook()
    for line in AGGREGATED_7.splitlines()[:2]:
        book.active.append([float(cell) if cell.replace(".", "").isdigit() else cell for cell in line.split(",")])
    book.save(tmp_path / "t.xlsx")
    assert recognise(Head(tmp_path / "t.xlsx"))
    assert read(tmp_path / "t.xlsx", ReadOptions()).videos[0].segments == (Segment("a.mp4", 1.5, 8.125, "sewing"),)


def test_a_folder_of_exports_is_read_in_the_order_of_names(tmp_path):
    (tmp_path / "2.csv").write_text(TABULAR_8)
    (tmp_path / "1.tsv").write_text(AGGREGATED_8)
    (tmp_path / "notes.md").write_text("no table")
    assert recognise(Head(tmp_path, names=("2.csv", "1.tsv", "notes.md")))
    videos = read(tmp_path, ReadOptions()).videos
    assert [(video.video or video.recording, video.subject) for video in videos] == [
        ("a.mp4", "nurse"),
        ("o2", "nurse"),
        ("a.mp4", ""),
    ]


@pytest.mark.parametrize("text", [AGGREGATED_7, AGGREGATED_8, TABULAR_7, TABULAR_8])
def test_its_exports_are_recognised(tmp_path, text):
    assert recognise(Head(tmp_path / "t.csv", text))


@pytest.mark.parametrize("text", ["", "video,start,end,behavior\n1,2,3,x\n", "{}", "Time,Behavior\n", '"' * 9])
def test_other_text_is_not(tmp_path, text):
    assert not recognise(Head(tmp_path / "t.csv", text))
    assert not recognise(Head(tmp_path / "t.xlsx"))
    assert not recognise(Head(tmp_path, names=("gone.csv",)))


def test_other_tables_and_empty_folders_are_errors(tmp_path):
    with pytest.raises(DatasetError, match="holds no tables"):
        read(tmp_path, ReadOptions())
    with pytest.raises(DatasetError, match=r"is no export of BORIS(.|\n)*video, label"):
        read_text(tmp_path, "video,label\n1,2\n")


def test_names_that_cannot_be_are_faults(tmp_path):
    found = read_text(tmp_path, AGGREGATED_7.replace("C:/films/a.mp4", "..").replace("visit 1", "a/b"))
    assert not found.videos
    assert all("one cannot be a name" in fault.text for fault in found.faults)
    live = read_text(tmp_path, AGGREGATED_7.replace("C:/films/a.mp4", "NA").replace("visit 1", ""))
    assert all("no media file and no observation id" in fault.text for fault in live.faults)
