import pytest

from graphcore.config import SegmentsConfig
from graphcore.evaluation.choices.segment_grid import plan_bounds, plan_lengths, rank_plainness, search
from graphcore.timelines.segmenting import Segmenting


def test_lengths_lie_between_whole_steps_up_to_the_first_quartile_of_the_segments():
    # The first quartile is 10 s: 5 steps of 2 s.
    assert plan_lengths([10, 10, 10, 20, 40], 2.0) == [0, 3, 5, 9]


def test_single_frames_are_always_tried():
    assert plan_lengths([0.5], 0.5) == [0, 0.75]


@pytest.mark.parametrize(("lengths", "step_secs"), [([], 1.0), ([3.0], 0.0)])
def test_without_segments_or_a_step_there_is_nothing_to_try(lengths, step_secs):
    assert plan_lengths(lengths, step_secs) == [0]


def test_bounds_begin_with_none_at_all_and_never_leave_above_enter():
    pairs = plan_bounds(SegmentsConfig())

    assert pairs[0] == (None, None)
    assert (0.5, 0.5) in pairs
    assert (0.9, 0.1) in pairs
    assert all(leave <= enter for enter, leave in pairs[1:])


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (SegmentsConfig(enter=0.3), [(0.3, 0.1), (0.3, 0.2), (0.3, 0.3)]),
        (SegmentsConfig(leave=0.75), [(0.75, 0.75), (0.8, 0.75), (0.9, 0.75)]),
        (SegmentsConfig(enter=0.6, leave=0.2), [(0.6, 0.2)]),
    ],
)
def test_a_bound_that_is_asked_for_is_in_every_pair(asked, expected):
    assert plan_bounds(asked) == expected


def test_what_is_judged_best_is_found():
    def judge(one):
        return (-abs((one.enter or 0) - 0.8) - abs((one.leave or 0) - 0.3) - abs(one.min_secs - 3) - one.merge_secs,)

    assert search(SegmentsConfig(), [0, 1.5, 3.0], judge) == Segmenting(0.8, 0.3, 3.0, 0)


def test_of_equals_the_plainest_is_taken():
    assert search(SegmentsConfig(), [0, 1.5], lambda one: (50.0,)) == Segmenting(None, None, 0, 0)
    assert search(SegmentsConfig(enter=0.7), [0, 1.5], lambda one: (50.0,)) == Segmenting(0.7, 0.7, 0, 0)


def test_a_second_figure_decides_between_equals():
    found = search(SegmentsConfig(), [0, 1.5, 2.5], lambda one: (50.0, min(one.min_secs, 1.5)))

    assert found == Segmenting(None, None, 1.5, 0)


def test_what_is_asked_for_is_not_chosen():
    asked = SegmentsConfig(min_secs=4, merge_secs=0)

    found = search(asked, [0, 1.5], lambda one: (one.min_secs + one.merge_secs + (one.enter or 0),))

    assert (found.min_secs, found.merge_secs, found.enter) == (4, 0, 0.9)


def test_nothing_is_judged_twice():
    judged = []

    search(SegmentsConfig(), [0, 1.5], lambda one: judged.append(one) or (len(judged),))

    assert len(judged) == len(set(judged))


def test_the_plainer_setting_changes_less():
    ordered = [
        Segmenting(),
        Segmenting(min_secs=1),
        Segmenting(min_secs=2),
        Segmenting(min_secs=1, merge_secs=1),
        Segmenting(0.5, 0.4, 1, 1),
        Segmenting(0.9, 0.1, 1, 1),
    ]
    assert sorted(ordered, key=rank_plainness) == ordered
