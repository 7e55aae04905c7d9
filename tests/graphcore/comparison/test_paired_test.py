import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.comparison.measures import Measure, list_measures
from graphcore.comparison.paired_test import correct_by_holm, run_paired_test, smallest_p
from graphcore.errors import RunError
from graphcore.evaluation.intervals.draws import Draws, plan_draws
from graphcore.evaluation.intervals.groups import plan_groups
from graphcore.evaluation.metrics import compute_metrics

MEASURES = list_measures(multi_label=False, of_videos=True)


def run_test(name, *pair, resamples=500):
    groups = plan_groups(pair[0].marks, pair[0].keys)
    draws = plan_draws(groups, resamples) or Draws(groups, 0, groups.count, groups.numbers)
    return run_paired_test(MEASURES[name], pair, draws, resamples)


def make_videos(make_run, rights):
    """A run over videos of four frames, of each of which so many are right."""
    called = [0 if frame < right else 1 for right in rights for frame in range(4)]
    videos = [f"v{number}" for number in range(len(rights)) for _ in range(4)]
    return make_run([0] * len(called), called, videos)


def test_three_videos_by_hand(make_run):
    # Differences of +2, +1 and -1 frames; of all 8 ways to sign 2, 1 and 1 the sums are 4 2 2 0 0 -2 -2 -4.
    test = run_test("accuracy", make_videos(make_run, [1, 2, 3]), make_videos(make_run, [3, 3, 2]))
    assert (test.first, test.second) == (6 / 12, 8 / 12)
    assert test.difference == pytest.approx(2 / 12)
    assert test.p == 6 / 8
    assert test.is_exact
    assert test.by_block.tolist() == [[1 / 4, 3 / 4], [2 / 4, 3 / 4], [3 / 4, 2 / 4]]


def test_three_videos_that_agree_give_the_smallest_p(make_run):
    test = run_test("accuracy", make_videos(make_run, [0, 0, 0]), make_videos(make_run, [1, 2, 3]))
    assert test.p == smallest_p(3) == 0.25


def test_the_interval_is_that_of_draws_by_hand(make_run):
    # Four videos of equal length, one with a difference, of all 4 frames: it is in no draw in 32 % of them, and three
    # times or more in 5.1 %.
    first, second = make_videos(make_run, [0] * 4), make_videos(make_run, [0, 0, 0, 4])
    test = run_test("accuracy", first, second, resamples=10_000)
    assert test.interval is not None
    assert (test.interval.low, test.interval.high) == (0.0, 0.75)
    assert (test.interval.groups, test.interval.unit) == (4, "videos")


def test_fewer_than_four_videos_have_a_p_value_but_no_interval(make_run):
    test = run_test("accuracy", make_videos(make_run, [0, 0, 0]), make_videos(make_run, [1, 2, 3]))
    assert test.interval is None
    assert test.p == 0.25


def test_identical_runs_are_not_told_apart(make_run):
    run = make_videos(make_run, [1, 4, 2, 0])
    test = run_test("macro_f1", run, run)
    assert test.difference == 0
    assert test.p == 1.0
    assert test.interval is not None
    assert (test.interval.low, test.interval.high) == (0.0, 0.0)


def test_of_many_groups_random_swaps_are_taken_and_no_p_is_zero(make_run):
    # Only every swap of all 17 is as far apart: one of 65 536.
    test = run_test("accuracy", make_videos(make_run, [0] * 17), make_videos(make_run, [4] * 17), resamples=200)
    assert test.p == 1 / 201
    assert (test.swaps, test.is_exact) == (200, False)


def test_of_a_single_video_nothing_is_said_of_chance(make_run):
    test = run_test("accuracy", make_videos(make_run, [1]), make_videos(make_run, [3]))
    assert (test.first, test.second) == (1 / 4, 3 / 4)
    assert test.interval is None
    assert test.p is None


