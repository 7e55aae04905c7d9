from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.errors import DatasetError
from graphcore.sources.annotations.cvat import find_spans, merge_frames, read, recognise
from graphcore.sources.annotations.model import AnnotatedVideo, Head, ReadOptions
from graphcore.sources.item import Segment

META = """\
<?xml version="1.0" encoding="utf-8"?>
<annotations>
  <version>1.1</version>
  <meta>
    <task>
      <id>12</id><name>first visit</name><size>200</size><mode>interpolation</mode><overlap>5</overlap>
      <start_frame>0</start_frame><stop_frame>199</stop_frame><frame_filter>{filter}</frame_filter>
      <segments><segment><id>1</id><start>0</start><stop>199</stop></segment></segments>
      <original_size><width>640</width><height>480</height></original_size>
      <source>films/a.mp4</source>
    </task>
    <dumped>2024-03-01 10:00:00+00:00</dumped>
  </meta>
"""

BOX = '<box frame="{}" keyframe="1" outside="{}" occluded="0" xtl="1" ytl="1" xbr="9" ybr="9" z_order="0"></box>'


def make_track(label, *shapes, more=""):
    return (
        f'<track id="0" label="{label}" source="manual"{more}>' + "".join(BOX.format(*s) for s in shapes) + "</track>"
    )


def make_image(frame, *labels):
    tags = "".join(f'<tag label="{label}" source="manual"></tag>' for label in labels)
    return f'<image id="{frame}" name="frame_{frame:06d}" width="640" height="480">{tags}</image>'


def read_xml(tmp_path, *body, step="", **options):
    path = tmp_path / "annotations.xml"
    path.write_text(META.format(filter=step) + "\n".join(body) + "\n</annotations>\n")
    return read(path, ReadOptions(**({"fps": 25.0} | options)))


def test_a_track_is_seen_until_it_is_outside(tmp_path):
    found = read_xml(tmp_path, make_track("sewing", (10, 0), (20, 0), (60, 1)), make_track("cutting", (5, 0), (9, 0)))
    assert not found.faults
    assert found.videos == (
        AnnotatedVideo("a.mp4", (Segment("a.mp4", 0.4, 2.4, "sewing"), Segment("a.mp4", 0.2, 0.4, "cutting"))),
    )


def test_a_track_may_come_back(tmp_path):
    found = read_xml(tmp_path, make_track("x", (0, 0), (25, 1), (50, 0), (75, 1), (80, 1)))
    assert [(s.start_secs, s.end_secs) for s in found.videos[0].segments] == [(0, 1), (2, 3)]


def test_tags_of_frames_that_follow_one_another_are_merged(tmp_path):
    frames = [make_image(frame, "x") for frame in (4, 3, 5, 9)] + [make_image(10, "x", "y"), make_image(11)]
    found = read_xml(tmp_path, *frames)
    assert found.videos[0].segments == (
        Segment("a.mp4", 0.12, 0.24, "x"),
        Segment("a.mp4", 0.36, 0.44, "x"),
        Segment("a.mp4", 0.4, 0.44, "y"),
    )


def test_frames_of_a_task_with_a_step_are_that_far_apart(tmp_path):
    tags = [make_image(frame, "x") for frame in (10, 15, 20, 30)]
    found = read_xml(tmp_path, *tags, make_track("y", (0, 0), (10, 0)), step="step=5")
    assert found.videos[0].segments == (
        Segment("a.mp4", 0, 0.6, "y"),
        Segment("a.mp4", 0.4, 1.0, "x"),
        Segment("a.mp4", 1.2, 1.4, "x"),
    )


def test_the_rate_is_the_videos_own_where_none_is_given(tmp_path):
    rates = {"a.mp4": 50.0}
    found = read_xml(tmp_path, make_track("x", (0, 0), (50, 1)), fps=None, rate_of=rates.get)
    assert found.videos[0].segments == (Segment("a.mp4", 0, 1, "x"),)


def test_without_a_rate_one_fault_asks_for_it(tmp_path):
    found = read_xml(tmp_path, make_track("x", (0, 0), (5, 1)), make_track("y", (0, 0), (5, 1)), fps=None)
    (fault,) = found.faults
    assert "set dataset.annotation_fps" in fault.text


