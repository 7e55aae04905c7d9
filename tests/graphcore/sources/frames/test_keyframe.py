from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graphcore.sources.errors import VideoError
from graphcore.sources.frames import decoder
from graphcore.sources.frames.asked import AskedTimes
from graphcore.sources.frames.container import open_video
from graphcore.sources.frames.keyframe import sample_keyframes
from graphcore.sources.frames.packets import PacketReader, UnplannedError

FIXED = {"preset": "medium", "g": "10", "x264-params": "b-adapt=0:scenecut=0"}
OPEN = {"preset": "medium", "g": "10", "x264-params": "b-adapt=0:scenecut=0:open-gop=1"}


def sample(path, every_secs, tolerance_secs, offset_secs=0.0, size=None, threads=2):
    frames, asked = [], AskedTimes(every_secs, offset_secs)
    with open_video(path) as video:
        sampler = sample_keyframes(video, path, asked, tolerance_secs, size, threads)
        while True:
            try:
                frames.append(next(sampler))
            except StopIteration as stop:
                return frames, stop.value


@pytest.mark.parametrize("options", [FIXED, OPEN], ids=["closed groups", "open groups"])
@pytest.mark.parametrize("ending", ["mp4", "mov", "mkv", "ts"])
def test_the_nearest_keyframe_is_labelled_with_its_own_time(
    tmp_path, numbered, read_number, decode_all, ending, options
):
    path = numbered(tmp_path / f"a.{ending}", count=60, **options)
    whole = decode_all(path)
    frames, found = sample(path, 0.5, 0.25)  # keyframes at 0, 0.4, ... 2.0; asked are 0, 0.5, ... 2.0
    assert [read_number(frame.image) for frame in frames] == [0, 10, 20, 40, 50]
    assert [frame.time_secs for frame in frames] == pytest.approx([0, 0.4, 0.8, 1.6, 2.0], abs=1e-3)
    assert all((frame.image == whole[read_number(frame.image)][1]).all() for frame in frames)
    assert found.missed == 0
    assert found.end_secs == pytest.approx(2.4, abs=1e-3)


@pytest.mark.parametrize(
    ("codec", "ending", "options"),
    [
        ("libx264", "avi", FIXED),
        ("mpeg4", "avi", {"g": "10", "bf": "2"}),
        ("mpeg2video", "mpg", {"g": "10", "bf": "2"}),
        ("libx265", "mp4", {"preset": "fast", "x265-params": "log-level=none:keyint=10:min-keyint=10:scenecut=0"}),
        ("libvpx-vp9", "webm", {"g": "10", "cpu-used": "8"}),
        ("mjpeg", "avi", {"strict": "unofficial"}),
    ],
)
def test_keyframes_of_any_codec_carry_their_times(tmp_path, numbered, read_number, codec, ending, options):
    frames, _ = sample(numbered(tmp_path / f"a.{ending}", count=60, codec=codec, **options), 0.5, 0.25)
    assert len(frames) >= 4
    assert [read_number(frame.image) for frame in frames] == [round(frame.time_secs * 25) for frame in frames]


def test_only_what_is_chosen_is_decoded(tmp_path, numbered, monkeypatch):
    path = numbered(tmp_path / "a.mp4", count=60, g="1")
    sent, decode = [], decoder.Decoder.decode
    monkeypatch.setattr(decoder.Decoder, "decode", lambda self, part: sent.extend(part.packets) or decode(self, part))
    frames, _ = sample(path, 0.5, 0.25)
    assert len(sent) == len(frames) == 5


def test_only_what_is_near_is_read(tmp_path, numbered, monkeypatch):
    path = numbered(tmp_path / "a.mp4", count=300, fps=5, g="5", **{"x264-params": "scenecut=0"})
    reads, read = [], PacketReader._read
    monkeypatch.setattr(PacketReader, "_read", lambda self: reads.append(1) or read(self))
    frames, found = sample(path, 10.0, 5.0)
    assert [frame.time_secs for frame in frames] == [0, 10, 20, 30, 40, 50]
    assert found.end_secs == pytest.approx(60)
    assert len(reads) < 100


def test_times_without_a_keyframe_near_are_counted(tmp_path, numbered):
    path = numbered(tmp_path / "a.mp4", count=60, g="1000", **{"x264-params": "scenecut=0"})
    frames, found = sample(path, 0.5, 0.25)
    assert [frame.time_secs for frame in frames] == [0]
    assert found.missed == 4


def test_chapters_go_on_with_the_clock_of_their_recording(tmp_path, numbered, read_number):
    path = numbered(tmp_path / "a.mp4", count=60, **FIXED)
    frames, _ = sample(path, 1.0, 0.1, offset_secs=10.2)
    assert [frame.time_secs for frame in frames] == [0.8]  # 11 and 12 are 0.8 and 1.8; keyframes at 0.8, 1.6, 2.0
    assert read_number(frames[0].image) == 20


