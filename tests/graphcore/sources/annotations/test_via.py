from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.errors import DatasetError
from graphcore.sources.annotations.model import AnnotatedVideo, Head, ReadOptions
from graphcore.sources.annotations.via import read, recognise
from graphcore.sources.item import Segment

ATTRIBUTES = {
    "1": {"aname": "Activity", "type": 4, "anchor_id": "FILE1_Z2_XY0", "options": {"a": "sewing", "b": "cutting"}},
    "2": {"aname": "Remark", "type": 1, "anchor_id": "FILE1_Z2_XY0", "options": {"default": "Default"}},
    "3": {"aname": "Seen", "type": 2, "anchor_id": "FILE1_Z2_XY0", "options": {"0": "hand", "1": "needle"}},
}


def make_project(metadata, **more):
    return {
        "project": {"pid": "__VIA_PROJECT_ID__", "data_format_version": "3.1.1", "vid_list": ["1", "2"]},
        "config": {},
        "attribute": ATTRIBUTES,
        "file": {
            "1": {"fid": "1", "fname": "v.mp4", "type": 4, "loc": 1, "src": ""},
            "2": {"fid": 2, "fname": "films/w.mp4", "type": 4, "loc": 2, "src": "http://host/w.mp4"},
        },
        "view": {"1": {"fid_list": ["1"]}, "2": {"fid_list": [2]}},
        "metadata": metadata,
        **more,
    }


def make_mark(view, z, av, **more):
    return {"vid": view, "flg": 0, "z": z, "xy": [], "av": av, **more}


def read_project(tmp_path, *marks, **options):
    path = tmp_path / "p.json"
    path.write_text(json.dumps(make_project({f"{n}_x": mark for n, mark in enumerate(marks, 1)})))
    return read(path, ReadOptions(**options))


def read_csv(tmp_path, *rows, **options):
    path = tmp_path / "p.csv"
    lines = [
        "# Exported using VGG Image Annotator",
        "# Notes:",
        '# SHAPE_ID = {"POINT":1,"RECTANGLE":2}',
        f"# ATTRIBUTE = {json.dumps(ATTRIBUTES)}",
        "# CSV_HEADER = metadata_id,file_list,flags,temporal_coordinates,spatial_coordinates,metadata",
        *rows,
    ]
    path.write_text("\n".join(lines) + "\n")
    return read(path, ReadOptions(**options))


def test_segments_of_a_project_have_the_label_of_their_option(tmp_path):
    found = read_project(tmp_path, make_mark("1", [1.1, 5.3], {"1": "a"}), make_mark("2", [2, 3], {"1": "b"}))
    assert not found.faults
    assert found.videos == (
        AnnotatedVideo("v.mp4", (Segment("v.mp4", 1.1, 5.3, "sewing"),)),
        AnnotatedVideo("w.mp4", (Segment("w.mp4", 2, 3, "cutting"),)),
    )


def test_the_csv_export_says_the_same(tmp_path):
    found = read_csv(
        tmp_path,
        '"1_x","[""v.mp4""]",0,"[1.1,5.3]","[]","{""1"":""a""}"',
        '"2_x","[""films/w.mp4""]",0,"[2,3]","[]","{""1"":""b"",""2"":""_DEFAULT""}"',
    )
    assert not found.faults
    assert found.videos == (
        AnnotatedVideo("v.mp4", (Segment("v.mp4", 1.1, 5.3, "sewing"),)),
        AnnotatedVideo("w.mp4", (Segment("w.mp4", 2, 3, "cutting"),)),
    )


def test_groups_that_were_typed_in_stand_for_themselves_and_checkboxes_for_several(tmp_path):
    found = read_project(tmp_path, make_mark("1", [1, 2], {"1": "poking"}), make_mark("1", [3, 4], {"3": "0,1"}))
    assert [segment.label for segment in found.videos[0].segments] == ["poking", "hand", "needle"]


def test_attributes_are_chosen_by_name(tmp_path):
    marks = [make_mark("1", [1, 2], {"1": "a", "2": "nice"})]
    assert [s.label for s in read_project(tmp_path, *marks).videos[0].segments] == ["sewing", "nice"]
    chosen = read_project(tmp_path, *marks, tiers=("Activity",))
    assert [s.label for s in chosen.videos[0].segments] == ["sewing"]
    assert not chosen.faults
    assert "Choices: Activity, Remark, Seen" in read_project(tmp_path, *marks, tiers=("Label",)).faults[0].text


def test_a_still_picture_is_a_point_event(tmp_path):
    marks = [make_mark("1", [time], {"1": "a"}) for time in (4.5, 1.5)]
    (fault,) = read_project(tmp_path, *marks).faults
    assert fault.label == "sewing"
    assert "'dataset.labels={sewing: null}' (2 times, the first: metadata" in fault.text


def test_marks_without_time_are_passed_over_unless_there_are_no_others(tmp_path):
    region = make_mark("1", [], {"2": "nice"}, xy=[2, 1, 1, 9, 9])
    assert not read_project(tmp_path, region, make_mark("1", [1, 2], {"1": "a"})).faults
    assert "not one temporal segment" in read_project(tmp_path, region).faults[0].text


