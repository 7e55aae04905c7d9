from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.errors import DatasetError
from graphcore.sources.annotations.model import AnnotatedVideo, Head, ReadOptions, WriteOptions
from graphcore.sources.annotations.via import read, recognise
from graphcore.sources.annotations.via_writer import write
from graphcore.sources.item import Segment

times = st.integers(0, 10**9).map(lambda micro: micro / 10**6)
labels = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8)
segments = st.lists(st.tuples(times, st.integers(1, 10**9), labels), max_size=6)


@given(st.lists(segments, max_size=3))
@pytest.mark.parametrize("suffix", ["json", "csv"])
def test_what_is_written_is_read_back(tmp_path_factory, suffix, found):
    path = tmp_path_factory.getbasetemp() / f"written.{suffix}"
    videos = [
        AnnotatedVideo(
            f"v{n}", tuple(Segment(f"v{n}", t, round(t + more / 10**6, 6), label) for t, more, label in spans)
        )
        for n, spans in enumerate(found)
    ]
    options = WriteOptions(lambda _: 25.0, lambda video: video + " é.mp4")
    assert write(path, videos, options) == [path]
    assert recognise(Head(path, path.read_text()))
    again = read(path, ReadOptions())
    assert not again.faults
    expected = [
        AnnotatedVideo(name := f"{video.video} é.mp4", tuple(replace(one, video=name) for one in video.segments))
        for video in videos
    ]
    # The CSV has a line a segment, and none for a video without.
    assert list(again.videos) == [video for video in expected if video.segments or suffix == "json"]


def test_labels_that_would_not_come_back_are_refused(tmp_path):
    options = WriteOptions(lambda _: 25.0, lambda video: video)
    with pytest.raises(DatasetError, match="cannot be written as via"):
        write(tmp_path / "a.csv", [AnnotatedVideo("v", (Segment("v", 1, 2, "a\nb"),))], options)
