from __future__ import annotations

import pytest

from graphcore.errors import DatasetError
from graphcore.sources.annotations.model import AnnotatedVideo, WriteOptions
from graphcore.sources.annotations.outputs import check_labels, check_names, name_files
from graphcore.sources.item import Segment


def make_options(**media):
    return WriteOptions(fps_of=lambda video: 25.0, media_of=lambda video: media.get(video, f"{video}.mp4"))


def test_files_are_named_as_the_videos_files_are():
    videos = [AnnotatedVideo("a.b", ()), AnnotatedVideo("5", ())]
    assert name_files(videos, make_options(**{"5": "films/take 5.mov"})) == ["a.b", "take 5"]


def test_what_is_no_file_has_no_name():
    with pytest.raises(DatasetError, match='video "day 1": annotations of it cannot be named after a file'):
        name_files([AnnotatedVideo("", (), recording="day 1")], make_options())


def test_two_videos_cannot_have_one_file():
    with pytest.raises(DatasetError, match="have the name a already"):
        name_files([AnnotatedVideo("a", ()), AnnotatedVideo("a.mp4", ())], make_options(**{"a.mp4": "a.mp4"}))


@pytest.mark.parametrize("name", ["", "../a", "a/b"])
def test_names_must_be_those_of_files(name):
    with pytest.raises(DatasetError, match="is not the name of a file"):
        check_names([AnnotatedVideo(name, (), subject="s")])


def test_names_must_differ():
    check_names([AnnotatedVideo("a", ()), AnnotatedVideo("b", ())])
    with pytest.raises(DatasetError, match="video a: annotations cannot be written twice"):
        check_names([AnnotatedVideo("a", ()), AnnotatedVideo("a", ())])


@pytest.mark.parametrize("label", ["", " a", "a\t", "a\nb", "a\rb", "a\u2028b", "a\0", "\ud800", "\uffff"])
def test_labels_that_would_not_come_back_are_refused(label):
    video = AnnotatedVideo("a", (Segment("a", 0, 1, label),))
    with pytest.raises(DatasetError, match="cannot be written as elan: it has outer blanks or control characters"):
        check_labels([video], "elan")


def test_other_labels_pass():
    check_labels([AnnotatedVideo("a", (Segment("a", 0, 1, "Nähen & <schneiden> 🧵"),))], "elan")