def test_a_pooled_figure_of_segments_is_swapped_video_by_video(make_run):
    # Segments right, wrong, missed: a has 0 1 1 in either video, b 1 0 0. Swapped: pooled F1 is 50 for both.
    labels, videos = [0, 0, 1, 1, 0, 0, 1, 1], ["v0"] * 4 + ["v1"] * 4
    right, wrong = make_run(labels, labels, videos), make_run(labels, [2] * 8, videos)
    test = run_test("f1@50", wrong, right)
    assert (test.first, test.second) == (0.0, 100.0)
    assert test.p == 0.5


@st.composite
def pairs(draw):
    """What two runs call the same frames of two to five videos; labels and answers are one of two classes."""
    videos = [f"v{number}" for number in range(draw(st.integers(2, 5))) for _ in range(draw(st.integers(1, 4)))]
    classes = st.lists(st.integers(0, 1), min_size=len(videos), max_size=len(videos))
    return draw(classes), draw(classes), draw(classes), videos


def make_pair(drawn, make_run):
    labels, first, second, videos = drawn
    return [make_run(labels, called, videos, class_names=("cut", "sew")) for called in (first, second)]


@given(drawn=pairs(), name=st.sampled_from(["accuracy", "macro_f1", "loss", "video_accuracy", "edit"]))
def test_the_other_way_round_the_difference_is_negated_and_p_the_same(make_run, drawn, name):
    one, other = make_pair(drawn, make_run)
    there, back = run_test(name, one, other), run_test(name, other, one)
    assert there.difference == pytest.approx(-back.difference, abs=1e-12)
    assert there.p == back.p
    if there.interval is not None and back.interval is not None:
        assert there.interval.low == pytest.approx(-back.interval.high, abs=1e-9)


@given(drawn=pairs(), name=st.sampled_from(["balanced_accuracy", "macro_f1", "mean_average_precision", "brier"]))
def test_p_is_that_of_swapping_answers_one_video_at_a_time(make_run, drawn, name):
    one, other = make_pair(drawn, make_run)
    assert run_test(name, one, other).p == pytest.approx(swap_slowly(name, one, other))


def swap_slowly(name, one, other):
    """The p value by handing every sample to one run or the other, for every set of videos there is."""
    videos = sorted(set(one.marks.videos))
    distances = []
    for swapped in itertools.product([False, True], repeat=len(videos)):
        moves = np.array([swapped[videos.index(video)] for video in one.marks.videos])[:, None]
        sides = np.where(moves, other.scores, one.scores), np.where(moves, one.scores, other.scores)
        values = [compute_metrics("test", one.labels, scores, one.class_names).values[name] for scores in sides]
        distances.append(abs(values[1] - values[0]))
    return np.mean(np.array(distances) >= distances[0] - 1e-9)


def test_a_figure_that_the_samples_do_not_have_is_refused(make_label_run):
    run = make_label_run([[0, 0, 0]] * 4, [[0.1, 0.2, 0.3]] * 4, ["a", "a", "b", "b"])
    measure = list_measures(multi_label=True, of_videos=True)["mean_average_precision"]
    draws = plan_draws(plan_groups(run.marks, run.keys), 10)
    with pytest.raises(RunError, match=r"metric=mean_average_precision is not defined for the samples"):
        run_paired_test(measure, (run, run), draws, 10)


def test_a_figure_that_would_take_too_long_is_refused(make_run):
    run = make_run([0, 1], [0, 1])
    draws = plan_draws(plan_groups(run.marks, run.keys), 10)
    with pytest.raises(RunError, match=r"metric=slow of 3 classes would take too long to test.\nName another"):
        run_paired_test(Measure("slow", lambda heap: None), (run, run), draws, 10)


@pytest.mark.parametrize(("groups", "expected"), [(1, 1.0), (2, 0.5), (4, 0.125), (6, 0.03125)])
def test_the_smallest_p_is_that_of_one_swap_and_its_mirror(groups, expected):
    assert smallest_p(groups) == expected


def test_holm_by_hand():
    # Sorted 0.01, 0.03, 0.04, times 3, 2 and 1: 0.03, 0.06, 0.04, and none below the one before.
    assert correct_by_holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_holm_leaves_one_test_alone_and_stays_below_one():
    assert correct_by_holm([0.2]) == [0.2]
    assert correct_by_holm([0.9, 0.6]) == [1.0, 1.0]
    assert correct_by_holm([]) == []
