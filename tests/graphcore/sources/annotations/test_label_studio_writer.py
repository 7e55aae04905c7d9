from __future__ import annotations

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
