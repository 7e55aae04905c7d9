from __future__ import annotations

import av
import numpy as np
import pytest
from upath import UPath

from graphcore.sources.errors import VideoError
from graphcore.sources.frames.container import open_video


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
    with pytest.raises(VideoError, match="unreadable"), open_video(path):
        pass


def test_a_video_without_its_index_is_unreadable(tmp_path, make_video):
    path = make_video(tmp_path / "a.mp4")
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(VideoError, match="unreadable: Invalid data"), open_video(path):
        pass


def test_a_missing_video_cannot_be_read(tmp_path):
    with pytest.raises(VideoError, match="cannot be read: No such file"), open_video(tmp_path / "a.mp4"):
        pass


def test_sound_alone_holds_no_pictures(tmp_path):
    path = tmp_path / "a.m4a"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.float32), format="fltp", layout="mono")
        sound.sample_rate = 8000
        container.mux([*stream.encode(sound), *stream.encode(None)])
    with pytest.raises(VideoError, match="unreadable: it holds no pictures"), open_video(path):
        pass


def test_a_transport_stream_counts_from_its_own_beginning(tmp_path, make_video):
    with open_video(make_video(tmp_path / "a.ts", fps=5)) as video:
        assert video.start_secs > 0
        first = next(packet for packet in video.container.demux(video.stream) if packet.is_keyframe)
        assert video.tell_time(first.pts) == 0.0
        assert video.tell_ticks(0.0) == first.pts
        assert video.has_field_packets
        assert not video.is_indexed


@pytest.mark.parametrize(("ending", "is_indexed"), [("mp4", True), ("mkv", True), ("avi", False)])
def test_what_a_format_is_trusted_with(tmp_path, make_video, ending, is_indexed):
    with open_video(make_video(tmp_path / f"a.{ending}")) as video:
        assert video.is_indexed is is_indexed
        assert not video.has_field_packets


@pytest.mark.parametrize(("b_frames", "has_times"), [("0", True), ("2", False)])
def test_avi_has_no_times_where_frames_are_reordered(tmp_path, numbered, b_frames, has_times):
    path = numbered(tmp_path / "a.avi", bf=b_frames, **{"x264-params": "b-adapt=0"})
    with open_video(path) as video:
        assert video.has_times is has_times


def test_a_video_in_an_object_store_is_opened(tmp_path, make_video):
    remote = UPath("memory://videos/a.mp4")
    remote.write_bytes(make_video(tmp_path / "a.mp4", width=64).read_bytes())
    with open_video(remote) as video:
        assert video.stream.codec_context.width == 64
    with pytest.raises(VideoError, match="cannot be read"), open_video(UPath("memory://videos/b.mp4")):
        pass
