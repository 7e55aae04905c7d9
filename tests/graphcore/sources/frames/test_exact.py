from __future__ import annotations

import shutil
import subprocess
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphcore.sources.frames import exact
from graphcore.sources.frames.asked import AskedTimes
from graphcore.sources.frames.container import open_video
from graphcore.sources.frames.exact import sample_exactly

X264 = {"preset": "medium", "x264-params": "b-adapt=0:scenecut=0"}
X265 = {"codec": "libx265", "preset": "fast"}
INTERLACED = {"flags": "+ildct+ilme", "x264-params": "interlaced=1:tff=1:scenecut=0", "g": "20"}

KINDS = {
    "B-frames": ("a.mp4", {**X264, "g": "25", "bf": "3"}),
    "B-frames that others refer to": ("a.mp4", {"preset": "medium", "g": "20", "bf": "5"}),
    "open groups": ("a.mp4", {"preset": "medium", "g": "10", "x264-params": "open-gop=1:b-adapt=0:scenecut=0"}),
    "open groups in a transport stream": (
        "a.ts",
        {"preset": "medium", "g": "10", "x264-params": "open-gop=1:b-adapt=0"},
    ),
    "Matroska": ("a.mkv", {**X264, "g": "15"}),
    "transport stream": ("a.ts", {**X264, "g": "15"}),
    "QuickTime": ("a.mov", {**X264, "g": "15"}),
    "keyframes only": ("a.mp4", {"g": "1"}),
    "one keyframe": ("a.mp4", {**X264, "g": "1000"}),
    "10 bits": ("a.mp4", {"pix_fmt": "yuv420p10le", "g": "20", "preset": "medium"}),
    "begins late": ("a.mp4", {**X264, "g": "20", "ticks": range(7, 67)}),
    "HEVC": ("a.mp4", {**X265, "x265-params": "log-level=none:keyint=20:b-adapt=0"}),
    "HEVC with open groups": ("a.ts", {**X265, "x265-params": "log-level=none:keyint=10:min-keyint=10:open-gop=1"}),
    "HEVC in layers": ("a.mp4", {**X265, "x265-params": "log-level=none:keyint=20:temporal-layers=3"}),
    "VP9": ("a.webm", {"codec": "libvpx-vp9", "g": "20", "auto-alt-ref": "1", "lag-in-frames": "16", "cpu-used": "5"}),
    "VP8": ("a.webm", {"codec": "libvpx", "g": "20", "auto-alt-ref": "1", "lag-in-frames": "16", "cpu-used": "5"}),
    "MPEG-2 program stream": ("a.mpg", {"codec": "mpeg2video", "g": "12", "bf": "2"}),
    "MPEG-4": ("a.mp4", {"codec": "mpeg4", "g": "12", "bf": "2"}),
    "motion JPEG": ("a.avi", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}),
}
"""What is found from the packets alone."""

UNPLANNED = {
    "AVI with B-frames": ("a.avi", {**X264, "g": "25", "bf": "3"}),
    "MPEG-4 with B-frames in AVI": ("a.avi", {"codec": "mpeg4", "g": "12", "bf": "2"}),
    "no keyframes but the first": ("a.ts", {"preset": "medium", "x264-params": "intra-refresh=1:keyint=25"}),
}
"""What only decoding from end to end can tell."""


@pytest.fixture
def plain_passes(monkeypatch):
    """How often a video was decoded from end to end."""
    passes, decode = [], exact.decode_plainly
    monkeypatch.setattr(exact, "decode_plainly", lambda *args: passes.append(args) or decode(*args))
    return passes


def sample(path, every_secs, offset_secs=0.0, size=None, threads=2, image_bytes=1000):
    ask = partial(AskedTimes, every_secs, offset_secs)
    with open_video(path) as video:
        return list(sample_exactly(video, path, ask, size, image_bytes, threads))


