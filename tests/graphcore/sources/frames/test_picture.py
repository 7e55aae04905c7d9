from __future__ import annotations

import av
import numpy as np
import pytest

from graphcore.sources.frames.picture import PictureMaker


def decode_first(path):
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


def test_size_scales_down_only(tmp_path, make_video):
    frame = decode_first(make_video(tmp_path / "a.mp4", width=128, height=64, secs=1))
    for size, shape in ((32, (32, 64, 3)), (640, (64, 128, 3)), (None, (64, 128, 3))):
        image = PictureMaker(size).make(frame)
        assert image.shape == shape
        assert image.dtype == np.uint8
        assert image.flags.c_contiguous


@pytest.mark.parametrize(("rotation", "corner"), [(0, (0, 0)), (90, (1, 0)), (180, (1, 1)), (-90, (0, 1))])
def test_rotation_of_telephones_is_applied(tmp_path, make_video, rotation, corner):
    frame = decode_first(make_video(tmp_path / "a.mp4", secs=1, width=64, height=48, rotation=rotation))
    image = PictureMaker(None).make(frame).astype(int)
    height, width = image.shape[:2]
    assert (width, height) == ((48, 64) if rotation in (90, -90) else (64, 48))
    redness = image[..., 0] - image[..., 1]
    quarters = {
        (row, column): redness[row * height // 2 :, column * width // 2 :][: height // 2, : width // 2].mean()
        for row in (0, 1)
        for column in (0, 1)
    }
    assert max(quarters, key=lambda quarter: quarters[quarter]) == corner


def test_a_picture_does_not_change_when_the_next_is_made(tmp_path, make_video):
    with av.open(str(make_video(tmp_path / "a.mp4", secs=2))) as container:
        frames = list(container.decode(video=0))
    maker = PictureMaker(None)
    images = [maker.make(frame) for frame in frames]
    assert [round(image[-10:, -10:].mean() / 4) for image in images] == list(range(10))


def test_4k_never_becomes_a_full_array(tmp_path, make_video, monkeypatch):
    frame = decode_first(make_video(tmp_path / "a.mp4", width=3840, height=2160, secs=1, fps=1, preset="ultrafast"))
    maker, made = PictureMaker(224), []

    class Scaler:
        def __init__(self, scaler):
            self.scaler = scaler

        def reformat(self, *args, **options):
            made.append(self.scaler.reformat(*args, **options))
            return made[-1]

    monkeypatch.setattr(maker, "_scaler", Scaler(maker._scaler))
    monkeypatch.setattr(av.filter, "Graph", None)
    image = maker.make(frame)
    assert frame.format.name == "yuv420p"
    assert [(one.format.name, one.width, one.height) for one in made] == [("rgb24", 398, 224)]
    assert image.shape == (224, 398, 3)


def draw_two_moments(number):
    """White in the even lines and black in the odd: something bright was there in one of two moments."""
    image = np.full((64, 96, 3), 40, np.uint8)
    image[::2] = 200
    return image


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p10le"])
def test_interlaced_frames_keep_one_moment(tmp_path, numbered, pix_fmt):
    options = {"flags": "+ildct+ilme", "x264-params": "interlaced=1:tff=1"}
    path = numbered(tmp_path / "a.mp4", count=2, draw=draw_two_moments, pix_fmt=pix_fmt, crf="1", **options)
    frame = decode_first(path)
    assert frame.interlaced_frame
    combed = frame.to_ndarray(format="rgb24").astype(int)
    assert np.abs(np.diff(combed[8:-8].mean(-1), axis=0)).mean() > 100
    image = PictureMaker(None).make(frame).astype(int)
    assert image.shape == combed.shape
    assert np.abs(np.diff(image[8:-8].mean(-1), axis=0)).mean() < 10
    assert min(abs(image.mean() - moment) for moment in (40, 200)) < 10


def test_an_interlaced_frame_is_turned_upright_too(tmp_path, make_video):
    options = {"flags": "+ildct+ilme", "x264-params": "interlaced=1:tff=1"}
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=5, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.set_display_rotation(90)
        image = np.full((48, 64, 3), 90, np.uint8)
        container.mux([*stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")), *stream.encode(None)])
    frame = decode_first(path)
    assert frame.interlaced_frame
    assert PictureMaker(None).make(frame).shape == (64, 48, 3)


def test_ten_bits_become_eight(tmp_path, numbered):
    frame = decode_first(numbered(tmp_path / "a.mp4", count=1, pix_fmt="yuv420p10le"))
    assert frame.format.name == "yuv420p10le"
    image = PictureMaker(None).make(frame)
    assert image.dtype == np.uint8
    assert image[40, -1].tolist() == pytest.approx([96, 96, 96], abs=4)
