from __future__ import annotations

import pytest

from graphcore.sources.errors import VideoError
from graphcore.sources.frames.probe import VideoInfo, check_end, check_frame_size, probe_video


def test_probe_reads_the_header(tmp_path, make_video):
    info = probe_video(make_video(tmp_path / "a.mp4", secs=3, fps=5, width=64, height=48))
    assert info == VideoInfo(64, 48, 3.0, False, 0.2)


@pytest.mark.parametrize(("ending", "is_measured"), [("mkv", False), ("mov", False), ("ts", True), ("avi", True)])
def test_some_containers_measure_how_long_they_are(tmp_path, make_video, ending, is_measured):
    info = probe_video(make_video(tmp_path / f"a.{ending}", secs=3, fps=5))
    assert info.is_measured is is_measured
    assert info.duration_secs == pytest.approx(3, abs=0.21)


@pytest.mark.parametrize(("end_secs", "declared_secs"), [(9.0, None), (9.0, 9.5), (12.0, None)])
def test_an_end_near_the_announced_one_is_fine(end_secs, declared_secs):
    check_end(VideoInfo(64, 48, 10.0, False, 0.04), end_secs, declared_secs)


@pytest.mark.parametrize(("told", "declared_secs"), [(10.0, None), (None, 10.0), (8.0, 10.0)])
def test_an_early_end_is_a_truncated_video(told, declared_secs):
    with pytest.raises(VideoError, match=r"truncated: the pictures end at 8\.900 s of 10\.000 s"):
        check_end(VideoInfo(64, 48, told, False, 0.04), 8.9, declared_secs)


def test_an_unknown_length_is_no_promise():
    check_end(VideoInfo(64, 48, None, False, 0.04), 1.0, None)


def test_frames_that_are_too_large_are_refused():
    check_frame_size(VideoInfo(64, 48, None, False, 0.04), 64 * 48)
    with pytest.raises(VideoError, match="too large: 64x48"):
        check_frame_size(VideoInfo(64, 48, None, False, 0.04), 64 * 48 - 1)
