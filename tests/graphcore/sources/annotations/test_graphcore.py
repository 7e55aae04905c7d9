from __future__ import annotations

import json

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.annotations import graphcore
from graphcore.sources.annotations.model import AnnotatedVideo, Head
from graphcore.sources.item import Segment


def segment(start=1.0, end=2.0, label="suturing", **more):
    return {"startSeconds": start, "endSeconds": end, "label": label, **more}


def video(*segments, video_id=5, secs=10, **more):
    return {"videoId": video_id, "durationSeconds": secs, "annotations": list(segments), **more}


@pytest.fixture
def read_values(tmp_path, options):
    def read(*values):
        (tmp_path / "a.json").write_text(json.dumps(values))
        return graphcore.read(tmp_path / "a.json", options)

    return read


def test_segments_are_read_in_any_order_and_may_overlap(read_values):
    annotations = read_values(video(segment(4, 6.5), segment(0, 5)))
    assert annotations.faults == ()
    assert annotations.videos == (
        AnnotatedVideo("5", (Segment("5", 4.0, 6.5, "suturing"), Segment("5", 0.0, 5.0, "suturing")), 10.0),
    )


def test_subject_camera_recording_and_split_may_be_told(read_values):
    annotations = read_values(video(segment(), video_id="a b", subject="s1", camera=2, recording="r", split="test"))
    assert annotations.faults == ()
    only = annotations.videos[0]
    assert (only.video, only.subject, only.camera, only.recording, only.split) == ("a b", "s1", "2", "r", "test")
    assert only.segments == (Segment("a b", 1.0, 2.0, "suturing", "s1", "2"),)


def test_a_recording_needs_no_id_of_a_video(read_values):
    annotations = read_values({"recording": "day 1", "annotations": [segment()]})
    assert annotations.faults == ()
    assert (annotations.videos[0].video, annotations.videos[0].recording) == ("", "day 1")


KNOWN = "annotations, durationSeconds, videoId, subject, camera, recording, split"
ID = "videoId must be a whole number or a file's name without its ending"


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (video(segment(3, 3)), 'video 5, segment 1 ("suturing"): endSeconds=3 is not after startSeconds=3'),
        (video(segment(3, 2)), 'video 5, segment 1 ("suturing"): endSeconds=2 is not after startSeconds=3'),
        (video(segment(-1, 2)), "video 5, segment 1: startSeconds=-1 is before the video begins"),
        (video(segment("1", 2)), 'video 5, segment 1: startSeconds="1" is not a number of seconds'),
        (video(segment(True, 2)), "video 5, segment 1: startSeconds=true is not a number of seconds"),
        (video(segment(0, float("nan"))), "video 5, segment 1: endSeconds=NaN is not a number of seconds"),
        (video(segment(0, float("inf"))), "video 5, segment 1: endSeconds=Infinity is not a number of seconds"),
        (video(segment(0, 10**400)), f"video 5, segment 1: endSeconds=1{'0' * 56}... is not a number of seconds"),
        (video(segment(label="")), 'video 5, segment 1: label="" is not a name'),
        (video(segment(label=None)), "video 5, segment 1: label=null is not a name"),
        (video(segment(label="\ud800")), 'video 5, segment 1: label="\\ud800" is not a name'),
        (
            video(segment(endSecond=1)),
            'video 5, segment 1: unknown key "endSecond"; known are endSeconds, label, startSeconds',
        ),
        (video(7), "video 5, segment 1: 7 is not an object"),
        (video({"label": "x"}), "video 5, segment 1: endSeconds is missing"),
        (video(segment(), secs=0), "video 5: durationSeconds=0 is not a positive number"),
        (video(segment(), secs="10"), 'video 5: durationSeconds="10" is not a positive number'),
        (video(segment(), fps=3), f'video 5: unknown key "fps"; known are {KNOWN}'),
        (video(segment(), subject=[1]), "video 5: subject=[1] is not a name"),
        (video(segment(), recording=True), "video 5: recording=true is not a name"),
        (video(segment(), split="dev"), 'video 5: split="dev" is none of train, validation, test'),
        (video(segment(), split=[1]), "video 5: split=[1] is none of train, validation, test"),
        (video(segment(), video_id="../5"), f'video "../5": {ID}'),
        (video(segment(), video_id=1.5), f"video 1.5: {ID}"),
        ({"videoId": 5, "annotations": {}}, "video 5: annotations is not a list"),
        ({"videoId": 5}, "video 5: annotations is missing"),
        ({"annotations": []}, "entry 1: videoId is missing"),
        (3, "entry 1: 3 is not an object"),
    ],
)
def test_each_fault_is_named(read_values, texts, value, fault):
    assert fault in texts(read_values(value))


