from __future__ import annotations

from graphcore.sources.frames.packets import TimedPacket
from graphcore.sources.frames.runs import RunPlanner
from graphcore.sources.frames.shown import Marked


def plan(text, **options):
    """One sign a packet: K a keyframe, W a wanted frame, ! a wanted keyframe, anything else neither."""
    planner = RunPlanner(**{"most_wanted": 100, **options})
    parts = []
    for pts, sign in enumerate(text):
        packet = TimedPacket(pts, pts, pts, pts + 1, sign in "K!", size_bytes=10)
        parts += planner.add(Marked(packet, sign in "W!", sign in "K!"))
    return [*parts, *planner.finish()]


def tell(parts, text):
    return ["".join(text[packet.pts] for packet in part.packets) for part in parts]


def test_a_run_ends_with_its_last_wanted_frame():
    text = "K.W.W..K..W."
    parts = plan(text)
    assert tell(parts, text) == ["K.W.W", "K..W"]
    assert [sorted(part.wanted) for part in parts] == [[2, 4], [10]]
    assert all(part.is_first and part.is_last for part in parts)


def test_a_run_without_wanted_frames_is_not_decoded():
    assert tell(plan("K...K...!..K.."), "K...K...!..K..") == ["!"]


def test_too_many_wanted_frames_make_parts_of_one_run():
    text = "!WWWW.K"
    parts = plan(text, most_wanted=2)
    assert tell(parts, text) == ["!W", "WW", "W"]
    assert [(part.is_first, part.is_last) for part in parts] == [(True, False), (False, False), (False, True)]


def test_packets_that_are_too_many_to_hold_are_decoded_before_anybody_wants_them():
    text = "K.......W.."
    parts = plan(text, most_bytes=30)
    assert "".join(tell(parts, text)) == "K.......W"
    assert max(len(part.packets) for part in parts) == 4
    assert [part.is_first for part in parts] == [True, False, False]
    assert parts[-1].is_last


def test_a_long_run_that_ends_unwanted_still_ends():
    parts = plan("K......K!", most_bytes=30)
    assert [(part.is_first, part.is_last) for part in parts] == [(True, False), (False, True), (True, True)]
    assert [sorted(part.wanted) for part in parts] == [[], [], [8]]


def test_a_trailing_packet_may_be_the_other_half_of_the_last_wanted_frame():
    text = "K.W..K!"
    assert tell(plan(text, trailing=1), text) == ["K.W.", "!"]
