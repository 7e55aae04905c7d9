"""One scene: frames of the right number and size, the same every time, a film others can read."""

from __future__ import annotations

import io

import av
import numpy as np

from graphcore.sources.samples.scene_video import draw_frames, encode_video, plan_scene


def _frames(index: int, seed: int = 0) -> np.ndarray:
    return np.array(list(draw_frames(plan_scene(index, 4.0, 4 / 3, seed), 4.0, 64, 48, 3)))


def test_frames_have_the_size_and_number_asked_for() -> None:
    frames = _frames(0)
    assert frames.shape == (12, 48, 64, 3)
    assert frames.dtype == np.uint8


def test_frames_are_decided_by_seed_and_number() -> None:
    np.testing.assert_array_equal(_frames(1), _frames(1))
    assert np.abs(_frames(1).astype(int) - _frames(1, seed=1)).mean() > 5
    assert np.abs(_frames(1).astype(int) - _frames(2)).mean() > 5


def test_something_moves_and_nothing_is_black() -> None:
    frames = _frames(0).astype(float)
    assert np.abs(np.diff(frames, axis=0)).mean() > 0.5
    assert frames.mean((1, 2, 3)).min() > 20


def test_every_kind_of_action_can_be_drawn() -> None:
    # Ten seconds of six scenes meet all of them; drawing must not fail on any.
    for index in range(6):
        scene = plan_scene(index, 40.0, 4 / 3, 0)
        assert sum(1 for _ in draw_frames(scene, 40.0, 32, 32, 1)) == 40


def test_film_is_h264_with_regular_times_and_reads_back() -> None:
    frames = _frames(0)
    data = encode_video(iter(frames), 64, 48, 3)
    with av.open(io.BytesIO(data)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        decoded = list(container.decode(video=0))
    assert [round(f.time, 3) for f in decoded if f.time is not None] == [round(n / 3, 3) for n in range(12)]
    assert np.abs(decoded[5].to_ndarray(format="rgb24").astype(float) - frames[5]).mean() < 12


def test_film_has_the_same_bytes_every_time() -> None:
    assert encode_video(iter(_frames(0)), 64, 48, 3) == encode_video(iter(_frames(0)), 64, 48, 3)