@pytest.mark.parametrize("kind", KINDS)
def test_the_frame_shown_at_each_time_is_found_and_pixels_are_those_of_decoding_all(
    tmp_path, numbered, read_number, decode_all, pick_shown, plain_passes, kind
):
    name, options = KINDS[kind]
    path = numbered(tmp_path / name, count=60, **options)
    times = [number / 25 for number in range(60)]
    whole = decode_all(path)
    for every_secs, offset_secs in ((0.5, 0), (0.13, 0), (0.04, 0), (0.31, 0.2), (0.01, 0.005)):
        expected = pick_shown(times, 2.4, every_secs, offset_secs)
        frames = sample(path, every_secs, offset_secs)
        assert [read_number(frame.image) for frame in frames] == expected
        assert [frame.time_secs for frame in frames] == pytest.approx([times[n] for n in expected], abs=1e-3)
        assert all((frame.image == whole[n][1]).all() for frame, n in zip(frames, expected, strict=True))
    assert plain_passes == []


@pytest.mark.parametrize("kind", UNPLANNED)
def test_what_packets_do_not_tell_is_decoded_from_end_to_end(
    tmp_path, numbered, read_number, pick_shown, plain_passes, kind
):
    name, options = UNPLANNED[kind]
    path = numbered(tmp_path / name, count=60, **options)
    times = [number / 25 for number in range(60)]
    for every_secs in (0.5, 0.13):
        frames = sample(path, every_secs)
        assert [read_number(frame.image) for frame in frames] == pick_shown(times, 2.4, every_secs)
        assert [frame.time_secs for frame in frames] == pytest.approx(
            [times[n] for n in pick_shown(times, 2.4, every_secs)]
        )
    assert len(plain_passes) == 2


@pytest.mark.parametrize("ending", ["mp4", "ts"])
def test_interlaced_frames_are_found(tmp_path, numbered, read_number, pick_shown, plain_passes, ending):
    path = numbered(tmp_path / f"a.{ending}", count=60, **INTERLACED)
    found = [read_number(frame.image) for frame in sample(path, 0.3)]
    assert found == pick_shown([n / 25 for n in range(60)], 2.4, 0.3)
    assert plain_passes == []


@pytest.mark.parametrize("cut", [1, 7, 20, 33])
def test_an_edit_list_cuts_off_the_beginning(tmp_path, numbered, read_number, pick_shown, cut):
    path = numbered(tmp_path / "a.mp4", count=60, ticks=range(-cut, 60 - cut), g="20", **X264)
    times = [number / 25 for number in range(60 - cut)]
    frames = sample(path, 0.3)
    assert [read_number(frame.image) - cut for frame in frames] == pick_shown(times, times[-1] + 0.04, 0.3)
    assert frames[0].time_secs == 0


def test_a_still_picture_is_given_once_however_long_it_is_shown(tmp_path, numbered, read_number):
    ticks = [0, 40, 80, 5000, 5040, 12000, 12040]  # milliseconds
    path = numbered(tmp_path / "a.mkv", count=7, ticks=ticks, time_base=Fraction(1, 1000))
    frames = sample(path, 1.0)
    assert [read_number(frame.image) for frame in frames] == [0, 2, 3, 4, 5]
    assert [frame.time_secs for frame in frames] == [0, 0.08, 5.0, 5.04, 12.0]


def test_long_groups_and_many_wanted_frames_are_found_in_parts(tmp_path, numbered, read_number):
    path = numbered(tmp_path / "a.mp4", count=60, g="1000", **X264)
    assert [read_number(frame.image) for frame in sample(path, 0.04, image_bytes=8 << 20)] == list(range(60))


def test_groups_without_an_asked_time_are_not_read(tmp_path, numbered, read_number, monkeypatch):
    path = numbered(tmp_path / "a.mp4", count=300, fps=5, g="5", **X264)
    reads, read = [], exact.PacketReader._read
    monkeypatch.setattr(exact.PacketReader, "_read", lambda self: reads.append(1) or read(self))
    assert [read_number(frame.image) for frame in sample(path, 10.0)] == [0, 50, 100, 150, 200, 250]
    assert len(reads) < 100


def test_what_was_right_is_not_given_again_when_a_frame_is_broken(tmp_path, numbered, read_number, plain_passes):
    path = numbered(tmp_path / "a.mp4", count=60, g="10", **X264)
    with open_video(path) as video:
        packets = [packet for packet in video.container.demux(video.stream) if packet.size]
        spot = next(packet for packet in packets if packet.is_keyframe and packet.pts * packet.time_base >= 1.2)
    data = bytearray(path.read_bytes())
    data[spot.pos : spot.pos + spot.size] = bytes(spot.size)
    path.write_bytes(data)
    numbers = [read_number(frame.image) for frame in sample(path, 0.4)]
    assert numbers[:3] == [0, 10, 20]
    assert numbers[-1] == 50
    assert numbers == sorted(set(numbers))
    assert len(plain_passes) == 1


