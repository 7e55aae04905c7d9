import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from graphcore.evaluation.videos.relaxed import find_right


def right(times, labels, predicted, relax_secs):
    return find_right(np.array(times, np.float64), np.array(labels), np.array(predicted), relax_secs).tolist()


def test_nothing_is_forgiven_at_0_seconds():
    assert right(range(4), [0, 0, 1, 1], [0, 1, 0, 1], 0.0) == [True, False, False, True]


def test_late_transition_is_forgiven_for_as_many_frames_as_there_are_seconds():
    # The change is at 4 s; 4 and 5 s are within 2 s of it, 6 s is 2 s away and counts no more.
    labels, predicted = [0] * 4 + [1] * 4, [0] * 7 + [1]
    assert right(range(8), labels, predicted, 2.0) == [True] * 6 + [False, True]


def test_early_transition_is_forgiven_for_as_many_frames():
    labels, predicted = [0] * 4 + [1] * 4, [0] + [1] * 7
    assert right(range(8), labels, predicted, 2.0) == [True, False, True, True] + [True] * 4


def test_a_label_that_does_not_meet_there_stays_wrong():
    assert right(range(4), [0, 0, 1, 1], [0, 2, 2, 1], 10.0) == [True, False, False, True]


def test_any_two_labels_may_meet():
    # The challenge's script forgives only labels whose numbers follow each other; 5 and 2 do not.
    assert right(range(4), [5, 5, 2, 2], [5, 2, 5, 2], 1.0) == [True] * 4


def test_time_counts_and_not_frames():
    assert right([0, 10, 11, 30], [0, 0, 1, 1], [1, 1, 0, 0], 2.0) == [False, True, True, False]


def test_a_window_may_reach_past_a_short_label():
    # 0 until 3 s, 1 until 4 s, then 2: at 5 s label 0 is 2 s after its end, and within 3 s of where it met 1.
    assert right(range(7), [0, 0, 0, 1, 2, 2, 2], [0, 0, 0, 0, 0, 0, 0], 3.0) == [True] * 6 + [False]


def test_a_frame_ten_seconds_away_is_no_matter_of_rounding():
    # 0.1 added up 100 times is not quite 10.
    times = np.cumsum([0.0] + [0.1] * 250)
    labels = [0] * 120 + [1] * 131
    assert sum(right(times, labels, [0] * 251, 10.0)) == 120 + 100


def test_one_frame_and_no_frames_have_no_transition():
    assert right([0], [1], [0], 10.0) == [False]
    assert right([], [], [], 10.0) == []


@given(
    st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2), st.integers(1, 9)), max_size=30), st.integers(0, 12)
)  # fmt: skip
def test_right_is_what_every_transition_in_turn_says(frames, relax):
    times = np.cumsum([step for _, _, step in frames]).tolist()
    labels, predicted = [frame[0] for frame in frames], [frame[1] for frame in frames]
    expected = []
    for time, label, called in zip(times, labels, predicted, strict=True):
        allowed = {label}
        for n in range(1, len(frames)):
            if labels[n] != labels[n - 1] and times[n] - relax <= time < times[n] + relax:
                allowed |= {labels[n], labels[n - 1]}
        expected.append(called in allowed)

    assert right([time / 10 for time in times], labels, predicted, relax / 10) == expected


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 2)), max_size=30), st.floats(0, 20))
def test_what_is_right_stays_right_when_boundaries_are_relaxed(frames, relax):
    labels, predicted = [frame[0] for frame in frames], [frame[1] for frame in frames]
    strict, relaxed = (right(range(len(frames)), labels, predicted, secs) for secs in (0.0, relax))
    assert all(now or not before for before, now in zip(strict, relaxed, strict=True))
