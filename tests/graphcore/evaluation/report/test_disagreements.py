from graphcore.evaluation.report.blocks import Span
from graphcore.evaluation.report.disagreements import (
    Disagreement,
    choose_disagreements,
    find_confidences,
    find_disagreements,
)

TRUE = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
CALLED = [0, 1, 1, 1, 0, 1, 1, 1, 0, 1]


def test_every_wrong_stretch_is_found(make_timeline):
    timeline = make_timeline(TRUE, CALLED, step=2.0, start=10)

    assert find_disagreements(timeline) == [Disagreement(0, 1, 2, 12, 6), Disagreement(1, 0, 8, 26, 2)]


def test_a_stretch_ends_where_the_truth_changes(make_timeline):
    assert [one.label for one in find_disagreements(make_timeline([0, 1, 2], [2, 2, 0], num_classes=3))] == [0, 1, 2]


def test_the_longest_are_chosen_and_told_in_the_order_of_time(make_timeline):
    timeline = make_timeline(TRUE, CALLED)
    span = Span(0, 10)

    assert [one.duration_secs for one in choose_disagreements(timeline, span, 1)] == [3]
    assert [one.start_secs for one in choose_disagreements(timeline, span, 6)] == [1, 8]


def test_none_is_so_close_to_another_that_it_would_hide_it(make_timeline):
    true, called = [0] * 100, [0] * 100
    called[50], called[52], called[90] = 1, 1, 1

    chosen = choose_disagreements(make_timeline(true, called), Span(0, 100), 6)

    assert [one.start_secs for one in chosen] == [50, 90]


def test_confidence_is_the_score_of_what_was_called(make_timeline):
    assert find_confidences(make_timeline([0, 0], [0, 1])).tolist() == [0.8, 0.8]