def test_frames_may_count_from_one(tmp_path):
    found = read_xml(tmp_path, make_track("x", (1, 0), (26, 1)), frame_base=1)
    assert found.videos[0].segments == (Segment("a.mp4", 0, 1, "x"),)
    assert "no frame number" in read_xml(tmp_path, make_track("x", (0, 0)), frame_base=1).faults[0].text


def test_tracks_or_tags_are_chosen(tmp_path):
    body = [make_track("x", (0, 0), (25, 1)), make_image(0, "y")]
    assert [s.label for s in read_xml(tmp_path, *body, tiers=("tag",)).videos[0].segments] == ["y"]
    assert [s.label for s in read_xml(tmp_path, *body, tiers=("track",)).videos[0].segments] == ["x"]
    assert "Choices: tag, track" in read_xml(tmp_path, *body, tiers=("box",)).faults[0].text


def test_tasks_of_a_project_are_told_apart(tmp_path):
    path = tmp_path / "annotations.xml"
    tasks = "".join(f"<task><id>{n}</id><source>{n}.mp4</source></task>" for n in (7, 8))
    tracks = [make_track("x", (0, 0), (25, 1), more=f' task_id="{task}"') for task in (8, 7, 9)]
    body = f"<meta><project><name>p</name><tasks>{tasks}</tasks></project></meta>{''.join(tracks)}"
    path.write_text(f"<annotations><version>1.1</version>{body}</annotations>")
    found = read(path, ReadOptions(fps=25.0))
    assert [(video.video, len(video.segments)) for video in found.videos] == [("7.mp4", 1), ("8.mp4", 1)]
    assert [fault.text for fault in found.faults] == ['track 0: task_id="9" is no task of this file']


def test_a_job_without_a_source_is_called_by_the_task(tmp_path):
    path = tmp_path / "annotations.xml"
    path.write_text("<annotations><meta><task><id>1</id><name>a.mp4</name></task></meta></annotations>")
    assert read(path, ReadOptions()).videos == (AnnotatedVideo("a.mp4", ()),)


@pytest.mark.parametrize(
    ("body", "part"),
    [
        ('<track label="x"><box frame="1.5" outside="0"/></track>', "'x': frame=\"1.5\" is no frame number (track 1)"),
        ('<track label="x"><box outside="0"/></track>', "frame=null is no frame number"),
        ('<track><box frame="1" outside="0"/></track>', 'a label that is no name: "" (track 1)'),
        ('<image id="nine"><tag label="x"/></image>', 'id="nine" is no frame number (image nine)'),
        ('<image id="1"><box label="x"/></image>', "neither tag nor track"),
    ],
)
def test_faults_name_the_element(tmp_path, body, part):
    faults = [fault.text for fault in read_xml(tmp_path, body).faults]
    if "neither" in part:
        part = "its pictures have shapes, but no tag and no track"
    assert len(faults) == 1
    assert part in faults[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><annotations>&b;</annotations>', "document type"),
        ("<annotations>", "is not XML"),
        ("<html/>", "begins with <html>, not with <annotations>"),
        ("<annotations><version>1.1</version></annotations>", "names no video"),
        ("", "is not XML"),
        ("<a>" * 5000, "is not XML|nests"),
    ],
)
def test_other_files_are_errors(tmp_path, text, message):
    path = tmp_path / "annotations.xml"
    path.write_text(text)
    with pytest.raises(DatasetError, match=rf"(?s)({message}).*for video 1.1"):
        read(path, ReadOptions())


def test_its_export_is_recognised(tmp_path):
    assert recognise(Head(tmp_path / "a.xml", META))
    assert not recognise(Head(tmp_path / "a.xml", "<annotations><object/></annotations>"))


frames = st.sets(st.integers(0, 60))


@given(frames, st.integers(1, 4))
def test_spans_hold_exactly_the_frames_that_are_seen(seen, step):
    seen = {frame * step for frame in seen}
    covered = {frame for first, last in merge_frames(seen, step) for frame in range(first, last + 1)}
    assert covered == {frame + inside for frame in seen for inside in range(step)}


@given(st.dictionaries(st.integers(0, 60), st.booleans()))
def test_a_track_is_seen_where_its_last_shape_before_is_inside(shapes):
    covered = {frame for first, last in find_spans(shapes.items()) for frame in range(first, last + 1)}
    expected = set()
    for frame in range(min(shapes, default=0), max(shapes, default=-1) + 1):
        before = max(key for key in shapes if key <= frame)
        expected |= set() if shapes[before] else {frame}
    assert covered == expected