def test_a_fault_of_a_segment_knows_its_label(read_values):
    assert [fault.label for fault in read_values(video(segment(3, 2))).faults] == ["suturing"]


def test_a_video_with_a_fault_keeps_its_good_segments(read_values):
    annotations = read_values(video(segment(3, 2), segment(5, 6), secs=-1))
    assert len(annotations.faults) == 2
    assert [one.start_secs for one in annotations.videos[0].segments] == [5.0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"[{", "is not JSON"),
        (b"{}", "is not a list of videos"),
        (b"[]", "is not a list of videos"),
        (b"[" * 100_000, "is not JSON"),
        (b"[" + b"9" * 10_000 + b"]", "is not JSON"),
        (b"\xff\xfe\x00", "is not text"),
        (b"\xe9" * 1_000_000, "is not text: byte 0 is no UTF-8"),
    ],
)
def test_a_file_that_is_no_list_of_videos_is_an_error(tmp_path, options, text, message):
    (tmp_path / "a.json").write_bytes(text)
    with pytest.raises(DatasetError, match=message):
        graphcore.read(tmp_path / "a.json", options)


def test_a_missing_file_is_an_error(tmp_path, options):
    with pytest.raises(DatasetError, match=r"a\.json cannot be read: No such file"):
        graphcore.read(tmp_path / "a.json", options)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_no_fault(tmp_path, options, encoding):
    (tmp_path / "a.json").write_bytes(json.dumps([video(segment(label="Nähen"))], ensure_ascii=False).encode(encoding))
    annotations = graphcore.read(tmp_path / "a.json", options)
    assert annotations.faults == ()
    assert annotations.videos[0].segments[0].label == "Nähen"


def test_all_that_it_holds_comes_back_exactly(tmp_path, options, write_options):
    videos = (
        AnnotatedVideo("5", (Segment("5", 0.1 + 0.2, 6.5, " spaced "), Segment("5", 0.0, 5.0, "b")), 1e-3),
        AnnotatedVideo("007", (), None, subject="2", camera="left", split="validation"),
        AnnotatedVideo("", (Segment("", 1.0, 2.0, "é\n", "s"),), 9.5, recording="day", subject="s"),
        AnnotatedVideo("9" * 30, ()),
    )
    assert graphcore.write(tmp_path / "out.json", videos, write_options) == [tmp_path / "out.json"]
    annotations = graphcore.read(tmp_path / "out.json", options)
    assert annotations.faults == ()
    assert annotations.videos == videos


def test_an_id_that_is_a_number_is_written_as_one(tmp_path, write_options):
    graphcore.write(tmp_path / "out.json", [AnnotatedVideo("5", ()), AnnotatedVideo("05", ())], write_options)
    assert [value["videoId"] for value in json.loads((tmp_path / "out.json").read_text())] == [5, "05"]


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [('\n [{"videoId": 5', True), ('[{"annotations": [{"endSeconds"', True), ('{"videoId": 5}', False), ("[1]", False)],
)
def test_it_is_recognised_by_its_keys(tmp_path, text, is_ours):
    assert graphcore.recognise(Head(tmp_path, text)) is is_ours
