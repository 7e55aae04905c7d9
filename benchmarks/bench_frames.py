"""Frames of a five-minute 720p video, one every four seconds: exact and keyframe sampling against ffmpeg's two ways.

    pytest benchmarks/bench_frames.py -s

ffmpeg is given its cheapest output, raw RGB that nobody keeps; `graphcore` gives the same RGB as arrays. The ways of a
round run one after the other, so that a ratio compares neighbours in time; ffmpeg runs a process on each core, or one
on all. Without ffmpeg on the PATH only our own times are measured.
"""

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from benchmarks.measuring import note_goal, time_beside
from graphcore.sources.frames.sample import SamplingOptions, SamplingStats, sample_frames

SECS, FPS, EVERY_SECS = 300, 30, 4
SCENE_SECS = 30
"""As much is drawn and encoded; the video is that ten times over."""
WIDTH, HEIGHT = 1280, 720
ROUNDS = 2
KEYFRAME_TURNS = 3
"""Keyframe sampling is over so soon that a round of it is several."""
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
FFMPEG = shutil.which("ffmpeg")


@pytest.fixture(scope="module", params=[250, 50], ids=["keyint=250", "keyint=50"])
def video(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(f"keyint{request.param}")
    _encode(folder / "scene.mp4", request.param)
    path = folder / f"{request.param}.mp4"
    _repeat(folder / "scene.mp4", path, SECS // SCENE_SECS)
    return path


def _encode(path: Path, keyint: int) -> None:
    """x264 with its defaults: a camera that moves over a still life in which some things move."""
    random = np.random.default_rng(0)
    scenery = _draw_scenery(random, 2 * WIDTH, 2 * HEIGHT)
    things = [_draw_scenery(random, 200, 160) for _ in range(4)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"g": str(keyint)})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(SCENE_SECS * FPS):
            left = int(WIDTH * (0.5 + 0.4 * np.sin(number / 150)))
            top = int(HEIGHT * (0.5 + 0.4 * np.cos(number / 190)))
            image = scenery[top : top + HEIGHT, left : left + WIDTH].copy()
            for index, thing in enumerate(things):
                x = int((WIDTH - 200) * (0.5 + 0.5 * np.sin(number / (40 + 9 * index) + index)))
                y = int((HEIGHT - 160) * (0.5 + 0.5 * np.cos(number / (53 + 7 * index) + 2 * index)))
                image[y : y + 160, x : x + 200] = thing
            noise = random.integers(-2, 3, (HEIGHT, WIDTH, 1), np.int8)  # of the sensor
            frame = np.clip(image.astype(np.int16) + noise, 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        container.mux(stream.encode())


def _draw_scenery(random: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Colours whose detail fades as it gets finer, as it does in photos."""
    image = np.zeros((height, width, 3))
    for cell in (256, 64, 16, 4):
        coarse = random.integers(0, 256, (height // cell + 2, width // cell + 2, 3), np.uint8)
        image += np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)) * cell**0.5
    return (image / image.max() * 255).astype(np.uint8)


def _repeat(scene: Path, path: Path, times: int) -> None:
    with av.open(str(path), "w") as output:
        stream = None
        for turn in range(times):
            with av.open(str(scene)) as container:
                source = container.streams.video[0]
                stream = stream or output.add_stream_from_template(source)
                later = int(turn * SCENE_SECS / source.time_base)
                for packet in container.demux(source):
                    if packet.dts is not None:
                        packet.pts, packet.dts, packet.stream = packet.pts + later, packet.dts + later, stream
                        output.mux(packet)


def _run_ffmpeg(video: Path, before: list[str], after: list[str]) -> None:
    raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-y", "/dev/null"]
    subprocess.run([str(FFMPEG), "-v", "error", *before, "-i", str(video), *after, *raw], check=True)


def _one_process_a_frame(video: Path) -> None:
    with ThreadPoolExecutor(CORES) as pool:
        seeks = [["-ss", str(asked)] for asked in range(0, SECS, EVERY_SECS)]
        list(pool.map(lambda seek: _run_ffmpeg(video, seek, ["-frames:v", "1"]), seeks))


def _one_pass(video: Path) -> None:
    _run_ffmpeg(video, [], ["-vf", f"fps=1/{EVERY_SECS}"])


def _sample(video: Path, sampling: str) -> int:
    options = SamplingOptions(EVERY_SECS, sampling)
    return sum(1 for _ in sample_frames(video, options, stats=SamplingStats()))


def test_frames(benchmark, video):
    """All ways in each round: keyframe sampling takes so little that the rounds of exact sampling serve it too."""
    frames = {sampling: _sample(video, sampling) for sampling in ("exact", "keyframe")}  # the file is in memory now
    theirs = {"one process a frame": _one_process_a_frame, "one pass": _one_pass} if FFMPEG else {}
    ways = {name: partial(way, video) for name, way in theirs.items()}
    ways[f"keyframe, {KEYFRAME_TURNS} times"] = lambda: [_sample(video, "keyframe") for _ in range(KEYFRAME_TURNS)]
    beside = time_beside(benchmark, partial(_sample, video, "exact"), ways, ROUNDS, warmup_rounds=0)
    benchmark.extra_info["frames"] = frames
    if FFMPEG:
        every = f"keyframe every {video.stem} frames"
        # For each frame: where keyframes are far apart, keyframe sampling gives fewer.
        theirs_secs = beside.seconds["one process a frame"] / len(range(0, SECS, EVERY_SECS))
        keyframe_secs = beside.seconds[f"keyframe, {KEYFRAME_TURNS} times"] / KEYFRAME_TURNS / frames["keyframe"]
        keyframe = theirs_secs / keyframe_secs
        # The better of the two is the one that ours beats by less, each ratio being the median over the rounds.
        exact = min(beside.ratios[name] for name in theirs)
        note_goal(benchmark, 4, f"keyframe sampling against an ffmpeg process a frame, {every}", keyframe, 15)
        note_goal(benchmark, 4, f"exact sampling against the better of ffmpeg's ways, {every}", exact, 1.3)
