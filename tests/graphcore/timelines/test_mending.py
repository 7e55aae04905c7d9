from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.timelines.mending import mend_labels

LETTERS = "-abc"  # "-" is outside every segment


def mend(text, min_secs=0.0, merge_secs=0.0, outside=0, scores=None, step_secs=1.0):
    """Labels as letters, a frame a second; scores of the letters where they matter."""
    labels = np.array([LETTERS.index(letter) for letter in text], np.int64)
    scores = np.zeros((len(labels), len(LETTERS))) if scores is None else scores
    mended = mend_labels(labels, scores, np.full(len(labels), step_secs), min_secs, merge_secs, outside)
    return "".join(LETTERS[label] for label in mended)


@pytest.mark.parametrize(
    ("text", "merge_secs", "expected"),
    [
        ("aa--aa", 3, "aaaaaa"),
        ("aa--aa", 2, "aa--aa"),  # as long is not shorter
        ("aa-bb", 3, "aa-bb"),  # no gap of one label
        ("-aa-", 3, "-aa-"),  # nor are the ends of a video
        ("a-a-a", 2, "aaaaa"),
        ("a-b-a", 9, "a-b-a"),  # another segment lies between
    ],
)
def test_gaps_between_segments_of_one_label_are_closed(text, merge_secs, expected):
    assert mend(text, merge_secs=merge_secs) == expected


@pytest.mark.parametrize(
    ("text", "min_secs", "expected"),
    [
        ("a-bb-ccc", 2, "--bb-ccc"),
        ("a-bb-ccc", 3, "-----ccc"),
        ("abbb", 2, "-bbb"),
        ("bbb-", 4, "----"),
    ],
)
def test_short_segments_become_outside(text, min_secs, expected):
    assert mend(text, min_secs=min_secs) == expected


def test_pieces_are_joined_before_their_length_is_judged():
    assert mend("-aa-aa-b-", min_secs=5, merge_secs=2) == "-aaaaa---"


def test_a_gap_that_a_dropped_segment_leaves_short_is_closed():
    assert mend("aaa-b-aaa", min_secs=2, merge_secs=4) == "aaaaaaaaa"


def test_steps_that_no_float_holds_exactly_are_no_shorter_than_their_sum():
    assert mend("aaa-", min_secs=0.3, step_secs=0.1) == "aaa-"


def test_nothing_asked_changes_nothing():
    assert mend("ab-ca-b") == "ab-ca-b"
    assert mend("abca", outside=None) == "abca"


def test_no_frames_stay_none():
    assert mend("", min_secs=3, merge_secs=3) == ""


@pytest.mark.parametrize(
    ("text", "merge_secs", "expected"),
    [
        ("aabaa", 2, "aaaaa"),
        ("aabcaa", 9, "aabcaa"),  # two segments lie between
        ("aaabbabb", 2, "aaabbbbb"),
        ("abbaaa", 3, "aaaaaa"),
        ("bbabbbaa", 3, "bbbbbbaa"),
    ],
)
def test_without_an_outside_class_a_gap_is_a_segment_between_two_of_one_label(text, merge_secs, expected):
    assert mend(text, merge_secs=merge_secs, outside=None) == expected


@pytest.mark.parametrize(
    ("text", "min_secs", "expected"),
    [
        ("aabccc", 2, "aacccc"),  # no scores: the longer neighbour
        ("aabcc", 2, "aaacc"),  # as long: the first
        ("baaa", 2, "aaaa"),
        ("aaab", 2, "aaaa"),
        ("abaab", 2, "bbaaa"),  # of equals the first goes first
        ("ab", 5, "bb"),  # all too short: one segment is left
        ("b", 5, "b"),
    ],
)
def test_without_an_outside_class_a_short_segment_goes_to_a_neighbour(text, min_secs, expected):
    assert mend(text, min_secs=min_secs, outside=None) == expected


def test_the_neighbour_that_scores_more_over_a_short_segment_gets_it():
    scores = np.zeros((6, 4))
    scores[2] = [0, 0.3, 0.5, 0.2]  # of "-abc"

    assert mend("aabccc", min_secs=2, outside=None, scores=scores) == "aaaccc"


texts = st.text("-abc", min_size=1, max_size=40)
secs = st.integers(0, 6)


def measure_runs(text):
    cuts = [0, *(n for n in range(1, len(text)) if text[n] != text[n - 1]), len(text)]
    return [text[first:stop] for first, stop in pairwise(cuts)]


@given(texts, secs, secs)
def test_no_segment_is_shorter_and_no_gap_is(text, min_secs, merge_secs):
    runs = measure_runs(mend(text, min_secs, merge_secs))

    assert all(len(run) >= min_secs for run in runs if run[0] != "-")
    for before, here, after in zip(runs, runs[1:], runs[2:], strict=False):
        assert here[0] != "-" or before[0] != after[0] or len(here) >= merge_secs


@given(texts, secs, secs)
def test_without_an_outside_class_the_same_holds_but_for_a_video_of_one_segment(text, min_secs, merge_secs):
    runs = measure_runs(mend(text, min_secs, merge_secs, outside=None))

    assert len(runs) == 1 or all(len(run) >= min_secs for run in runs)
    for before, here, after in zip(runs, runs[1:], runs[2:], strict=False):
        assert before[0] != after[0] or len(here) >= merge_secs


@given(texts, secs, secs, st.sampled_from([None, 0]))
def test_twice_is_as_once(text, min_secs, merge_secs, outside):
    once = mend(text, min_secs, merge_secs, outside)

    assert mend(once, min_secs, merge_secs, outside) == once


@given(texts, secs, secs, st.sampled_from([None, 0]))
def test_no_label_comes_from_nowhere(text, min_secs, merge_secs, outside):
    assert set(mend(text, min_secs, merge_secs, outside)) <= set(text) | {"-"}
