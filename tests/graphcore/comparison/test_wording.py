from dataclasses import replace

import numpy as np
import pytest

from graphcore.comparison.comparison import Comparison, Difference, RunFigures
from graphcore.comparison.measures import list_measures
from graphcore.comparison.paired_test import PairedTest
from graphcore.comparison.wording import list_cautions, show_number, show_p, tell_difference
from graphcore.evaluation.intervals.groups import Groups
from graphcore.evaluation.intervals.interval import Interval
from graphcore.evaluation.metrics import compute_metrics
from graphcore.evaluation.videos.figures import VideoMetrics

MEASURES = list_measures(multi_label=False, of_videos=True)
EMPTY = compute_metrics("test", np.zeros(0, np.int64), np.zeros((0, 2)), ("x", "y"))


def make(
    first, second, p, bounds=None, metric="accuracy", videos=8, runs=2, left_out=0, caution="", knows=True, apart=(3, 1)
):
    groups = Groups(tuple(f"v{n}" for n in range(videos)), "videos", caution)
    interval = Interval(*bounds, videos, "videos") if bounds else None
    test = PairedTest(first, second, interval, p, 256, True, np.zeros((videos, 2)))
    differences = tuple(Difference("a", "b", test, p, *apart, ()) for _ in range(runs - 1))
    told = tuple(RunFigures(name, EMPTY, left_out) for name in "abc"[:runs])
    return Comparison("test", MEASURES[metric], told, differences, 100, groups, knows)


def tell(*given, **options):
    comparison = make(*given, **options)
    return tell_difference(comparison.differences[0], comparison)


def test_the_better_one_is_named():
    assert tell(0.8, 0.821, 0.02, (0.003, 0.04)) == (
        "b is better than a by 2.1 points in accuracy (95 % interval 0.3 to 4.0), p = 0.02 over 8 videos."
    )


def test_where_the_first_is_better_it_comes_first():
    assert tell(0.821, 0.8, 0.02, (-0.04, -0.003)) == (
        "a is better than b by 2.1 points in accuracy (95 % interval 0.3 to 4.0), p = 0.02 over 8 videos."
    )


def test_a_lower_loss_is_better_and_has_no_points():
    assert tell(0.7, 0.6, 0.031, (-0.2, -0.05), "loss") == (
        "b is better than a by 0.100 in loss (95 % interval 0.050 to 0.200), p = 0.031 over 8 videos."
    )


def test_what_may_be_chance_is_not_called_better():
    assert tell(0.8, 0.76, 0.5, (-0.1, 0.02)) == (
        "No difference can be told between b and a: b is 4.0 points worse in accuracy "
        "(95 % interval -2.0 to 10.0), p = 0.50 over 8 videos."
    )
    assert "b is 0.100 worse in loss (95 % interval -0.050 to 0.300)" in tell(0.4, 0.5, 0.5, (-0.05, 0.3), "loss")


def test_figures_in_hundredths_already_stay():
    assert "by 12.5 points in F1@50" in tell(50.0, 62.5, 0.01, (1.0, 20.0), "f1@50")


def test_one_point_is_one():
    assert "b is better than a by 1.0 point in accuracy" in tell(0.8, 0.81, 0.01)


def test_runs_that_are_as_good_in_different_samples_are_not_called_equal():
    assert tell(0.656, 0.656, 1.0, (-0.406, 0.406)) == (
        "No difference can be told between b and a: both 65.6 % in accuracy over 8 videos (95 % interval of the "
        "difference -40.6 to 40.6)."
    )
    assert tell(0.656, 0.656, 1.0, videos=2) == (
        "No difference can be told between b and a: both 65.6 % in accuracy over 2 videos."
    )


def test_the_level_of_equal_runs_is_told_as_its_figure_is():
    assert "both 62.5 in F1@50" in tell(62.5, 62.5, 1.0, (-1.0, 1.0), "f1@50")
    assert "both 0.700 in loss" in tell(0.7, 0.7, 1.0, (-0.1, 0.1), "loss")


def test_runs_that_are_right_in_the_same_samples():
    assert tell(0.8, 0.8, 1.0, (0.0, 0.0), apart=(0, 0)) == (
        "b and a have the same samples right: both 80.0 % in accuracy over 8 videos."
    )


def test_over_one_video_nothing_is_said_of_chance():
    assert tell(0.8, 0.9, None, videos=1) == (
        "b is 10.0 points better in accuracy than a; over a single one nobody can tell whether that is chance."
    )


def test_nothing_to_mind():
    assert list(list_cautions(make(0.8, 0.9, 0.01))) == []


def test_left_out_samples_are_counted():
    (caution,) = list_cautions(make(0.8, 0.9, 0.01, left_out=7))
    assert caution == (
        "Not every run knows every sample: the 100 that all share are compared; left out are 7 of a, 7 of b."
    )


def test_runs_that_know_later_frames_are_told_from_those_that_do_not():
    comparison = make(0.8, 0.9, 0.01, runs=3)
    causal, offline = (VideoMetrics({}, (), causal=causal, relax_secs=0) for causal in (True, False))

    def tell_all(*kinds):
        told = zip(comparison.runs, kinds, strict=True)
        runs = tuple(replace(run, metrics=replace(run.metrics, videos=kind)) for run, kind in told)
        return list(list_cautions(replace(comparison, runs=runs)))

    assert tell_all(causal, offline, causal) == [
        "Not alike: b judges frames by later ones too (offline), the others do not (causal)."
    ]
    assert tell_all(causal, offline, offline)[0].startswith("Not alike: b, c judge frames by later ones too")
    assert tell_all(*[causal] * 3) == tell_all(*[offline] * 3) == tell_all(*[None] * 3) == []


def test_records_that_are_gone_make_samples_independent():
    (caution,) = list_cautions(make(0.8, 0.9, 0.01, knows=False))
    assert "nobody knows which samples are of one video: each is taken as independent" in caution


def test_the_caution_of_the_groups_is_passed_on():
    assert list(list_cautions(make(0.8, 0.9, 0.01, caution="8 videos are few."))) == ["8 videos are few."]


@pytest.mark.parametrize(("videos", "runs", "expected"), [(4, 2, "0.125"), (5, 2, "0.0625"), (6, 3, "0.0625")])
def test_too_few_groups_to_show_anything_are_told(videos, runs, expected):
    (caution,) = list_cautions(make(0.8, 0.9, 0.2, videos=videos, runs=runs))
    assert f"With {videos} videos" in caution
    assert f"no p below {expected} is possible" in caution


def test_one_group_is_not_told_of_its_smallest_p():
    assert list(list_cautions(make(0.8, 0.9, None, videos=1))) == []


@pytest.mark.parametrize(("p", "shown"), [(1.0, "1.00"), (0.5, "0.50"), (0.031, "0.031"), (0.0001, "0.0001")])
def test_p_has_the_digits_that_say_something(p, shown):
    assert show_p(p) == shown


def test_a_difference_that_rounds_to_nothing_has_no_sign():
    assert show_number(-0.0001, MEASURES["accuracy"]) == "0.0"
