from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from graphcore.sources.annotations.runs import list_runs


def test_runs_are_first_frames_and_those_after_the_last():
    assert list(list_runs(["a", "a", "b", "a"])) == [("a", 0, 2), ("b", 2, 3), ("a", 3, 4)]
    assert list(list_runs([])) == []


@given(st.lists(st.sampled_from("ab")))
def test_runs_give_back_the_frames(labels):
    assert [label for label, first, after in list_runs(labels) for _ in range(first, after)] == labels