def test_no_keyframe_near_any_time_says_what_to_do(tmp_path, numbered):
    path = numbered(tmp_path / "a.mp4", count=60, g="1000", **{"x264-params": "scenecut=0"})
    with pytest.raises(VideoError, match=r"no usable keyframe lies within 0\.25 s .* dataset\.sampling=exact takes"):
        sample(path, 0.5, 0.25, offset_secs=0.1)


def test_a_chapter_in_which_nothing_is_asked_gives_nothing(tmp_path, numbered):
    frames, found = sample(numbered(tmp_path / "a.mp4", count=10), 100.0, 1.0, offset_secs=1.0)
    assert frames == []
    assert found.missed == 0


@pytest.fixture
def break_decoding(monkeypatch):
    """Returns a function that names the numbers of the keyframes whose decoding fails."""

    def break_them(*numbers):
        decode = decoder.Decoder.decode

        def fail(self, part):
            if round(part.packets[0].time_secs * 25) in numbers:
                raise UnplannedError("Invalid data")
            return decode(self, part)

        monkeypatch.setattr(decoder.Decoder, "decode", fail)

    return break_them


def test_a_broken_keyframe_is_missed(tmp_path, numbered, read_number, break_decoding):
    break_decoding(25)
    frames, found = sample(numbered(tmp_path / "a.mp4", count=60, g="1"), 0.2, 0.01)
    assert [read_number(frame.image) for frame in frames] == [0, 5, 10, 15, 20, 30, 35, 40, 45, 50, 55]
    assert found.missed == 1


def test_many_broken_keyframes_are_damage(tmp_path, numbered, break_decoding):
    break_decoding(5, 10, 15, 20)
    with pytest.raises(VideoError, match=r"damaged: 4 of 5 keyframes cannot be decoded \(Invalid data\)"):
        sample(numbered(tmp_path / "a.mp4", count=60, g="1"), 0.2, 0.01)


def test_keyframes_that_are_all_broken_say_what_to_do(tmp_path, numbered, break_decoding):
    break_decoding(0, 20, 40)
    with pytest.raises(VideoError, match="no usable keyframe"):
        sample(numbered(tmp_path / "a.mp4", count=60, g="20", **{"x264-params": "scenecut=0"}), 0.8, 0.1)


def test_interlaced_keyframes_are_whole(tmp_path, numbered, read_number):
    options = {"flags": "+ildct+ilme", "x264-params": "interlaced=1:tff=1:scenecut=0", "g": "10"}
    for ending in ("mp4", "ts"):
        frames, _ = sample(numbered(tmp_path / f"a.{ending}", count=60, **options), 0.5, 0.25)
        assert [read_number(frame.image) for frame in frames] == [round(frame.time_secs * 25) for frame in frames]
        assert len(frames) == 5


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    gaps=st.lists(st.integers(1, 60), min_size=8, max_size=50),
    keyframes=st.integers(1, 20),
    is_open=st.booleans(),
    ending=st.sampled_from(["mp4", "mkv", "ts"]),
    every=st.integers(1, 400),
    tolerance=st.integers(0, 400),
    offset=st.integers(0, 400),
)
def test_each_time_gets_the_keyframe_that_a_list_of_all_says(
    tmp_path_factory, numbered, gaps, keyframes, is_open, ending, every, tolerance, offset
):
    path = tmp_path_factory.mktemp("any") / f"a.{ending}"
    ticks = [sum(gaps[:index]) for index in range(len(gaps))]
    x264 = {"x264-params": f"open-gop={int(is_open)}:b-adapt=0:scenecut=0"}
    numbered(path, len(ticks), ticks=ticks, time_base=Fraction(1, 50), bf="2", g=str(keyframes), **x264)
    with open_video(path) as video:
        times = [packet.time_secs for packet in PacketReader(video) if packet.is_keyframe]
    every_secs, tolerance_secs, offset_secs = every / 50, (tolerance + 0.5) / 50, (offset + 0.25) / 50  # and no ties
    try:
        frames, found = sample(path, every_secs, tolerance_secs, offset_secs)
    except VideoError:
        frames, found = [], None
    end_secs = found.end_secs if found else times[-1] + 0.02
    asked = [step * every_secs - offset_secs for step in range(int((end_secs + offset_secs) / every_secs) + 2)]
    nearest = [(ask, min(times, key=lambda one, ask=ask: abs(one - ask))) for ask in asked if 0 <= ask < end_secs]
    expected = sorted({time for ask, time in nearest if abs(time - ask) <= tolerance_secs})
    assert found is None or found.missed == sum(abs(time - ask) > tolerance_secs for ask, time in nearest)
    assert [frame.time_secs for frame in frames] == pytest.approx(expected, abs=2e-6)
