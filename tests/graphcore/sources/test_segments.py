from __future__ import annotations

import json

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.item import Segment
from graphcore.sources.segments import (
    find_segments_beyond,
    label_at,
    name_labels,
    parse_annotations,
    raise_faults,
    read_annotations,
)


def segment(start=1.0, end=2.0, label="suturing", **more):
    return {"startSeconds": start, "endSeconds": end, "label": label, **more}


def video(*segments, video_id=5, secs=10, **more):
    return {"videoId": video_id, "durationSeconds": secs, "annotations": list(segments), **more}


def test_segments_are_read_in_any_order_and_may_overlap_under_one_label():
    videos, faults = parse_annotations([video(segment(4, 6.5), segment(0, 5))])
    assert faults == []
    assert videos[0].video_id == "5"
    assert videos[0].segments == (Segment("5", 4.0, 6.5, "suturing"), Segment("5", 0.0, 5.0, "suturing"))


def test_subject_and_camera_may_be_told():
    videos, faults = parse_annotations([video(segment(), video_id="a b", subject="s1", camera=2)])
    assert faults == []
    assert videos[0].subject == "s1"
    assert videos[0].segments[0].camera == "2"


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (video(segment(3, 3)), 'video 5, segment 1 ("suturing"): endSeconds=3 is not after startSeconds=3'),
        (video(segment(3, 2)), 'video 5, segment 1 ("suturing"): endSeconds=2 is not after startSeconds=3'),
        (video(segment(-1, 2)), "video 5, segment 1: startSeconds=-1 is before the video begins"),
        (video(segment("1", 2)), 'video 5, segment 1: startSeconds="1" is not a number of seconds'),
        (video(segment(True, 2)), "video 5, segment 1: startSeconds=true is not a number of seconds"),
        (video(segment(0, float("nan"))), "video 5, segment 1: endSeconds=NaN is not a number of seconds"),
        (
            video(segment(0, float("inf"))),
            "video 5, segment 1: endSeconds=Infinity is not a number of seconds",
        ),
        (
            video(segment(0, 10**400)),
            "video 5, segment 1: endSeconds=" + "1" + "0" * 56 + "... is not a number of seconds",
        ),
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
        (
            video(segment(), fps=3),
            'video 5: unknown key "fps"; known are annotations, durationSeconds, videoId, subject, camera',
        ),
        (video(segment(), subject=[1]), "video 5: subject=[1] is not a name"),
        (
            video(segment(), video_id="../5"),
            'video "../5": videoId must be a whole number or a file\'s name without its ending',
        ),
        (
            video(segment(), video_id=1.5),
            "video 1.5: videoId must be a whole number or a file's name without its ending",
        ),
        ({"videoId": 5, "annotations": {}}, "video 5: annotations is not a list"),
        ({"videoId": 5}, "video 5: annotations is missing"),
        ({"annotations": []}, "entry 1: videoId is missing"),
        (3, "entry 1: 3 is not an object"),
        (video(), "not one segment in the whole file: there is nothing to learn"),
        (
            video(segment(0, 5, "a"), segment(4, 6, "b")),
            "video 5, 'a' 0-5 s overlaps 'b' 4-6 s: which is it?",
        ),
    ],
)
def test_each_fault_is_named(value, fault):
    _, faults = parse_annotations([value])
    assert fault in faults


def test_a_video_annotated_twice_is_a_fault_also_when_spelt_differently():
    _, faults = parse_annotations([video(segment(), video_id=5), video(segment(), video_id="5")])
    assert faults == ["video 5: annotated more than once"]


def test_segments_that_touch_do_not_contradict():
    _, faults = parse_annotations([video(segment(0, 5, "a"), segment(5, 6, "b"))])
    assert faults == []


def test_a_long_segment_contradicts_all_that_lie_within_it():
    _, faults = parse_annotations([video(segment(0, 9, "a"), segment(1, 2, "b"), segment(3, 4, "b"))])
    assert len(faults) == 2


def test_segments_beyond_the_video_are_found_by_either_duration():
    videos, _ = parse_annotations(
        [
            video(segment(1, 10.4), video_id=1),  # within the tolerance
            video(segment(1, 11), video_id=2),
            video(segment(1, 8), video_id=3),  # the file is shorter than the annotations say
            {"videoId": 4, "annotations": [segment(0, 99)]},  # nobody knows
        ]
    )
    assert find_segments_beyond(videos, {"1": 10.0, "3": 7.0}) == [
        "video 2, 'suturing' 1-11 s: ends beyond the video (durationSeconds is 10)",
        "video 3, 'suturing' 1-8 s: ends beyond the video (the file lasts 7.000 s, durationSeconds is 10)",
    ]


def test_all_faults_come_in_one_error(tmp_path):
    with pytest.raises(DatasetError) as caught:
        raise_faults(tmp_path / "a.json", ["first", "second"])
    assert "a.json has 2 faults:\n  first\n  second\n" in str(caught.value)
    raise_faults(tmp_path / "a.json", [])


@pytest.mark.parametrize(
    ("labels", "expected"),
    [(["suturing"], (("suturing",), "not-suturing")), (["b", "a", "B"], (("B", "a", "b"), "background"))],
)
def test_names_of_the_classes(labels, expected):
    videos, _ = parse_annotations([video(*(segment(n, n + 1, label) for n, label in enumerate(labels)))])
    assert name_labels(videos) == expected


@pytest.mark.parametrize(("time_secs", "label"), [(0.999, "out"), (1.0, "a"), (1.999, "a"), (2.0, "b"), (3.0, "out")])
def test_a_segment_holds_its_start_but_not_its_end(time_secs, label):
    segments = [Segment("5", 2, 3, "b"), Segment("5", 1, 2, "a")]
    assert label_at(segments, time_secs, "out") == label


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[{", "is not JSON"),
        ("{}", "is not a list of videos"),
        ("[]", "is not a list of videos"),
        ("[" * 100_000, "is not JSON"),
        (b"\xff\xfe\x00", "is not JSON"),
    ],
)
def test_a_file_that_is_no_list_of_videos_is_an_error(tmp_path, text, message):
    path = tmp_path / "a.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DatasetError, match=message):
        read_annotations(path)


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match=r"a\.json cannot be read: No such file"):
        read_annotations(tmp_path / "a.json")


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps([video(segment())]).encode())
    assert read_annotations(path)[1] == []