def test_videos_without_marks_are_known(tmp_path):
    assert [video.video for video in read_project(tmp_path).videos] == ["v.mp4", "w.mp4"]


@pytest.mark.parametrize(
    ("mark", "part"),
    [
        (make_mark("9", [1, 2], {"1": "a"}), 'metadata "1_x": vid="9" is no view with a file'),
        (make_mark("1", [1, 2], {"7": "a"}), 'attribute "7" is not defined'),
        (make_mark("1", [1, 2], {}), "a segment without a label (metadata"),
        (make_mark("1", [1, 2], {"1": ""}), "a segment without a label"),
        (make_mark("1", [1, 2, 3], {"1": "a"}), "z=[1, 2, 3] are not the seconds of a start and an end"),
        (make_mark("1", ["x", 2], {"1": "a"}), 'z=["x", 2] are not the seconds'),
        (make_mark("1", [5, 2], {"1": "a"}), "'sewing': ends before it starts"),
        (make_mark("1", [-1, 2], {"1": "a"}), "'sewing': starts before the video begins"),
        (make_mark("1", [1, 2], {"1": [7]}), "a label that is no name"),
        (7, "is no view with a file"),
    ],
)
def test_faults_name_the_mark(tmp_path, mark, part):
    faults = [fault.text for fault in read_project(tmp_path, mark).faults]
    assert any(part in fault for fault in faults), faults


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ('"1_x","oops/",0,"[1,2]","[]","{""1"":""a""}"', 'line 6: "oops/" cannot be the name of a file'),
        ('"1_x","[""v.mp4""]",0,"[1,","[]","{""1"":""a""}"', "are not the seconds of a start and an end"),
        ('"1_x","[""v.mp4""]"', "z=[null] are not the seconds|a segment without a label"),
        ('"1_x","[""v.mp4""]",0,"[1,2]","[]","oops"', "a segment without a label"),
        ('"1_x","[""v.mp4""]",0,"[1,NaN]","[]","{""1"":""a""}"', "are not the seconds"),
    ],
)
def test_faults_name_the_line(tmp_path, row, part):
    faults = [fault.text for fault in read_csv(tmp_path, row).faults]
    assert any(choice in fault for fault in faults for choice in part.split("|")), faults


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"a":' * 50_000, '{"file": {}, "view": {}, "metadata": 7}', "# x\n" + '"' + "x" * 200_000]
)
def test_other_files_are_errors(tmp_path, text):
    path = tmp_path / "p.json"
    path.write_text(text)
    with pytest.raises(DatasetError, match=r"dataset.annotations=(.|\n)*VIA 3"):
        read(path, ReadOptions())


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["1", "vid", "z", "av", "fid_list", "fname", "aname", "options"]), inner),
    ),
    max_leaves=12,
)


@given(anything, anything, anything, anything)
def test_any_project_is_annotations_or_one_error(tmp_path_factory, attribute, file, view, metadata):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps({"attribute": attribute, "file": file, "view": view, "metadata": metadata}))
    try:
        assert read(path, ReadOptions()).format == "via"
    except DatasetError as error:
        message = str(error)
        assert "lacks file, view or metadata" in message


def test_both_are_recognised(tmp_path):
    assert recognise(Head(tmp_path / "p.json", json.dumps(make_project({}))))
    assert recognise(Head(tmp_path / "p.csv", "# Exported\n# CSV_HEADER = metadata_id,temporal_coordinates\n"))
    assert not recognise(Head(tmp_path / "p.json", '{"database": {}}'))
    assert not recognise(Head(tmp_path / "p.csv", "video,start,end,label\n"))


@pytest.mark.parametrize("header", ["", "# Exported using VGG Image Annotator\n"])
def test_rows_without_attributes_have_their_labels_as_values(tmp_path, header):
    (tmp_path / "a.csv").write_text(header + '"1_x","[""v.mp4""]",0,"[1.1,5.3]","[]","{""1"":""sewing""}"\n')
    found = read(tmp_path / "a.csv", ReadOptions())
    assert found.faults == ()
    assert found.videos[0].segments == (Segment("v.mp4", 1.1, 5.3, "sewing"),)


def test_what_stands_above_the_rows_is_read_as_it_is(tmp_path):
    """VIA writes its JSON there without blanks and without the quoting of CSV."""
    path = tmp_path / "p.csv"
    attributes = json.dumps(ATTRIBUTES, separators=(",", ":"))
    header = "# CSV_HEADER = metadata_id,file_list,flags,temporal_coordinates,spatial_coordinates,metadata"
    row = '"1_x","[""v.mp4""]",0,"[1.1,5.3]","[]","{""1"":""a""}"'
    path.write_text(f"# Exported\n# ATTRIBUTE = {attributes}\n{header}\n{row}\n")
    annotations = read(path, ReadOptions())
    assert annotations.faults == ()
    assert annotations.videos[0].segments == (Segment("v.mp4", 1.1, 5.3, "sewing"),)
