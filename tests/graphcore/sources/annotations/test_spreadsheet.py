from __future__ import annotations

import datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.errors import DatasetError
from graphcore.sources.annotations.model import AnnotatedVideo, Head, ReadOptions
from graphcore.sources.annotations.spreadsheet import read, recognise
from graphcore.sources.item import Segment


def read_text(tmp_path, text, name="t.csv", **options):
    path = tmp_path / name
    path.write_text(text)
    return read(path, ReadOptions(**options))


def faults_of(tmp_path, text, **options):
    return [fault.text for fault in read_text(tmp_path, text, **options).faults]


def test_rows_become_entries_by_whom_they_are_about(tmp_path):
    found = read_text(
        tmp_path,
        "Recording;Participant;View;Start (s);End [s];Procedure;Split;Remarks\n"
        "morning;5;front;0:12:30;15:00,5;suturing;Training;ok\n"
        "noon;6;;1;2,5;cutting;val;\n"
        "morning;5;front;20:00;1:00:00;cutting;train;\n",
    )
    assert not found.faults
    assert found.videos == (
        AnnotatedVideo(
            "",
            (
                Segment("", 750.0, 900.5, "suturing", "5", "front"),
                Segment("", 1200.0, 3600.0, "cutting", "5", "front"),
            ),
            **{"recording": "morning", "subject": "5", "camera": "front", "split": "train"},
        ),
        AnnotatedVideo("", (Segment("", 1.0, 2.5, "cutting", "6"),), recording="noon", subject="6", split="validation"),
    )


@pytest.mark.parametrize(
    "header",
    [
        *("video,start,end,label", "File Name,from,to,Phase", "media_file,Start_Secs,End_Secs,behaviour"),
        *("videoId,startSeconds,endSeconds,action", "FILENAME,onset (hh:mm:ss),offset (hh:mm:ss),class"),
        *("clip,Start Time,Stop Time,procedure", "participant,begin,until,step", "session,t_start,t_end,activity"),
    ],
)
def test_columns_are_known_however_people_call_them(tmp_path, header):
    found = read_text(tmp_path, f"{header}\n5,1,2,x\n")
    assert not found.faults
    (segment,) = found.videos[0].segments
    assert (segment.start_secs, segment.end_secs, segment.label) == (1, 2, "x")


def test_columns_may_be_named_by_configuration(tmp_path):
    text = "von,bis,was,wer,label\n1,2,nähen,a.mp4,unused\n"
    columns = {"start": "von", "end": "BIS", "label": "was", "video": "wer"}
    found = read_text(tmp_path, text, columns=columns)
    assert found.videos == (AnnotatedVideo("a.mp4", (Segment("a.mp4", 1, 2, "nähen"),)),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("video,begin_frame,end,label\n", r"column for start.\n.*video, begin_frame, end, label.\n.*columns={start: N"),
        ("video,x\n", "no column for start and end and label"),
        ("start,end,label\n", r"no column for video or recording or subject"),
        ("video,start_ms,end_ms,label\n", "no column for start and end"),
        ("video,start,end,phase,action\n", r"several columns for label: phase, action(.|\n)*columns={label: phase}"),
    ],
)
def test_missing_and_ambiguous_columns_are_errors_that_say_how_to_choose(tmp_path, text, message):
    with pytest.raises(DatasetError, match=message):
        read_text(tmp_path, text)


def test_a_configured_column_that_is_not_there_is_an_error_with_the_choices(tmp_path):
    with pytest.raises(DatasetError, match=r"columns.start=von is no column of .*\n.*video, start, end, label"):
        read_text(tmp_path, "video,start,end,label\n", columns={"start": "von"})


def test_the_column_that_is_called_by_the_meaning_goes_first(tmp_path):
    found = read_text(tmp_path, "video,file,start,end,label,action\na.mp4,zzz,1,2,x,y\n")
    assert found.videos[0].segments == (Segment("a.mp4", 1, 2, "x"),)


