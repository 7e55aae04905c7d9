from __future__ import annotations

import pytest

from graphcore.sources.annotations.gathering import find_unknown_tiers
from graphcore.sources.annotations.joining import find_repeats, join_annotations
from graphcore.sources.annotations.model import AnnotatedVideo, Annotations, Fault


def join(*parts, tiered=("elan",)):
    named = [(f"{number}.x", part) for number, part in enumerate(parts, 1)]
    return join_annotations(named, tiered)


def make(format, *videos, faults=()):
    return Annotations(format, tuple(AnnotatedVideo(video, ()) for video in videos), tuple(faults))


def test_faults_begin_with_the_files_name():
    joined = join(make("via", "a", faults=[Fault("bad", "cut")]), make("via", "b", "b"))
    assert (joined.format, joined.formats) == ("via", ())
    assert joined.faults == (Fault("1.x: bad", "cut"), Fault("2.x: video b: annotated more than once"))


def test_files_of_several_formats_say_which():
    joined = join(make("via", "a"), make("elan", "b"), make("via", "c"))
    assert (joined.format, joined.formats) == ("several", ("elan", "via"))
    assert [video.video for video in joined.videos] == ["a", "b", "c"]


@pytest.mark.parametrize(("one", "other"), [("a", "a"), ("a", "a.mp4"), ("a.MKV", "a"), ("a.mp4", "a.mp4")])
def test_a_video_is_known_with_and_without_its_ending(one, other):
    (fault,) = join(make("via", "b", one), make("elan", other)).faults
    assert fault.text == f"video {one}: annotated more than once, in 1.x and 2.x"


@pytest.mark.parametrize(("one", "other"), [("a.mp4", "a.mov"), ("a.b", "a"), ("a", "b")])
def test_other_videos_are_others(one, other):
    assert join(make("via", one), make("elan", other)).faults == ()


def test_names_beside_the_videos_tell_them_apart_where_both_files_have_them():
    def only(**names):
        return Annotations("spreadsheet", (AnnotatedVideo("", (), **names),))

    assert join(only(subject="1"), only(subject="2")).faults == ()
    assert join(only(subject="1", camera="top"), only(subject="1", camera="side")).faults == ()
    (fault,) = join(only(subject="1", camera="top"), only(subject="1", camera="top")).faults
    assert fault.text == "video 1 top: annotated more than once, in 1.x and 2.x"
    named = [Annotations("via", (AnnotatedVideo("top.mp4", (), subject=subject),)) for subject in ("1", "2", "")]
    assert join(*named[:2]).faults == ()
    assert len(join(*named).faults) == 1


def test_a_tier_is_unknown_where_no_file_that_could_has_it():
    lacking = [make("elan", video, faults=find_unknown_tiers(["t"], [tier])) for video, tier in ("ax", "by")]
    (fault,) = join(*lacking, make("via", "c")).faults
    assert fault.text == "dataset.tiers names 't', which is not there. Choices: x, y."
    assert join(*lacking, make("elan", "c")).faults == ()


def test_cameras_and_subjects_tell_videos_apart():
    videos = [AnnotatedVideo("", (), recording="r", subject="s", camera=camera) for camera in ("left", "right", "left")]
    assert find_repeats(videos[:2]) == []
    assert [fault.text for fault in find_repeats(videos)] == ["video r s left: annotated more than once"]


def test_a_video_in_two_splits_is_not_annotated_twice():
    twice = [AnnotatedVideo("", (), subject="1", split=split) for split in ("train", "test")]
    assert find_repeats(twice) == []
