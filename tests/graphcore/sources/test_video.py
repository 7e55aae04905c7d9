from __future__ import annotations

import numpy as np
import pytest

from graphcore.sources.errors import VideoError
from graphcore.sources.video import probe_video, sample_frames


def times(path, every_secs, **options):
    return [frame.time_secs for frame in sample_frames(path, every_secs, **options)]


def test_probe_reads_the_header(tmp_path, make_video):
    info = probe_video(make_video(tmp_path / "a.mp4", secs=3, fps=5, width=64, height=48))
    assert (info.width, info.height, info.duration_secs, info.frame_secs) == (64, 48, 3.0, 0.2)


@pytest.mark.parametrize(
    ("every_secs", "expected"),
    [
        (1, [0, 1, 2, 3]),
        (0.5, [0, 0.6, 1, 1.6, 2, 2.6, 3, 3.6]),
        (4, [0]),
        (1.5, [0, 1.6, 3]),
        (0.4, [n * 0.4 for n in range(10)]),
    ],
)
def test_the_first_frame_at_or_after_each_time_is_taken(tmp_path, make_video, every_secs, expected):
    path = make_video(tmp_path / "a.mp4", secs=4, fps=5)
    assert times(path, every_secs) == pytest.approx(expected)


def test_frames_further_apart_than_asked_are_taken_once(tmp_path, make_video):
    assert times(make_video(tmp_path / "a.mp4", secs=3, fps=2), 0.1) == [0, 0.5, 1, 1.5, 2, 2.5]


def test_a_frame_shows_its_own_time(tmp_path, make_video):
    path = make_video(tmp_path / "a.mp4", secs=8, fps=5)
    for frame in sample_frames(path, 2):
        assert frame.image.dtype == np.uint8
        assert frame.image.shape == (48, 64, 3)
        assert abs(frame.image[-10:, -10:].mean() - frame.time_secs * 5 * 4) < 3


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_change_nothing(tmp_path, make_video, threads):
    path = make_video(tmp_path / "a.mp4", secs=4, fps=10)
    expected = [frame.image.tobytes() for frame in sample_frames(path, 0.7, threads=0)]
    assert [frame.image.tobytes() for frame in sample_frames(path, 0.7, threads=threads)] == expected


def test_size_scales_down_only(tmp_path, make_video):
    path = make_video(tmp_path / "a.mp4", width=128, height=64, secs=1)
    assert next(sample_frames(path, 1, size=32)).image.shape == (32, 64, 3)
    assert next(sample_frames(path, 1, size=640)).image.shape == (64, 128, 3)


@pytest.mark.parametrize(("rotation", "corner"), [(0, (0, 0)), (90, (1, 0)), (180, (1, 1)), (-90, (0, 1))])
def test_rotation_of_telephones_is_applied(tmp_path, make_video, rotation, corner):
    path = make_video(tmp_path / "a.mp4", secs=1, width=64, height=48, rotation=rotation)
    image = next(sample_frames(path, 1)).image.astype(int)
    height, width = image.shape[:2]
    assert (width, height) == ((48, 64) if rotation in (90, -90) else (64, 48))
    redness = image[..., 0] - image[..., 1]
    quarters = {
        (row, column): redness[row * height // 2 :, column * width // 2 :][: height // 2, : width // 2].mean()
        for row in (0, 1)
        for column in (0, 1)
    }
    assert max(quarters, key=lambda quarter: quarters[quarter]) == corner


@pytest.mark.parametrize("ending", ["mp4", "mkv", "avi", "ts", "mov"])
def test_every_container_is_sampled_from_its_own_beginning(tmp_path, make_video, ending):
    found = times(make_video(tmp_path / f"a.{ending}", secs=4, fps=10), 1)
    assert found[:4] == pytest.approx([0, 1, 2, 3], abs=0.11)  # AVI has no presentation times: one frame late


def test_a_cut_video_is_named_after_the_frames_it_has(tmp_path, make_video):
    path = make_video(tmp_path / "a.mp4", secs=8, fps=5, movflags="faststart")
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.7)])
    found = []
    with pytest.raises(VideoError, match=r"truncated: the pictures end at \d\.\d+ s of 8.000 s|damaged"):
        found.extend(frame.time_secs for frame in sample_frames(path, 1))


def test_a_cut_matroska_video_is_truncated(tmp_path, make_video):
    path = make_video(tmp_path / "a.mkv", secs=8, fps=5)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * 0.8)])
    with pytest.raises(VideoError, match="truncated: the pictures end at"):
        times(path, 1)


def test_a_video_shorter_than_declared_is_truncated(tmp_path, make_video):
    path = make_video(tmp_path / "a.mp4", secs=4)
    assert times(path, 1, declared_secs=4.9) == [0, 1, 2, 3]
    with pytest.raises(VideoError, match=r"truncated: the pictures end at 4\.000 s of 9\.000 s"):
        times(path, 1, declared_secs=9)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no video at all",
        b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n",
        b"ffconcat version 1.0\nfile a.mp4\n",
    ],
)
@pytest.mark.parametrize("ending", ["mp4", "ts"])
def test_what_is_no_video_is_unreadable(tmp_path, data, ending):
    path = tmp_path / f"b.{ending}"
    path.write_bytes(data)
    with pytest.raises(VideoError, match="unreadable"):
        probe_video(path)


def test_a_video_without_its_index_is_unreadable(tmp_path, make_video):
    path = make_video(tmp_path / "a.mp4")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(VideoError, match="unreadable: Invalid data"):
        probe_video(path)


def test_a_missing_video_cannot_be_read(tmp_path):
    with pytest.raises(VideoError, match="cannot be read: No such file"):
        probe_video(tmp_path / "a.mp4")


def test_frames_that_are_too_large_are_refused(tmp_path, make_video):
    with pytest.raises(VideoError, match="too large: 64x48"):
        times(make_video(tmp_path / "a.mp4", secs=1), 1, max_pixels=3000)
