from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.errors import DatasetError
from graphcore.sources.annotations.label_studio import read, recognise
from graphcore.sources.annotations.model import AnnotatedVideo, Head, ReadOptions
from graphcore.sources.item import Segment


def make_region(start, end, *labels, **more):
    value = {"ranges": [{"start": start, "end": end}], "timelinelabels": list(labels)}
    return {"id": "r1", "type": "timelinelabels", "from_name": "l", "to_name": "video", "value": value, **more}


def make_task(*regions, data=None, **more):
    data = {"video": "/data/upload/3/0a1b2c3d-v.mp4", "fps": 25} if data is None else data
    return {"id": 7, "data": data, "annotations": [{"id": 1, "completed_by": 1, "result": list(regions), **more}]}


def read_tasks(tmp_path, *tasks, **options):
    path = tmp_path / "export.json"
    path.write_text(json.dumps(tasks))
    return read(path, ReadOptions(**options))


def test_frames_count_from_one_and_both_ends_are_inside(tmp_path):
    found = read_tasks(tmp_path, make_task(make_region(1, 25, "sewing"), make_region(51, 51, "cutting")))
    assert not found.faults
    assert found.videos == (
        AnnotatedVideo("v.mp4", (Segment("v.mp4", 0, 1, "sewing"), Segment("v.mp4", 2.0, 2.04, "cutting")), fps=25.0),
    )


def test_frames_may_count_from_zero(tmp_path):
    found = read_tasks(tmp_path, make_task(make_region(0, 24, "x")), frame_base=0)
    assert found.videos[0].segments == (Segment("v.mp4", 0, 1, "x"),)


@pytest.mark.parametrize(
    ("stored", "name"),
    [
        ("/data/upload/3/0a1b2c3d-my%20film.mp4", "my film.mp4"),
        ("/data/local-files/?d=films/0a1b2c3d-v.mp4", "0a1b2c3d-v.mp4"),
        ("/data/local-files/?d=films%2Fmy%20film.mp4", "my film.mp4"),
        ("s3://bucket/films/v.mp4", "v.mp4"),
        ("https://host/v.mp4?token=a/b", "v.mp4"),
        ("v.mp4", "v.mp4"),
    ],
)
def test_names_are_those_before_the_upload(tmp_path, stored, name):
    found = read_tasks(tmp_path, make_task(data={"video_url": stored, "note": "x"}))
    assert [video.video for video in found.videos] == [name]


def test_the_rate_is_that_of_the_options_then_of_the_task_then_of_boxes_then_of_the_file(tmp_path):
    box = {"type": "videorectangle", "value": {"framesCount": 100, "duration": 2.0, "sequence": []}}
    bare = {"video": "v.mp4"}
    tasks = {
        10.0: (make_task(make_region(1, 50, "x")), {"fps": 10.0}),
        25.0: (make_task(make_region(1, 50, "x"), box), {}),
        50.0: (make_task(make_region(1, 50, "x"), box, data=bare), {"rate_of": lambda _: 5.0}),
        5.0: (
            make_task(make_region(1, 50, "x"), data=bare),
            {"rate_of": lambda name: 5.0 if name == "v.mp4" else None},
        ),
    }
    for rate, (task, options) in tasks.items():
        assert read_tasks(tmp_path, task, **options).videos[0].segments[0].end_secs == 50 / rate
    assert read_tasks(tmp_path, tasks[50.0][0]).videos[0].duration_secs == 2.0
    (fault,) = read_tasks(tmp_path, tasks[5.0][0]).faults
    assert "set dataset.annotation_fps" in fault.text


def test_regions_of_sound_are_in_seconds(tmp_path):
    region = {"id": "a", "type": "labels", "value": {"start": 1.25, "end": 3.5, "channel": 0, "labels": ["x", "y"]}}
    found = read_tasks(tmp_path, make_task(region))
    assert found.videos[0].segments == (Segment("v.mp4", 1.25, 3.5, "x"), Segment("v.mp4", 1.25, 3.5, "y"))


