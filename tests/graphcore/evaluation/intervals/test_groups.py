import numpy as np
import pytest

from graphcore.evaluation.intervals.groups import Groups, plan_groups
from graphcore.timelines.marks import Marks


def make_marks(videos=("", "", "", ""), groups=("", "", "", ""), subjects=("", "", "", "")):
    return Marks(
        keys=("k0", "k1", "k2", "k3"),
        filenames=("f",) * 4,
        videos=videos,
        times_secs=np.array([0.0, 1, 2, 3]) if all(videos) else np.full(4, np.nan),
        groups=groups,
        subjects=subjects,
    )


KEYS = ("k0", "k1", "k2", "k3")
VIDEOS = ("v1", "v1", "v2", "v3")
FOUR = ("v1", "v2", "v3", "v4")


@pytest.mark.parametrize(
    ("marks", "unit", "names"),
    [
        (None, "samples", KEYS),
        (make_marks(), "samples", KEYS),
        (make_marks(groups=KEYS), "samples", KEYS),
        (make_marks(groups=("g", "", "g", "")), "groups", ("g", "k1", "g", "k3")),
        (make_marks(groups=("g",) * 4), "samples", KEYS),
        (make_marks(subjects=("a", "a", "b", "b")), "subjects", ("a", "a", "b", "b")),
        (make_marks(subjects=("a", "", "b", "b")), "samples", KEYS),
        (make_marks(VIDEOS), "videos", VIDEOS),
        (make_marks(VIDEOS, groups=VIDEOS), "videos", VIDEOS),
        (make_marks(VIDEOS, groups=("r1", "r1", "r1", "r2")), "groups", ("r1", "r1", "r1", "r2")),
        (make_marks(VIDEOS, groups=("r",) * 4), "videos", VIDEOS),
        (make_marks(VIDEOS, subjects=("a", "a", "b", "b")), "subjects", ("a", "a", "b", "b")),
        (make_marks(VIDEOS, subjects=("a",) * 4), "videos", VIDEOS),
        (make_marks(VIDEOS, VIDEOS, ("a", "a", "", "b")), "videos", VIDEOS),
    ],
    ids=[
        "nobody knows",
        "photos",
        "photos that are their own groups",
        "some photos belong together",
        "all photos belong together",
        "photos of subjects",
        "photos of subjects not all known",
        "videos",
        "videos that are their own groups",
        "recordings of several videos",
        "one recording",
        "subjects",
        "one subject",
        "subjects not all known",
    ],
)
def test_the_widest_groups_that_there_are_two_of(marks, unit, names):
    groups = plan_groups(marks, KEYS)

    assert (groups.unit, groups.names) == (unit, names)


def test_groups_are_counted_by_name():
    groups = plan_groups(make_marks(("v2", "v1", "v2", "v3")), KEYS)

    assert groups.numbers.tolist() == [1, 0, 1, 2]
    assert groups.count == 3


def test_samples_that_stand_alone_are_counted_as_they_come():
    groups = plan_groups(None, ("b", "a"))

    assert groups.numbers.tolist() == [0, 1]
    assert groups.count == 2


def test_an_empty_split_has_no_groups():
    assert plan_groups(None, ()).count == 0


def test_videos_of_one_subject_say_nothing_of_others():
    caution = plan_groups(make_marks(FOUR, subjects=("a",) * 4), KEYS).caution

    assert caution.startswith("All videos show one subject: the intervals say nothing of other subjects.")


def test_videos_of_one_recording_say_nothing_of_others():
    caution = plan_groups(make_marks(FOUR, groups=("r",) * 4), KEYS).caution

    assert caution.startswith("All videos belong to one group: the intervals say nothing of other groups.")


def test_few_groups_are_told():
    assert plan_groups(make_marks(FOUR), KEYS).caution == "4 videos are few: the true intervals are wider."


def test_too_few_groups_for_an_interval_are_told():
    assert plan_groups(make_marks(VIDEOS), KEYS).caution == "3 videos are too few for an interval."
    assert plan_groups(make_marks(VIDEOS, subjects=("a",) * 4), KEYS).caution == "3 videos are too few for an interval."


def test_photos_that_stand_alone_need_no_caution():
    assert plan_groups(make_marks(), KEYS).caution == ""


@pytest.mark.parametrize(
    ("marks", "keys", "caution"),
    [
        (make_marks(("v",) * 4), KEYS, "There is only one video: how figures vary from one to another cannot be told."),
        (None, ("k",), "There is only one sample: how figures vary from one to another cannot be told."),
    ],
)
def test_one_group_is_told(marks, keys, caution):
    groups = plan_groups(marks, keys)

    assert (groups.count, groups.caution) == (1, caution)


def test_whole_videos_belong_to_the_groups_of_their_frames():
    groups = plan_groups(make_marks(VIDEOS, subjects=("a", "a", "b", "a")), KEYS).of_each(["v3", "v2", "v1"])

    assert (groups.names, groups.unit) == (("a", "b", "a"), "subjects")


def test_videos_of_which_nothing_is_known_stand_alone():
    groups = plan_groups(None, KEYS).of_each(["v2", "v1"])

    assert (groups.names, groups.unit) == (("v2", "v1"), "videos")


def test_some_of_the_samples_keep_their_groups():
    groups = Groups(("a", "b", "c"), "videos").keep(np.array([True, False, True]))

    assert (groups.names, groups.count) == (("a", "c"), 2)
