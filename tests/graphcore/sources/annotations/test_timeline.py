from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.sources.annotations.model import AnnotatedVideo, Annotations, Fault
from graphcore.sources.annotations.overlaps import resolve_overlaps
from graphcore.sources.annotations.timeline import (
    choose_labels,
    find_segments_beyond,
    label_at,
    name_labels,
    near_change,
)
from graphcore.sources.item import Segment


def cut(start, end, label="a", video="5"):
    return Segment(video, start, end, label)


def annotate(*labels, faults=()):
    segments = tuple(cut(number, number + 1, label) for number, label in enumerate(labels))
    return Annotations("graphcore", (AnnotatedVideo("5", segments),), tuple(faults))


def list_labels(annotations):
    return [segment.label for video in annotations.videos for segment in video.segments]


def test_without_a_choice_all_labels_stay():
    annotations = annotate("a", "b")
    assert choose_labels(annotations, None) is annotations


def test_a_list_keeps_what_it_names():
    chosen = choose_labels(annotate("a", "b", "c"), ["c", "a"])
    assert list_labels(chosen) == ["a", "c"]
    assert chosen.faults == ()


def test_a_mapping_renames_and_leaves_out_and_keeps_the_rest():
    chosen = choose_labels(annotate("stitch", "idle", "cut"), {"stitch": "suturing", "idle": None})
    assert list_labels(chosen) == ["suturing", "cut"]
    assert chosen.faults == ()


def test_two_labels_may_change_places_or_become_one():
    assert list_labels(choose_labels(annotate("a", "b"), {"a": "b", "b": "a"})) == ["b", "a"]
    assert list_labels(choose_labels(annotate("a", "b"), {"a": "b"})) == ["b", "b"]


@pytest.mark.parametrize("labels", [["a"], {"point": None}])
def test_a_fault_of_a_label_that_is_left_out_is_none(labels):
    faults = (Fault("of the file"), Fault("of the point", "point"), Fault("of a", "a"))
    assert choose_labels(annotate("a", faults=faults), labels).faults == (faults[0], faults[2])


def test_a_label_that_has_only_faults_may_be_renamed():
    fault = Fault("lasts no time", "x")
    assert choose_labels(annotate("a", faults=[fault]), {"x": "y"}).faults == (fault,)


@pytest.mark.parametrize("labels", [["a", "sutering"], {"sutering": "x"}, {"sutering": None}])
def test_a_label_that_occurs_nowhere_is_a_fault(labels):
    assert [fault.text for fault in choose_labels(annotate("b", "a"), labels).faults] == [
        "dataset.labels names 'sutering', which is nowhere annotated. Choices: a, b."
    ]


def test_to_leave_nothing_is_a_fault():
    assert [fault.text for fault in choose_labels(annotate("a", "b"), {"a": None, "b": None}).faults] == [
        "dataset.labels leaves none of the labels: a, b"
    ]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [(["suturing"], (("suturing",), "not-suturing")), (["b", "a", "B"], (("B", "a", "b"), "background"))],
)
def test_names_of_the_classes(labels, expected):
    assert name_labels(annotate(*labels).videos) == expected


@pytest.mark.parametrize(("time_secs", "label"), [(0.999, "out"), (1.0, "a"), (1.999, "a"), (2.0, "b"), (3.0, "out")])
def test_a_segment_holds_its_start_but_not_its_end(time_secs, label):
    assert label_at([cut(1, 2, "a"), cut(2, 3, "b")], time_secs, "out") == label


def test_nothing_annotated_is_all_outside():
    assert label_at([], 1.0, "out") == "out"


@pytest.mark.parametrize(
    ("time_secs", "expected"),
    [(3.9, False), (4.0, False), (4.1, True), (5.0, True), (5.9, True), (6.0, False), (9.1, True), (11.0, False)],
)
def test_a_moment_is_near_a_change_of_label(time_secs, expected):
    assert near_change([cut(5, 10, "a")], time_secs, 1.0) is expected


def test_where_segments_of_one_label_touch_nothing_changes():
    segments = [cut(0, 5, "a"), cut(5, 10, "a"), cut(10, 15, "b")]
    assert not near_change(segments, 5.0, 1.0)
    assert near_change(segments, 10.0, 1.0)


def test_where_the_video_begins_and_ends_nothing_changes():
    segments = [cut(0, 20, "a")]
    assert not near_change(segments, 0.1, 1.0)
    assert not near_change(segments, 19.9, 1.0, duration_secs=20.0)
    assert near_change(segments, 19.9, 1.0, duration_secs=30.0)
    assert near_change(segments, 19.9, 1.0)


def test_without_a_margin_nothing_is_near():
    assert not near_change([cut(5, 10, "a")], 5.0, 0.0)


def test_segments_beyond_the_video_are_found_by_either_duration():
    videos = [
        AnnotatedVideo("1", (cut(1, 10.4, "x", "1"),), 10.0),  # within the tolerance
        AnnotatedVideo("2", (cut(1, 11, "x", "2"),), 10.0),
        AnnotatedVideo("3", (cut(1, 8, "x", "3"),), 10.0),  # the file is shorter than the annotations say
        AnnotatedVideo("4", (cut(0, 99, "x", "4"),)),  # nobody knows
    ]
    assert find_segments_beyond(videos, {"1": 10.0, "3": 7.0}) == [
        "video 2, 'x' 1-11 s: ends beyond the video (annotated as 10 s)",
        "video 3, 'x' 1-8 s: ends beyond the video (the file lasts 7.000 s, annotated as 10 s)",
    ]


# Whole and half seconds meet often, so that segments touch, overlap and repeat.
_TIMES = st.integers(0, 24).map(lambda half: half / 2)
_SEGMENTS = st.lists(
    st.tuples(_TIMES, st.integers(1, 10), st.sampled_from("abc")).map(lambda t: cut(t[0], t[0] + t[1] / 2, t[2])),
    max_size=12,
)
_MOMENTS = st.integers(0, 72).map(lambda quarter: quarter / 4)


@given(segments=_SEGMENTS, rule=st.sampled_from(["first", "last", "shortest"]), time_secs=_MOMENTS)
def test_label_at_says_what_a_search_through_all_segments_says(segments, rule, time_secs):
    resolved, _ = resolve_overlaps(segments, rule)
    found = [one.label for one in resolved if one.start_secs <= time_secs < one.end_secs]
    assert label_at(resolved, time_secs, "out") == (found[0] if found else "out")


@given(segments=_SEGMENTS, time_secs=_MOMENTS, margin_secs=st.sampled_from([0.0, 0.25, 0.3, 1.0, 2.5]))
def test_near_change_says_what_labels_around_the_moment_say(segments, time_secs, margin_secs):
    resolved, _ = resolve_overlaps(segments, "first")
    grid = [half / 2 for half in range(1, 40)]  # all changes lie on halves
    changes = [at for at in grid if label_at(resolved, at - 0.25, "") != label_at(resolved, at, "")]
    assert near_change(resolved, time_secs, margin_secs) == any(abs(time_secs - at) < margin_secs for at in changes)
    assert not near_change(resolved, time_secs, 0.0, math.inf)