def test_of_several_annotators_the_first_counts_or_the_ground_truth_or_those_chosen(tmp_path):
    task = make_task()
    task["annotations"] = [
        {"completed_by": 1, "was_cancelled": True, "result": [make_region(1, 5, "cancelled")]},
        {"completed_by": {"id": 2, "email": "b@x.org"}, "result": [make_region(1, 5, "second")]},
        {"completed_by": 3, "result": [make_region(1, 5, "third")]},
    ]

    def labels(**options):
        return [segment.label for segment in read_tasks(tmp_path, task, **options).videos[0].segments]

    assert labels() == ["second"]
    assert labels(tiers=("3",)) == ["third"]
    assert labels(tiers=("b@x.org", "3")) == ["second", "third"]
    task["annotations"][2]["ground_truth"] = True
    assert labels() == ["third"]
    assert "Choices: 2, 3, b@x.org" in read_tasks(tmp_path, task, tiers=("4",)).faults[0].text


def test_a_task_nobody_annotated_is_left_out_and_an_empty_annotation_is_not(tmp_path):
    bare = {"id": 8, "data": {"video": "w.mp4"}, "annotations": []}
    cancelled = make_task(was_cancelled=True)
    assert [video.video for video in read_tasks(tmp_path, make_task(), bare, cancelled).videos] == ["v.mp4"]


def test_json_min_is_read(tmp_path):
    task = {
        "video": "/data/upload/1/0a1b2c3d-v.mp4",
        "id": 1,
        "fps": 25,
        "videoLabels": [{"ranges": [{"start": 1, "end": 25}], "timelinelabels": ["x"]}],
        "annotator": 1,
    }
    assert read_tasks(tmp_path, task).videos[0].segments == (Segment("v.mp4", 0, 1, "x"),)


@pytest.mark.parametrize(
    ("task", "part"),
    [
        (7, "task 1: 7 is not an object"),
        (make_task(data={"fps": 5}), 'task 7: no video, or a name that cannot be one, in {"fps": 5}'),
        (make_task(make_region(0, 5, "x")), 'set dataset.frame_base=0 (task 7, region "r1": {'),
        (make_task(make_region(1.5, 5, "x")), "frames are not whole numbers"),
        (make_task(make_region(1, None, "x")), "frames are not whole numbers"),
        (make_task(make_region(1, float("nan"), "x")), "frames are not whole numbers"),
        (make_task(make_region(9, 2, "x")), "'x': ends before it starts"),
        (make_task(make_region(1, 5)), "a label that is no name"),
        (make_task(make_region(1, 5, "x", 7, None, [])), "a label that is no name"),
        (make_task({"type": "videorectangle", "value": {}}), "no region holds a stretch of time, only videorectangle"),
        (make_task(None, 7, {"type": "labels"}), "no region holds a stretch of time"),
    ],
)
def test_faults_name_task_and_region(tmp_path, task, part):
    faults = [fault.text for fault in read_tasks(tmp_path, task).faults]
    assert any(part in fault for fault in faults), faults


@pytest.mark.parametrize("text", ["", "{}", "[]", "[" * 100_000, "7", '["\ud800"', "null"])
def test_other_files_are_errors(tmp_path, text):
    path = tmp_path / "export.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(DatasetError, match=r"dataset.annotations="):
        read(path, ReadOptions())


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["data", "video", "annotations", "result", "type", "value", "ranges", "start", "end", "labels", "fps"]
            ),
            inner,
        ),
    ),
    max_leaves=20,
)


@given(st.lists(anything, min_size=1))
def test_any_json_is_annotations(tmp_path_factory, tasks):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(tasks))
    assert read(path, ReadOptions()).format == "label_studio"


def test_its_exports_are_recognised(tmp_path):
    assert recognise(Head(tmp_path / "a.json", json.dumps([make_task(make_region(1, 2, "x"))])))
    assert not recognise(Head(tmp_path / "a.json", '[{"videoId": 5, "annotations": []}]'))


def test_a_frame_0_is_told_with_the_option_that_allows_it(tmp_path):
    region = {"type": "timelinelabels", "value": {"ranges": [{"start": 0, "end": 5}], "timelinelabels": ["x"]}}
    (tmp_path / "a.json").write_text(json.dumps([{"data": {"video": "v.mp4"}, "annotations": [{"result": [region]}]}]))
    fault = read(tmp_path / "a.json", ReadOptions(fps=5.0)).faults[0].text
    assert "not whole numbers from 1 on; where they count from 0, set dataset.frame_base=0" in fault
    assert not read(tmp_path / "a.json", ReadOptions(fps=5.0, frame_base=0)).faults