def test_workbooks_with_cell_times_are_read(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["video", "start", "end", "label"])
    book.active.append([7, datetime.time(0, 12, 30), datetime.timedelta(hours=25), "x"])
    book.active.append([7, 1.25, "2:05", 3])
    book.save(tmp_path / "t.xlsx")
    found = read(tmp_path / "t.xlsx", ReadOptions())
    assert not found.faults
    assert found.videos == (AnnotatedVideo("7", (Segment("7", 750, 90_000, "x"), Segment("7", 1.25, 125, "3"))),)


def test_all_faults_are_named_with_their_rows(tmp_path):
    text = (
        "video,start,end,label,split\n"
        "a,1:75,2:00,x,\n"
        "a,1,,x,\n"
        "a,5,4,y,\n"
        "a,7,7,z,\n"
        "a,1,2,,\n"
        ",1,2,x,\n"
        "..,1,2,x,\n"
        "a,1,2,x,holdout\n"
        "a,1,2,x,,surplus\n"
        "b,-3,2,x,\n"
        ",,,,\n"
        "only a remark,,,,\n"
    )
    faults = faults_of(tmp_path, text)
    assert [fault for fault in faults if "surplus" in fault] == []
    for part in (
        'row 2: start="1:75" is no time; write seconds, mm:ss or h:mm:ss',
        "row 3: end is missing; write",
        "video a, 'y': ends before it starts (row 4, 5-4 s)",
        "'dataset.labels={z: null}' (row 5, at 7 s)",
        'video a: a label that is no name: "" (row 6)',
        "row 7: neither video nor recording nor subject is given; write it in every row",
        'row 8: video=".." cannot be a name',
        'row 9: split="holdout" is none; known are train, training',
        "row 10: 6 cells, where the header has 5",
        'row 11: start="-3" is no time',
    ):
        assert any(part in fault for fault in faults), part
    assert len(faults) == 10


def test_faults_of_times_know_their_label(tmp_path):
    found = read_text(tmp_path, "video,start,end,label\na,1,oops,glance\n")
    assert found.faults[0].label == "glance"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        *(("t.xlsx", "", True), ("t.ods", "", True), ("t.csv", "von;bis\n1;2\n", True), ("t.tsv", "a\tb\n", True)),
        *(("t.txt", "video\tstart\tend\tlabel\n1\t2\t3\tx\n", True), ("t.txt", "Frame\tPhase\n0\tx\n", False)),
        *(("t.json", "[{}]", False), ("t.txt", "", False), ("t.txt", "\0\1", False)),
        ("t.csv", "# CSV_HEADER = metadata_id,file_list\n", False),
        ("t.csv", "Observation id,Media file,Behavior,Behavior type,Start (s),Stop (s)\n", False),
    ],
)
def test_tables_of_segments_are_recognised(tmp_path, name, text, expected):
    assert recognise(Head(tmp_path / name, text)) is expected


@given(st.text(alphabet="video,startendlabel\n\t;:.0123456789\"'", max_size=200))
def test_any_text_is_annotations_or_one_error(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_text("video,start,end,label\n" + text)
    try:
        found = read(path, ReadOptions())
    except DatasetError:
        return
    assert all(0 <= one.start_secs < one.end_secs for video in found.videos for one in video.segments)


def test_two_columns_of_one_name_are_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"has 2 columns called start\.\nRename all but one"):
        read_text(tmp_path, "video,start,Start,end,label\nv,1,2,3,x\n")


def test_all_missing_columns_are_named_at_once_and_long_ones_cut(tmp_path):
    with pytest.raises(DatasetError, match=r"no column for start and end and label and video or recording") as caught:
        read_text(tmp_path, f"vid,{'a' * 70}\n1,2\n")
    assert "a" * 57 + "..." in str(caught.value)
    assert "a" * 58 not in str(caught.value)
