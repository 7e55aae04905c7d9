from __future__ import annotations

import itertools

import av
import pytest

from graphcore.sources.frames.container import open_video
from graphcore.sources.frames.packets import PacketReader, UnplannedError

# A keyframe every second for a minute.
LONG = {"count": 300, "fps": 5, "g": "5", "x264-params": "scenecut=0:bframes=2:b-adapt=0"}


def read_all(path):
    with open_video(path) as video:
        return list(PacketReader(video))


@pytest.mark.parametrize("ending", ["mp4", "mkv", "ts"])
def test_packets_tell_the_times_of_their_frames(tmp_path, numbered, ending):
    packets = read_all(numbered(tmp_path / f"a.{ending}", count=20, fps=10, bf="3", **{"x264-params": "b-adapt=0"}))
    assert sorted(packet.time_secs for packet in packets) == pytest.approx([n / 10 for n in range(20)], abs=1e-3)
    assert [packet.time_secs for packet in packets] != sorted(packet.time_secs for packet in packets)
    assert packets[0].is_keyframe
    assert all(packet.end_secs - packet.time_secs == pytest.approx(0.1, abs=1e-3) for packet in packets)


def test_what_an_edit_list_cuts_off_is_not_shown(tmp_path, numbered):
    packets = read_all(numbered(tmp_path / "a.mp4", count=20, fps=10, ticks=range(-5, 15)))
    assert [packet.is_shown for packet in packets] == [False] * 5 + [True] * 15
    assert packets[5].time_secs == 0


def test_a_vp8_packet_that_is_only_referred_to_is_not_shown(tmp_path, numbered):
    with open_video(numbered(tmp_path / "a.webm", count=3, codec="libvpx")) as video:
        reader = PacketReader(video)
        stored = [packet for packet in reader._packets if packet.size]
        hidden = av.Packet(bytes([bytes(stored[1])[0] & ~0x10]) + bytes(stored[1])[1:])
        hidden.pts, hidden.dts, hidden.time_base = stored[1].pts, stored[1].dts, stored[1].time_base
        reader._packets = iter([stored[0], hidden, stored[2]])
        assert [packet.is_shown for packet in reader] == [True, False, True]


def test_reading_begins_with_a_keyframe(tmp_path, numbered):
    path = numbered(tmp_path / "a.ts", count=30, g="10", **{"x264-params": "scenecut=0"})
    data = path.read_bytes()
    cut = tmp_path / "b.ts"
    cut.write_bytes(data[len(data) // 188 // 5 * 188 :])  # whole packets of the transport stream
    packets = read_all(cut)
    assert packets[0].is_keyframe
    assert len(packets) == 20


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_skipping_leads_to_the_keyframe_before(tmp_path, numbered, ending):
    path = numbered(tmp_path / f"a.{ending}", **LONG)
    with open_video(path) as video:
        reader = PacketReader(video)
        *_, last = itertools.islice(reader, 6)  # the first packets of a Matroska file have no decoding time
        assert reader.skip_to(30.5, last)
        landed = next(iter(reader))
        assert (landed.is_keyframe, landed.time_secs) == (True, 30.0)
        # The place is in the second that is being read: nothing is left out, and nothing comes twice.
        assert not reader.skip_to(30.9, landed)
        assert len([landed, *reader]) == 150
        assert reader.end_secs == pytest.approx(60)


def test_skipping_in_vain_is_not_tried_again_soon(tmp_path, numbered):
    path = numbered(tmp_path / "a.mp4", count=300, fps=5, g="1000", **{"x264-params": "scenecut=0"})
    with open_video(path) as video:
        reader = PacketReader(video)
        read = [next(iter(reader))]
        assert not reader.skip_to(4.0, read[-1])
        seeks = []
        seek = reader._seek
        reader._seek = lambda ticks: seeks.append(ticks) or seek(ticks)
        assert not reader.skip_to(4.0, read[-1])
        assert seeks == []
        assert not reader.skip_to(8.1, read[-1])
        assert len(seeks) == 1
        assert len([*read, *reader]) == 300


def test_a_transport_stream_is_read_through(tmp_path, numbered):
    with open_video(numbered(tmp_path / "a.ts", **LONG)) as video:
        reader = PacketReader(video)
        assert not reader.skip_to(30.0, next(iter(reader)))
        assert len(list(reader)) == 299


def test_a_place_that_is_not_there_any_more_is_not_skipped_to(tmp_path, numbered):
    path = numbered(tmp_path / "a.mp4", muxer={"movflags": "faststart"}, **LONG)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with open_video(path) as video:
        reader = PacketReader(video)
        first = next(iter(reader))
        assert not reader.skip_to(55.0, first)
        rest = list(reader)
        assert 100 < len(rest) < 200
        assert 20 < reader.end_secs < 40


def test_packets_without_times_are_no_plan(tmp_path, numbered):
    with open_video(numbered(tmp_path / "a.mp4", count=5)) as video:
        reader = PacketReader(video)
        packet = next(reader._packets)
        packet.pts = None
        reader._packets = iter([packet])
        with pytest.raises(UnplannedError, match="no presentation time"):
            list(reader)
