import io
import os
from datetime import datetime, timezone
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcore.storage import files, to_path
from graphcore.storage.files import describe, open_binary, open_media, read_bytes, read_stamp

FRAMES, RATE = 60, 10


def put(address, data):
    path: Any = to_path(address, "dataset.dir")
    path.fs.pipe_file(path.path, data)
    return path


@pytest.fixture(scope="session")
def video():
    """6 s whose frames grow brighter; its index lies behind the frames, as it does unless somebody asks otherwise."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.options = {"crf": "1", "g": "10"}
        noise = np.random.default_rng(0).integers(0, 40, (120, 160, 3), np.uint8)
        for number in range(FRAMES):
            image = np.roll(noise, number, axis=0) + np.uint8(number * 3)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return buffer.getvalue()


def test_a_file_is_read_whole_wherever_it_lies(store, tmp_path):
    (tmp_path / "a").write_bytes(b"local")
    assert read_bytes(tmp_path / "a") == b"local"
    assert read_bytes(put(f"{store}/a", b"remote")) == b"remote"


def test_reading_in_pieces_needs_no_more_than_was_asked_for(store, monkeypatch):
    monkeypatch.setattr(files, "_PIECE_BYTES", 8)
    path = put(f"{store}/a", bytes(range(20)))
    with open_binary(path) as file:
        assert file.read(3) == bytes([0, 1, 2])
        assert file.seek(-2, os.SEEK_END) == 18
        assert file.read() == bytes([18, 19])
        assert file.read(5) == b""
    with open_binary(str(path)) as file:
        assert file.read() == bytes(range(20))


@pytest.mark.parametrize("size", [0, 8, 16])
def test_a_file_that_ends_with_a_piece_is_read_to_its_end(size, store, monkeypatch):
    monkeypatch.setattr(files, "_PIECE_BYTES", 8)
    with open_binary(put(f"{store}/a", b"x" * size)) as file:
        assert file.read() == b"x" * size


@pytest.mark.parametrize(("size", "requests"), [(1, 1), (20, 3), (16, 3)])
def test_all_of_a_file_takes_as_few_requests_as_it_has_pieces(size, requests, store, monkeypatch):
    monkeypatch.setattr(files, "_PIECE_BYTES", 8)
    path = put(f"{store}/a", bytes(range(size)))
    asked, real = [], type(path.fs).cat_file

    def note(*arguments, **options):
        asked.append(options)
        return real(path.fs, *arguments, **options)

    monkeypatch.setattr(path.fs, "cat_file", note)
    with open_binary(path) as file:
        assert file.read() == bytes(range(size))
    assert len(asked) == requests


@given(data=st.binary(max_size=40), steps=st.lists(st.tuples(st.integers(0, 45), st.integers(0, 12)), max_size=8))
def test_pieces_are_those_of_the_whole(data, steps):
    expected = io.BytesIO(data)
    with io.BufferedReader(files._Pieces(put("memory://law/a", data)), 4) as file:
        for position, count in steps:
            assert file.seek(position) == expected.seek(position)
            assert file.read(count) == expected.read(count)


def test_a_local_file_opens_by_its_name(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    with open_binary(str(tmp_path / "a")) as file:
        assert file.read() == b"abc"


def test_a_remote_file_that_vanished_says_so_when_it_is_read(store):
    with open_binary(to_path(f"{store}/gone", "dataset.dir")) as file:
        with pytest.raises(FileNotFoundError, match="gone"):
            file.read(1)


def test_a_file_is_described_by_its_size_and_time(store, tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    state = (tmp_path / "a").stat()
    assert describe(tmp_path / "a") == (3, state.st_mtime_ns, state.st_ctime_ns)
    size_bytes, mtime_ns, _ = describe(put(f"{store}/a", b"abcd"))
    assert size_bytes == 4
    assert mtime_ns > 1_500_000_000 * 10**9


def test_another_content_of_the_same_size_has_another_mark(bucket):
    first, second = (describe(put(f"{bucket}/a", data)) for data in (b"abc", b"abd"))
    assert 0 < first.mark < 2**63
    assert first.mark != second.mark
    assert describe(put(f"{bucket}/a", b"abc")).mark == first.mark


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ({"LastModified": datetime(2024, 1, 1, 0, 0, 0, 250_000, timezone.utc)}, 1_704_067_200_250_000_000),
        ({"updated": "2024-01-01T00:00:00.250Z"}, 1_704_067_200_250_000_000),
        ({"created": 1_704_067_200.25}, 1_704_067_200_250_000_000),
        ({"mtime": None}, 0),
        ({}, 0),
    ],
)
def test_times_are_read_as_each_store_tells_them(info, expected):
    assert read_stamp({"size": 3, **info}) == (3, expected, 0)


def test_a_decoder_takes_a_local_video_by_its_absolute_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert open_media(tmp_path.joinpath("a.mp4").relative_to(tmp_path)) == str(tmp_path / "a.mp4")


@pytest.mark.parametrize("block_bytes", [2**12, 2**22])
def test_a_decoder_opens_and_seeks_a_remote_video(block_bytes, store, video, monkeypatch):
    monkeypatch.setattr(files, "_MEDIA_BLOCK_BYTES", block_bytes)
    path = put(f"{store}/a.mp4", video)
    options = {"protocol_whitelist": "file", "format_whitelist": "mov,mp4"}
    with open_media(path) as file, av.open(file, options=options) as container:  # type: ignore[union-attr]
        stream = container.streams.video[0]
        assert stream.frames == FRAMES
        for second in (4, 1, 5, 0):
            container.seek(int(second / stream.time_base), stream=stream)
            frame = next(container.decode(stream))
            assert frame.time == second
            brightness = frame.to_ndarray(format="rgb24").mean()
            assert abs(brightness - (19.5 + second * RATE * 3)) < 3
        container.seek(0)
        assert sum(1 for _ in container.decode(stream)) == FRAMES


def test_two_decoders_of_one_video_do_not_disturb_each_other(store, video):
    path = put(f"{store}/a.mp4", video)
    with open_media(path) as one, open_media(path) as two:  # type: ignore[union-attr]
        with av.open(one) as first, av.open(two) as second:
            pairs = zip(first.decode(video=0), second.decode(video=0), strict=True)
            assert all(left.pts == right.pts for left, right in pairs)
