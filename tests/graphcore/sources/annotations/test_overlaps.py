from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.sources.annotations.overlaps import OVERLAPS, resolve_overlaps
from graphcore.sources.item import Segment


def cut(start, end, label="a"):
    return Segment("5", start, end, label)


def resolve(segments, rule):
    return [(one.start_secs, one.end_secs, one.label) for one in resolve_overlaps(segments, rule)[0]]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("first", [(0, 10, "a"), (10, 12, "b")]),
        ("last", [(0, 2, "a"), (2, 4, "c"), (4, 8, "a"), (8, 12, "b")]),
        ("shortest", [(0, 2, "a"), (2, 4, "c"), (4, 8, "a"), (8, 12, "b")]),
    ],
)
def test_each_rule_gives_the_time_to_one(rule, expected):
    assert resolve([cut(8, 12, "b"), cut(0, 10, "a"), cut(2, 4, "c")], rule) == expected


def test_shortest_is_not_last():
    segments = [cut(0, 4, "short"), cut(2, 20, "long")]
    assert resolve(segments, "shortest") == [(0, 4, "short"), (4, 20, "long")]
    assert resolve(segments, "last") == [(0, 2, "short"), (2, 20, "long")]


@pytest.mark.parametrize(("rule", "label"), [("first", "a"), ("last", "b"), ("shortest", "a")])
def test_of_those_that_start_together_the_file_decides(rule, label):
    assert resolve([cut(1, 2, "a"), cut(1, 2, "b")], rule) == [(1, 2, label)]


@pytest.mark.parametrize("rule", OVERLAPS)
def test_overlaps_of_one_label_become_one_segment(rule):
    segments = [cut(4, 6.5), cut(0, 5), cut(1, 2)]
    assert resolve(segments, rule) == [(0, 6.5, "a")]
    assert resolve_overlaps(segments, rule)[1] == []


def test_what_is_merged_counts_whole():
    # Each part of a is shorter than b; what they are parts of is not.
    assert resolve([cut(0, 2, "a"), cut(1, 4, "a"), cut(0, 3.5, "b")], "shortest") == [(0, 3.5, "b"), (3.5, 4, "a")]


def test_a_segment_keeps_subject_and_camera():
    segment = Segment("5", 0, 9, "a", "s", "left")
    parts, _ = resolve_overlaps([segment, cut(2, 3, "b")], "last")
    assert parts[2] == Segment("5", 3, 9, "a", "s", "left")


def test_a_contradiction_is_a_fault_under_error_alone():
    segments = [cut(0, 5, "a"), cut(4, 6, "b")]
    assert resolve_overlaps(segments, "error")[1] == ["video 5, 'a' 0-5 s overlaps 'b' 4-6 s: which is it?"]
    for rule in ("first", "last", "shortest"):
        assert resolve_overlaps(segments, rule)[1] == []


def test_segments_that_touch_do_not_contradict():
    assert resolve_overlaps([cut(0, 5, "a"), cut(5, 6, "b")], "error")[1] == []


def test_contradictions_of_two_labels_are_told_once():
    segments = [cut(0, 9, "a"), cut(1, 2, "b"), cut(3, 4, "b"), cut(8, 12, "c")]
    assert resolve_overlaps(segments, "error")[1] == [
        "video 5, 'a' 0-9 s overlaps 'b' 1-2 s, and 1 times more: which is it?",
        "video 5, 'a' 0-9 s overlaps 'c' 8-12 s: which is it?",
    ]


def test_where_all_labels_overlap_some_are_told():
    faults = resolve_overlaps([cut(0, 9, f"label {number}") for number in range(2000)], "error")[1]
    assert len(faults) == 51
    assert faults[-1] == "video 5: more than 50 pairs of labels overlap"


_SEGMENTS = st.lists(
    st.tuples(st.integers(0, 24), st.integers(1, 10), st.sampled_from("abc")).map(
        lambda t: cut(float(t[0]), float(t[0] + t[1]), t[2])
    ),
    max_size=14,
)


@given(segments=_SEGMENTS, rule=st.sampled_from(sorted(OVERLAPS)))
def test_resolved_segments_never_overlap_and_cover_what_was_covered(segments, rule):
    resolved, _ = resolve_overlaps(segments, rule)
    assert all(one.start_secs < one.end_secs for one in resolved)
    assert all(before.end_secs <= after.start_secs for before, after in pairwise(resolved))
    for second in range(40):
        held = [one for one in segments if one.start_secs <= second < one.end_secs]
        given_to = [one for one in resolved if one.start_secs <= second < one.end_secs]
        assert len(given_to) == min(1, len(held))
        assert {one.label for one in given_to} <= {one.label for one in held}


@given(segments=_SEGMENTS, rule=st.sampled_from(sorted(OVERLAPS)))
def test_to_resolve_twice_changes_nothing(segments, rule):
    once, _ = resolve_overlaps(segments, rule)
    assert resolve_overlaps(once, rule) == (once, [])


@given(segments=_SEGMENTS, second=st.integers(0, 40))
def test_each_moment_goes_to_whom_the_rule_names(segments, second):
    pieces = {}  # of each label, the spans its overlapping segments make together
    for label in "abc":
        seconds = {s for one in segments if one.label == label for s in range(int(one.start_secs), int(one.end_secs))}
        touching = [one for one in segments if one.label == label]
        if second in seconds:
            span = {second}
            grown = True
            while grown:
                more = {
                    s
                    for one in touching
                    if span & set(range(int(one.start_secs), int(one.end_secs)))
                    for s in range(int(one.start_secs), int(one.end_secs))
                }
                grown, span = not more <= span, span | more
            pieces[label] = (min(span), len(span))
    for rule, rank in {"first": lambda p: p[0], "last": lambda p: -p[0], "shortest": lambda p: p[1]}.items():
        resolved, _ = resolve_overlaps(segments, rule)
        winners = [one.label for one in resolved if one.start_secs <= second < one.end_secs]
        best = min(map(rank, pieces.values()), default=None)
        assert bool(winners) == bool(pieces)
        assert all(rank(pieces[label]) == best for label in winners)
