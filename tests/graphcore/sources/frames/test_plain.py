from __future__ import annotations

import pytest

from graphcore.sources.errors import VideoError
from graphcore.sources.frames.asked import AskedTimes
from graphcore.sources.frames.container import open_video
from graphcore.sources.frames.plain import decode_plainly, is_damaged


def decode(path, every_secs, threads=1, after_secs=None, size=None):
    with open_video(path) as video:
        return list(decode_plainly(video, AskedTimes(every_secs), size, threads, after_secs))


@pytest.mark.parametrize("threads", [0, 1, 2, 5])
def test_the_shown_frames_are_given(tmp_path, numbered, read_number, pick_shown, threads):
    path = numbered(tmp_path / "a.mp4", count=60, preset="medium")
    frames = decode(path, 0.13, threads)
    expected = pick_shown([n / 25 for n in range(60)], 2.4, 0.13)
    assert [read_number(frame.image) for frame in frames] == expected
    assert [frame.time_secs for frame in frames] == pytest.approx([n / 25 for n in expected])


def test_frames_that_were_given_before_are_not_given_again(tmp_path, numbered, read_number):
    path = numbered(tmp_path / "a.mp4", count=60)
    assert [read_number(frame.image) for frame in decode(path, 0.4, after_secs=0.8)] == [30, 40, 50]


@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("libx264", {"bf": "3", "g": "25", "preset": "medium", "x264-params": "b-adapt=0"}),
        ("mpeg4", {"bf": "2", "g": "12"}),
        ("mpeg4", {"bf": "0"}),
        ("mjpeg", {"strict": "unofficial"}),
    ],
)
def test_frames_in_avi_are_shown_in_the_order_they_come_out(tmp_path, numbered, read_number, codec, options):
    path = numbered(tmp_path / "a.avi", count=60, codec=codec, **options)
    for threads in (1, 3):
        frames = decode(path, 0.08, threads)
        assert [read_number(frame.image) for frame in frames] == list(range(0, 60, 2))
        assert [frame.time_secs for frame in frames] == pytest.approx([n / 25 for n in range(0, 60, 2)])


def break_packets(path, numbers):
    """Overwrites the contents of some packets with zeros."""
    with open_video(path) as video:
        packets = [(packet.pos, packet.size) for packet in video.container.demux(video.stream) if packet.size]
    data = bytearray(path.read_bytes())
    for number in numbers:
        position, size = packets[number]
        data[position : position + size] = bytes(size)
    path.write_bytes(data)


def test_a_stray_bad_packet_is_passed_over(tmp_path, numbered, read_number):
    path = numbered(tmp_path / "a.mp4", count=60, g="1")
    break_packets(path, [10, 40])
    assert [read_number(frame.image) for frame in decode(path, 0.2)] == [0, 5, 9, 15, 20, 25, 30, 35, 39, 45, 50, 55]


def test_many_bad_packets_are_damage(tmp_path, numbered):
    path = numbered(tmp_path / "a.mp4", count=60, g="1")
    break_packets(path, range(20, 40))
    with pytest.raises(VideoError, match=r"damaged: \d+ of \d+ packets cannot be decoded \(Invalid data"):
        decode(path, 0.2)


def test_a_video_without_one_frame_is_unreadable(tmp_path, numbered):
    path = numbered(tmp_path / "a.mp4", count=2, g="1")
    break_packets(path, [0, 1])
    with pytest.raises(VideoError, match="unreadable: not one frame can be decoded"):
        decode(path, 1)


@pytest.mark.parametrize(("bad", "total", "expected"), [(3, 4, False), (4, 30, True), (4, 40, False), (5, 40, True)])
def test_a_tenth_or_four_are_damage(bad, total, expected):
    assert is_damaged(bad, total) is expected
