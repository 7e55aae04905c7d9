import numpy as np
import pytest

from graphcore.comparison.comparison import compare_gathered
from graphcore.comparison.lining_up import Gathered
from graphcore.errors import ConfigError
from graphcore.evaluation.metrics import compute_metrics

VIDEOS = [video for video in "abcd" for _ in range(3)]
LABELS = [0, 1, 1] * 4


def call(rights):
    """Answers of which so many of each video's three frames are right."""
    return [label if frame < right else 2 for right in rights for frame, label in enumerate([0, 1, 1])]


@pytest.fixture
def compare(make_run):
    """Compares runs given by how many frames of each of four videos they have right."""

    def run(*rights, metric=None, videos=VIDEOS):
        runs = tuple(make_run(LABELS, call(each), videos) for each in rights)
        metrics = tuple(compute_metrics("test", each.labels, each.scores, each.class_names) for each in runs)
        names = tuple(f"run{number}" for number in range(len(runs)))
        return compare_gathered(Gathered(names, runs, (0,) * len(runs), metrics), "test", metric, 200)

    return run


def test_each_run_is_held_against_the_first(compare):
    found = compare([1, 1, 1, 1], [2, 2, 2, 2], [3, 1, 1, 0])
    assert [(one.first, one.second) for one in found.differences] == [("run0", "run1"), ("run0", "run2")]
    assert found.measure.name == "accuracy"
    assert [one.test.difference for one in found.differences] == pytest.approx([4 / 12, 1 / 12])
    assert (found.groups.count, found.groups.unit, found.count) == (4, "videos", 12)


def test_of_several_tests_p_is_corrected(compare):
    # All four differ alike: 2 of 16 swaps. Of +2, 0, 0 and -1 no swap comes nearer than the 1 that was found.
    found = compare([1, 1, 1, 1], [2, 2, 2, 2], [3, 1, 1, 0])
    assert [one.test.p for one in found.differences] == [0.125, 1.0]
    assert [one.p for one in found.differences] == [0.25, 1.0]


def test_a_single_test_is_not_corrected(compare):
    (found,) = compare([1, 1, 1, 1], [2, 2, 2, 2]).differences
    assert found.p == found.test.p == 0.125


def test_samples_that_one_run_alone_has_right_are_counted(compare):
    (found,) = compare([3, 1, 0, 2], [1, 1, 2, 3]).differences
    assert (found.won, found.lost) == (3, 2)


def test_groups_stand_in_the_order_of_their_gaps_and_those_alike_are_left_out(compare):
    (found,) = compare([3, 1, 0, 2], [1, 1, 3, 3]).differences
    assert [gap.name for gap in found.gaps] == ["c", "a", "d"]
    assert [(gap.first, gap.second) for gap in found.gaps[:2]] == [(0.0, 1.0), (1.0, pytest.approx(1 / 3))]


def test_photos_have_no_groups_to_tell_of(compare):
    found = compare([1, 1, 1, 1], [2, 2, 2, 2], videos=[""] * 12)
    assert (found.groups.unit, found.groups.count) == ("samples", 12)
    assert found.differences[0].gaps == ()
    assert found.differences[0].test.p == 2 * 0.5**4  # eight photos are alike, four won


def test_of_a_single_video_figures_are_told_and_no_p(compare):
    (found,) = compare([1, 1, 1, 1], [2, 2, 2, 2], videos=["a"] * 12).differences
    assert found.p is None
    assert found.test.difference == pytest.approx(4 / 12)


def test_figures_of_videos_are_for_frames_alone(compare):
    assert compare([1, 1, 1, 1], [2, 2, 2, 2], metric="edit").measure.name == "edit"
    with pytest.raises(ConfigError, match=r"metric=edit is no figure .*\nChoices: accuracy"):
        compare([1, 1, 1, 1], [2, 2, 2, 2], metric="edit", videos=[""] * 12)


def test_where_no_marks_are_known_each_sample_counts(make_run):
    runs = tuple(make_run([0, 1], called) for called in ([0, 1], [1, 1]))
    bare = tuple(type(run)(run.keys, run.labels, run.scores, run.class_names) for run in runs)
    metrics = tuple(compute_metrics("test", run.labels, run.scores, run.class_names) for run in runs)
    found = compare_gathered(Gathered(("a", "b"), bare, (0, 0), metrics), "test", None, 100)
    assert not found.knows_origin
    assert (found.groups.unit, found.groups.count) == ("samples", 2)
    assert np.isfinite(found.differences[0].test.difference)
