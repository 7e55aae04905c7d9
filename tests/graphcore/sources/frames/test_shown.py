from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.sources.frames.asked import AskedTimes
from graphcore.sources.frames.packets import TimedPacket, UnplannedError
from graphcore.sources.frames.shown import ShownMarker

I_P_B_B = [(0, -2, True), (3, -1, False), (1, 0, False), (2, 1, False), (6, 2, False), (4, 3, False), (5, 4, False)]


def make_packet(pts, dts, is_keyframe=False, is_shown=True, secs=1.0):
    return TimedPacket(pts, dts, float(pts), pts + secs, is_keyframe, is_shown)


def mark_all(packets, every_secs, offset_secs=0.0):
    marker = ShownMarker(AskedTimes(every_secs, offset_secs))
    marked = [one for packet in packets for one in marker.mark(packet)]
    return [*marked, *marker.finish()]


def wanted(packets, every_secs, offset_secs=0.0):
    return [one.packet.pts for one in mark_all(packets, every_secs, offset_secs) if one.is_wanted]


def test_every_packet_comes_out_in_its_order():
    packets = [make_packet(*one) for one in I_P_B_B]
    assert [one.packet for one in mark_all(packets, 2)] == packets


@pytest.mark.parametrize(
    ("every_secs", "expected"), [(1, [0, 3, 1, 2, 6, 4, 5]), (2, [0, 2, 6, 4]), (2.5, [0, 2, 5]), (100, [0])]
)
def test_the_last_frame_at_or_before_each_time_is_wanted(every_secs, expected):
    assert wanted([make_packet(*one) for one in I_P_B_B], every_secs) == expected


def test_times_before_the_first_frame_want_the_first():
    packets = [make_packet(pts, pts, pts == 3) for pts in (3, 4, 5)]
    assert wanted(packets, 1) == [3, 4, 5]
    assert wanted(packets, 100) == [3]


def test_times_after_the_last_frame_want_nothing():
    assert wanted([make_packet(0, 0, True), make_packet(1, 1, secs=0.5)], 0.4) == [0, 1]
    assert wanted([make_packet(0, 0, True), make_packet(1, 1, secs=0.5)], 1.5) == [0]


def test_what_is_not_shown_is_not_wanted_and_hides_nothing():
    packets = [make_packet(0, 0, True), make_packet(1, 1, is_shown=False), make_packet(2, 2)]
    assert wanted(packets, 1) == [0, 2]


def test_a_chapter_is_asked_on_its_recordings_clock():
    packets = [make_packet(pts, pts, pts == 0) for pts in range(10)]
    assert wanted(packets, 4, offset_secs=10.0) == [2, 6]


def test_a_keyframe_begins_a_run_unless_pictures_before_it_in_time_still_come():
    # Decoded: 0 2 1 | 5(key) 3 4 6: 3 and 4 are shown before the keyframe and may refer to 2.
    order = [(0, -1, True), (2, 0, False), (1, 1, False), (5, 2, True), (3, 3, False), (4, 4, False), (6, 6, False)]
    packets = [make_packet(*one) for one in order]
    begins = {every: [m.packet.pts for m in mark_all(packets, every) if m.begins_run] for every in (2, 5)}
    assert begins == {2: [0], 5: [0, 5]}


def test_without_decoding_times_frames_wait_for_as_many_as_can_be_reordered():
    marker = ShownMarker(AskedTimes(1))
    out = [one for pts in range(200) for one in marker.mark(make_packet(pts, None, pts == 0))]
    assert 100 < len(out) < 200
    assert all(one.is_wanted for one in [*out, *marker.finish()])


def test_a_packet_later_than_its_frame_is_noticed():
    marker = ShownMarker(AskedTimes(1))
    for pts in (0, 1, 2, 3):
        list(marker.mark(make_packet(pts, pts)))
    with pytest.raises(UnplannedError, match="later than its frame"):
        list(marker.mark(make_packet(1, 4)))


def test_forgotten_packets_do_not_come_out():
    marker = ShownMarker(AskedTimes(50))
    list(marker.mark(make_packet(0, -2, True)))
    list(marker.mark(make_packet(3, -1)))
    list(marker.mark(make_packet(1, 1)))
    assert not marker.is_waiting
    marker.forget()
    assert [one.packet.pts for one in marker.mark(make_packet(40, 40, True))] == []
    assert [(one.packet.pts, one.is_wanted) for one in marker.finish()] == [(40, False)]


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=40),
    st.integers(0, 3),
    st.floats(0.3, 30),
    st.floats(0, 30),
    st.randoms(use_true_random=False),
)
def test_any_order_of_decoding_wants_what_a_list_of_all_frames_says(gaps, reorder, every_secs, offset_secs, random):
    times = [sum(gaps[:index]) for index in range(len(gaps))]
    order = list(range(len(times)))
    for start in range(1, len(order), reorder + 1):  # inside a small group any order
        group = order[start : start + reorder + 1]
        random.shuffle(group)
        order[start : start + reorder + 1] = group
    # A packet is decoded no later than any frame still to come is shown.
    dts = [min(times[index] for index in order[position:]) for position in range(len(order))]
    packets = [make_packet(times[i], d, i == 0, secs=gaps[i]) for i, d in zip(order, dts, strict=True)]
    end_secs = times[-1] + gaps[-1]
    steps = [step * every_secs - offset_secs + 1e-6 for step in range(int((end_secs + offset_secs) / every_secs) + 2)]
    expected = {max(t for t in times if t <= asked) for asked in steps if 0 <= asked < end_secs}
    assert set(wanted(packets, every_secs, offset_secs)) == expected