def test_a_stream_cut_out_of_a_broadcast_begins_with_what_can_be_decoded(tmp_path, numbered, read_number, decode_all):
    whole = numbered(tmp_path / "a.ts", count=60, g="10", preset="medium", **{"x264-params": "open-gop=1:scenecut=0"})
    data = whole.read_bytes()
    path = tmp_path / "b.ts"
    path.write_bytes(data[len(data) // 188 // 6 * 188 :])
    truth = [(time, read_number(image)) for time, image in decode_all(path)]
    frames = sample(path, 0.25)
    assert {(frame.time_secs, read_number(frame.image)) for frame in frames} <= set(truth)
    assert read_number(frames[0].image) <= 20
    assert len(frames) > 5


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="no ffmpeg on PATH")
@pytest.mark.parametrize(
    "kind", ["B-frames", "open groups in a transport stream", "HEVC", "VP9", "begins late", "10 bits"]
)
def test_ffmpeg_shows_the_same_frame(tmp_path, numbered, read_number, kind):
    name, options = KINDS[kind]
    path = numbered(tmp_path / name, count=60, **options)
    for frame, asked in zip(sample(path, 0.55), [0, 0.55, 1.1, 1.65, 2.2], strict=True):
        command = f"ffmpeg -v error -i {path} -vf trim=end={asked + 1e-3} -vsync 0 -f rawvideo -pix_fmt rgb24 -"
        shown = subprocess.run(command.split(), capture_output=True, check=True).stdout[-frame.image.nbytes :]
        theirs = np.frombuffer(shown, np.uint8).reshape(frame.image.shape)
        assert read_number(frame.image) == read_number(theirs)
        assert np.abs(frame.image.astype(int) - theirs).mean() < 2


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    gaps=st.lists(st.integers(1, 60), min_size=8, max_size=50),
    keyframes=st.integers(1, 30),
    b_frames=st.integers(0, 4),
    is_open=st.booleans(),
    pyramid=st.sampled_from(["none", "normal"]),
    ending=st.sampled_from(["mp4", "mkv", "ts"]),
    every_secs=st.floats(0.02, 8),
    offset_secs=st.floats(0, 5),
    threads=st.integers(1, 3),
    image_bytes=st.sampled_from([1000, 20 << 20]),
)
def test_any_video_gives_what_decoding_all_of_it_gives(
    tmp_path_factory, numbered, read_number, decode_all, pick_shown, plain_passes,
    gaps, keyframes, b_frames, is_open, pyramid, ending, every_secs, offset_secs, threads, image_bytes,
):  # fmt: skip
    path = tmp_path_factory.mktemp("any") / f"a.{ending}"
    ticks = [sum(gaps[:index]) for index in range(len(gaps))]
    x264 = f"open-gop={int(is_open)}:b-adapt=0:scenecut=0:b-pyramid={pyramid}"
    numbered(
        path,
        len(ticks),
        ticks=ticks,
        time_base=Fraction(1, 50),
        bf=str(b_frames),
        g=str(keyframes),
        **{"x264-params": x264},
    )
    whole = decode_all(path)
    assert [read_number(image) for _, image in whole] == list(range(len(ticks)))
    with open_video(path) as video:
        ask = partial(AskedTimes, every_secs, offset_secs)
        sampler = sample_exactly(video, path, ask, None, image_bytes, threads)
        frames = []
        while True:
            try:
                frames.append(next(sampler))
            except StopIteration as stop:
                end_secs = stop.value
                break
    assert end_secs >= whole[-1][0]
    expected = pick_shown([time for time, _ in whole], end_secs, every_secs, offset_secs)
    assert [read_number(frame.image) for frame in frames] == expected
    assert [frame.time_secs for frame in frames] == pytest.approx([whole[n][0] for n in expected], abs=2e-6)
    assert all((frame.image == whole[n][1]).all() for frame, n in zip(frames, expected, strict=True))
    assert plain_passes == []
