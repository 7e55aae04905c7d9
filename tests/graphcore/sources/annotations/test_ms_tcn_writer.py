from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.errors import DatasetError
from graphcore.sources.annotations.model import AnnotatedVideo, WriteOptions
from graphcore.sources.annotations.ms_tcn_writer import label_frames, write
from graphcore.sources.item import Segment


def make_video(*segments, secs: float | None = 1.0, name="v", split=""):
    cut = tuple(Segment(name, start, end, label) for start, end, label in segments)
    return AnnotatedVideo(name, cut, secs, split=split)


def at(fps):
    return WriteOptions(fps_of=lambda video: fps, media_of=lambda video: f"{video}.mp4")


def test_there_is_a_line_a_frame_and_a_number_a_label(tmp_path):
    files = write(tmp_path, [make_video((0.2, 0.5, "pour cup"), (0.5, 0.7, "stir"))], at(10.0))
    assert files == [tmp_path / "groundTruth/v.txt", tmp_path / "mapping.txt"]
    lines = files[0].read_text().splitlines()
    assert lines == ["background"] * 2 + ["pour cup"] * 3 + ["stir"] * 2 + ["background"] * 3
    assert files[1].read_text() == "0 pour cup\n1 stir\n2 background\n"


def test_videos_with_splits_are_listed(tmp_path):
    videos = [make_video(name=name, split=split) for name, split in {"a": "train", "b": "test", "c": ""}.items()]
    files = write(tmp_path, videos, at(10.0))
    assert files[-2:] == [tmp_path / "splits/train.split1.bundle", tmp_path / "splits/test.split1.bundle"]
    assert [file.read_text() for file in files[-2:]] == ["a.txt\n", "b.txt\n"]


def test_a_frame_has_the_label_of_the_moment_it_is_shown_at():
    # Frames are shown at 0, 0.1, 0.2, 0.3: the segment holds those at 0.1 and 0.2.
    assert label_frames(make_video((0.05, 0.25, "x"), secs=0.4), at(10.0)) == ["background", "x", "x", "background"]


@pytest.mark.parametrize(("secs", "frames"), [(1.04, 10), (1.06, 11), (None, 7)])
def test_frames_are_as_many_as_the_duration_holds(secs, frames):
    assert len(label_frames(make_video((0.0, 0.7, "x"), secs=secs), at(10.0))) == frames


def test_overlapping_labels_are_refused_and_nothing_is_written(tmp_path):
    video = make_video((0.0, 0.5, "x"), (0.4, 0.7, "y"))
    with pytest.raises(DatasetError, match=r"video v, 'x' 0-0\.5 s overlaps 'y' 0\.4-0\.7 s(.|\n)*dataset\.overlap="):
        write(tmp_path, [make_video(name="w"), video], at(10.0))
    assert list(tmp_path.iterdir()) == []


def test_overlaps_of_one_label_are_none():
    assert label_frames(make_video((0.0, 0.2, "x"), (0.1, 0.3, "x"), secs=0.3), at(10.0)) == ["x"] * 3


@pytest.mark.parametrize(
    ("secs", "what"), [(None, "neither duration nor segments"), (1e-9, "1e-09 s"), (1e300, r"1e\+300 s")]
)
def test_a_number_of_frames_that_cannot_be_is_refused(secs, what):
    with pytest.raises(DatasetError, match=f"video v: {what}"):
        label_frames(make_video(secs=secs), at(10.0))


@given(
    bounds=st.lists(st.integers(0, 4000), min_size=2, max_size=8, unique=True),
    fps=st.sampled_from([25.0, 30.0, 24000 / 1001, 7.5]),
)
def test_every_frame_keeps_its_label(bounds, fps):
    bounds = [milliseconds / 1000 for milliseconds in sorted(bounds)]
    segments = [(a, b, "x") for a, b in zip(bounds[::2], bounds[1::2], strict=False)]
    lines = label_frames(make_video(*segments, secs=5.0), at(fps))
    assert len(lines) == round(5.0 * fps)
    for number, line in enumerate(lines):
        assert (line == "x") == any(start <= number / fps < end for start, end, _ in segments)
