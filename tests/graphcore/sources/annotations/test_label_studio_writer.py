from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.errors import DatasetError
from graphcore.sources.annotations.label_studio import read, recognise
from graphcore.sources.annotations.label_studio_writer import write
from graphcore.sources.annotations.model import AnnotatedVideo, Head, ReadOptions, WriteOptions
from graphcore.sources.item import Segment


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 500), st.sampled_from("xyz")), max_size=9))
@pytest.mark.parametrize("fps", [25.0, 29.97, 30.0, 240.0])
def test_what_is_written_is_read_back_with_each_frame_where_it_was(tmp_path_factory, fps, spans):
    path = tmp_path_factory.getbasetemp() / "written.json"
    segments = tuple(Segment("v", start / fps, (start + length) / fps, label) for start, length, label in spans)
    options = WriteOptions(lambda _: fps, lambda video: video + ".mp4")
    assert write(path, [AnnotatedVideo("v", segments, subject="s", camera="c")], options) == [path]
    assert recognise(Head(path, path.read_text()))
    found = read(path, ReadOptions())
    assert not found.faults
    (video,) = found.videos
    assert (video.video, video.subject, video.camera, video.fps) == ("v.mp4", "s", "c", fps)
    assert [segment.label for segment in video.segments] == [label for *_, label in spans]
    for segment, (start, length, _) in zip(video.segments, spans, strict=True):
        assert segment.start_secs == pytest.approx(start / fps, abs=1.1e-6)
        assert segment.start_secs <= start / fps < segment.end_secs
        assert (start + length - 1) / fps < segment.end_secs <= (start + length) / fps + 1e-12
    write(path, [AnnotatedVideo("v", video.segments)], options)
    assert read(path, ReadOptions()).videos[0].segments == tuple(
        Segment("v.mp4", one.start_secs, one.end_secs, one.label) for one in video.segments
    )


def test_a_segment_between_two_frames_gets_the_next_one(tmp_path):
    options = WriteOptions(lambda _: 1.0, lambda video: video)
    write(tmp_path / "a.json", [AnnotatedVideo("v", (Segment("v", 1.2, 1.4, "x"),))], options)
    assert read(tmp_path / "a.json", ReadOptions()).videos[0].segments == (Segment("v", 2, 3, "x"),)


def test_labels_that_would_not_come_back_are_refused(tmp_path):
    options = WriteOptions(lambda _: 1.0, lambda video: video)
    with pytest.raises(DatasetError, match="cannot be written as label_studio"):
        write(tmp_path / "a.json", [AnnotatedVideo("v", (Segment("v", 1, 2, " x"),))], options)


SEGMENTS = (Segment("v", 1, 2, "x"), Segment("v", 3, 4, "y"))


def write_guesses(path):
    options = WriteOptions(
        lambda _: 10.0, lambda video: video, model="run 7", score_of=dict(zip(SEGMENTS, (0.9, 0.6), strict=True)).get
    )
    write(path, [AnnotatedVideo("v", SEGMENTS), AnnotatedVideo("calm", ())], options)
    return json.loads(path.read_text())


def test_what_a_model_found_is_a_prediction_to_accept_or_correct(tmp_path):
    found, calm = write_guesses(tmp_path / "a.json")
    assert "annotations" not in found
    (prediction,) = found["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("run 7", 0.75)
    assert [(one["score"], one["origin"]) for one in prediction["result"]] == [(0.9, "prediction"), (0.6, "prediction")]
    assert calm["predictions"] == [{"model_version": "run 7", "result": []}]


def test_predictions_are_read_where_nobody_annotated(tmp_path, capsys):
    path = tmp_path / "a.json"
    tasks = write_guesses(path)
    assert recognise(Head(path, path.read_text()))
    found = read(path, ReadOptions())
    assert [video.segments for video in found.videos] == [SEGMENTS, ()]
    assert capsys.readouterr().err == ""
    tasks[0]["annotations"] = [{"was_cancelled": False, "result": tasks[0]["predictions"][0]["result"][:1]}]
    path.write_text(json.dumps(tasks))
    assert [video.segments for video in read(path, ReadOptions()).videos] == [SEGMENTS[:1], ()]
    assert "1 of 2 tasks have predictions alone" in capsys.readouterr().err


def test_a_prediction_is_not_read_of_a_task_that_a_person_skipped(tmp_path):
    path = tmp_path / "a.json"
    skipped, calm = write_guesses(path)
    path.write_text(json.dumps([skipped | {"annotations": [{"was_cancelled": True, "result": []}]}, calm]))
    assert [video.video for video in read(path, ReadOptions()).videos] == ["calm"]


def test_a_model_is_an_annotator_that_tiers_may_name(tmp_path):
    write_guesses(tmp_path / "a.json")
    assert not read(tmp_path / "a.json", ReadOptions(tiers=("run 7",))).faults
    assert read(tmp_path / "a.json", ReadOptions(tiers=("me",))).faults
