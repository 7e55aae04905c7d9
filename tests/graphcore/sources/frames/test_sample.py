from __future__ import annotations

import numpy as np
import pytest

from graphcore.sources.errors import VideoError
from graphcore.sources.frames.sample import SamplingOptions, SamplingStats, sample_frames

FIXED = {"x264-params": "scenecut=0"}


def times(path, every_secs, threads=0, declared_secs=None, offset_secs=0.0, **options):
    found = sample_frames(path, SamplingOptions(every_secs, **options), threads, declared_secs, offset_secs)
    return [frame.time_secs for frame in found]


@pytest.mark.parametrize(
    ("every_secs", "expected"),
    [
        (1, [0, 1, 2, 3]),
        (0.5, [0, 0.4, 1, 1.4, 2, 2.4, 3, 3.4]),
        (4, [0]),
        (1.5, [0, 1.4, 3]),
        (0.4, [n * 0.4 for n in range(10)]),
    ],
)
def test_the_frame_shown_at_each_time_is_taken(tmp_path, make_video, every_secs, expected):
    path = make_video(tmp_path / "a.mp4", secs=4, fps=5)
    assert times(path, every_secs) == pytest.approx(expected)


def test_frames_further_apart_than_asked_are_taken_once(tmp_path, make_video):
    assert times(make_video(tmp_path / "a.mp4", secs=3, fps=2), 0.1) == [0, 0.5, 1, 1.5, 2, 2.5]


@pytest.mark.parametrize("sampling", ["exact", "keyframe"])
def test_a_frame_shows_its_own_time(tmp_path, make_video, sampling):
    path = make_video(tmp_path / "a.mp4", secs=8, fps=5)
    for frame in sample_frames(path, SamplingOptions(2, sampling)):
        assert frame.image.dtype == np.uint8
        assert frame.image.shape == (48, 64, 3)
        assert abs(frame.image[-10:, -10:].mean() - frame.time_secs * 5 * 4) < 3


@pytest.mark.parametrize("sampling", ["exact", "keyframe"])
@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_nothing(tmp_path, numbered, threads, sampling):
    path = numbered(tmp_path / "a.mp4", count=60, g="7", **FIXED)
    options = SamplingOptions(0.3, sampling)
    expected = [frame.image.tobytes() for frame in sample_frames(path, options)]
    assert [frame.image.tobytes() for frame in sample_frames(path, options, threads)] == expected


@pytest.mark.parametrize("sampling", ["exact", "keyframe"])
def test_size_scales_down_only(tmp_path, make_video, sampling):
    path = make_video(tmp_path / "a.mp4", width=128, height=64, secs=1)
    assert next(sample_frames(path, SamplingOptions(1, sampling, size=32))).image.shape == (32, 64, 3)
    assert next(sample_frames(path, SamplingOptions(1, sampling, size=640))).image.shape == (64, 128, 3)


@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi", "ts", "mov"])
def test_every_container_is_sampled_from_its_own_beginning(tmp_path, make_video, ending):
    path = make_video(tmp_path / f"a.{ending}", secs=4, fps=10)
    assert times(path, 1)[:4] == pytest.approx([0, 1, 2, 3], abs=1e-3)


def test_the_tolerance_of_keyframes_is_half_the_distance_unless_told(tmp_path, numbered):
    path = numbered(tmp_path / "a.mp4", count=60, g="20", **FIXED)  # keyframes at 0, 0.8 and 1.6
    stats = SamplingStats()
    found = [one.time_secs for one in sample_frames(path, SamplingOptions(0.5, "keyframe"), stats=stats)]
    assert (found, stats.missed) == ([0, 0.8, 1.6], 2)  # 0.5 and 2.0
    options = SamplingOptions(0.5, "keyframe", keyframe_tolerance_secs=0)
    assert [one.time_secs for one in sample_frames(path, options, stats=stats)] == [0]
    assert stats.missed == 4


def test_exact_sampling_misses_nothing(tmp_path, numbered):
    stats = SamplingStats(missed=7)
    list(sample_frames(numbered(tmp_path / "a.mp4"), SamplingOptions(0.5), stats=stats))
    assert stats.missed == 0


def test_chapters_go_on_with_the_clock_of_their_recording(tmp_path, numbered, read_number):
    first, second = (numbered(tmp_path / f"{name}.mp4", count=60, g="20") for name in "ab")  # 2.4 s each
    asked = [0, 0.7, 1.4, 2.1, 2.8, 3.5, 4.2]
    found = [frame.time_secs for frame in sample_frames(first, SamplingOptions(0.7))]
    found += [2.4 + frame.time_secs for frame in sample_frames(second, SamplingOptions(0.7), offset_secs=2.4)]
    assert found == pytest.approx([int(time * 25 + 1e-6) / 25 for time in asked])


@pytest.mark.parametrize("sampling", ["exact", "keyframe"])
def test_a_cut_video_is_named_after_the_frames_it_has(tmp_path, make_video, sampling):
    path = make_video(tmp_path / "a.mp4", secs=8, fps=5, movflags="faststart")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.7)])
    found = []
    with pytest.raises(VideoError, match=r"truncated: the pictures end at \d\.\d+ s of 8.000 s"):
        found.extend(frame.time_secs for frame in sample_frames(path, SamplingOptions(1, sampling)))


@pytest.mark.parametrize("sampling", ["exact", "keyframe"])
def test_frames_before_the_cut_are_given(tmp_path, numbered, sampling):
    path = numbered(tmp_path / "a.mp4", count=300, fps=5, g="5", muxer={"movflags": "faststart"}, **FIXED)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    found = []
    with pytest.raises(VideoError, match=r"truncated: the pictures end at \d\d\.\d+ s of 60.000 s"):
        for frame in sample_frames(path, SamplingOptions(5, sampling)):
            found.append(frame.time_secs)
    assert found[:4] == [0, 5, 10, 15]


@pytest.mark.parametrize("sampling", ["exact", "keyframe"])
def test_a_cut_matroska_video_is_truncated(tmp_path, make_video, sampling):
    path = make_video(tmp_path / "a.mkv", secs=8, fps=5)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.8)])
    with pytest.raises(VideoError, match="truncated: the pictures end at"):
        times(path, 1, sampling=sampling)


@pytest.mark.parametrize("sampling", ["exact", "keyframe"])
def test_a_video_shorter_than_declared_is_truncated(tmp_path, numbered, sampling):
    path = numbered(tmp_path / "a.mp4", count=20, fps=5, g="5", **FIXED)
    assert times(path, 1, declared_secs=4.9, sampling=sampling) == [0, 1, 2, 3]
    with pytest.raises(VideoError, match=r"truncated: the pictures end at 4\.000 s of 9\.000 s"):
        times(path, 1, declared_secs=9, sampling=sampling)


def test_frames_that_are_too_large_are_refused(tmp_path, make_video):
    with pytest.raises(VideoError, match="too large: 64x48"):
        times(make_video(tmp_path / "a.mp4", secs=1), 1, max_pixels=3000)


def test_nothing_is_left_open_by_who_stops_early(tmp_path, numbered):
    frames = sample_frames(numbered(tmp_path / "a.mp4", count=200, g="5"), SamplingOptions(0.1), threads=2)
    next(frames)
    frames.close()
    with pytest.raises(StopIteration):
        next(frames)
