"""Short videos of a drawn suture scene with their segments: annotated video to try everything on, without any
outside data.

    draw_suture_scenes(Path("data/samples/suture_scenes"), scenes=12, scene_secs=40, width=192, height=144,
    fps=5, seed=0)

makes `1.mp4` ... and `annotations.json` in the shape any annotated video has. Each video is a pure function
of the seed and its own number.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from graphcore import console
from graphcore.errors import ConfigError
from graphcore.sources.samples.ledger import open_ledger
from graphcore.sources.samples.pool import draw_all
from graphcore.sources.samples.scene_script import SUTURING
from graphcore.sources.samples.scene_video import DRAWING_VERSION, draw_frames, encode_video, plan_scene

ANNOTATIONS = "annotations.json"


def draw_suture_scenes(
    folder: Path, scenes: int, scene_secs: float, width: int, height: int, fps: int, seed: int
) -> tuple[Path, Path]:
    """Draws videos and their annotations; returns at once where they are drawn already.

    A drawing that was cut short is continued. A folder drawn with other parameters is drawn anew.

    Args:
        folder: where videos and annotations go.
        scenes: number of videos.
        scene_secs: length of each in seconds.
        width: of the picture in pixels; even, as H.264 wants it.
        height: of the picture in pixels; even.
        fps: frames a second.
        seed: decides every pixel and every segment.

    Returns:
        The folder of the videos and the file of the annotations.

    Raises:
        ConfigError: a number out of range.
        DatasetError: the folder holds files that were not drawn here.
    """
    _check(scenes, scene_secs, width, height, fps, seed)
    folder = Path(folder)
    shape = {"width": width, "height": height, "fps": fps, "scene_secs": scene_secs}
    about = {"samples": "suture_scenes", "version": DRAWING_VERSION, "seed": seed, "scenes": scenes}
    ledger = open_ledger(folder, {**about, **shape})
    missing = [number for number in range(1, scenes + 1) if not ledger.is_finished(str(number))]
    if missing:
        with console.progress("drawing suture scenes", total=len(missing), unit="videos") as advance:
            units = [(number, scene_secs, width, height, fps, seed) for number in missing]
            for (number, *_), data in draw_all(draw_video, units):
                ledger.write_unit(str(number), {f"{number}.mp4": data})
                advance()
    if not ledger.is_finished("annotations"):
        annotations = annotate(scenes, scene_secs, width, height, fps, seed)
        data = json.dumps(annotations, indent=1).encode() + b"\n"
        ledger.write_unit("annotations", {ANNOTATIONS: data})
    return folder, folder / ANNOTATIONS


def annotate(scenes: int, scene_secs: float, width: int, height: int, fps: int, seed: int) -> list[dict[str, Any]]:
    """The segments of all videos, in the shape of an annotation file."""
    duration_secs = _duration(scene_secs, fps)
    return [
        {
            "videoId": number,
            "durationSeconds": duration_secs,
            "annotations": [
                {"label": SUTURING, "startSeconds": start, "endSeconds": end}
                for start, end in plan_scene(number - 1, duration_secs, width / height, seed).script.segments
            ],
        }
        for number in range(1, scenes + 1)
    ]


def draw_video(number: int, scene_secs: float, width: int, height: int, fps: int, seed: int) -> bytes:
    """Draws video `number`, counted from 1, as an MP4 file."""
    duration_secs = _duration(scene_secs, fps)
    scene = plan_scene(number - 1, duration_secs, width / height, seed)
    return encode_video(draw_frames(scene, duration_secs, width, height, fps), width, height, fps)


def _duration(scene_secs: float, fps: int) -> float:
    """The length that whole frames give: no segment ends beyond its video."""
    return round(max(1, round(scene_secs * fps)) / fps, 3)


def _check(scenes: int, scene_secs: float, width: int, height: int, fps: int, seed: int) -> None:
    numbers = {"scenes": (scenes, 1, 10_000), "scene_secs": (scene_secs, 1, 3600), "fps": (fps, 1, 60)}
    sizes = {"drawn_width": (width, 32, 1920), "drawn_height": (height, 32, 1080), "seed": (seed, 0, 2**63)}
    for name, (value, low, high) in {**numbers, **sizes}.items():
        if not low <= value <= high:
            raise ConfigError(f"dataset.{name}={value} is not between {low} and {high}.")
    for name, value in (("drawn_width", width), ("drawn_height", height)):
        if value % 2:
            raise ConfigError(
                f"dataset.{name}={value} is odd, which H.264 cannot store.", next_step=f"Use {value + 1}."
            )
