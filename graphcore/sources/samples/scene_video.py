"""One scene from first frame to last: look, wound and script become pictures, pictures an H.264 file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import av
import numpy as np
from PIL import Image, ImageFilter

from graphcore.sources.samples.scene_actions import DRAWINGS, Ground, Moment, wobble
from graphcore.sources.samples.scene_canvas import Camera, Canvas
from graphcore.sources.samples.scene_looks import Look, choose_look
from graphcore.sources.samples.scene_script import STITCH, Action, Script, action_at, plan_script
from graphcore.sources.samples.scene_stitching import draw_stitching, phase_at, plan_bite
from graphcore.sources.samples.scene_tissue import Wound, choose_wound, draw_wound, light_map, make_texture

DRAWING_VERSION = 1
"""Part of what decides the bytes: raise it when the same parameters draw other scenes."""

_SAME_BYTES = "mbtree=0:rc-lookahead=0:sync-lookahead=0:bframes=0"
"""x264 (in PyAV 18.1) gave up to six different files for the same frames, one thread or not, when it looked
ahead for B-frames and macroblock trees; bframes=0 alone still gave two. Without any look-ahead 48 of 48 were
the same."""


@dataclass(frozen=True)
class Scene:
    """All that is decided about a scene before its frames are drawn.

    Attributes:
        earlier: stitches that are there from the beginning.
    """

    look: Look
    wound: Wound
    script: Script
    earlier: int
    seed: tuple[int, ...]


def plan_scene(index: int, duration_secs: float, aspect: float, seed: int) -> Scene:
    """Plans scene number `index`, a pure function of its arguments."""
    key = (seed, DRAWING_VERSION, index)
    rng = np.random.default_rng([*key, 1])
    script = plan_script(duration_secs, rng)
    earlier = int(rng.integers(0, 3))
    return Scene(choose_look(index, seed), choose_wound(rng, aspect, earlier + script.stitches), script, earlier, key)


def draw_frames(scene: Scene, duration_secs: float, width: int, height: int, fps: int) -> Iterator[np.ndarray]:
    """Draws the frames of a scene, the first at 0 s.

    Yields:
        uint8 [height, width, 3] pictures.
    """
    rng = np.random.default_rng([*scene.seed, 2])
    texture = make_texture(scene.look, width, height, rng)
    light = light_map(scene.look, width, height)
    for number in range(max(1, round(duration_secs * fps))):
        time_secs = number / fps
        canvas = Canvas(width, height, _camera_at(scene, time_secs), scene.look.shadow)
        _draw_action(canvas, scene, time_secs, width / height)
        yield _expose(canvas.paint(texture), light, scene.look, rng)


def encode_video(frames: Iterator[np.ndarray], width: int, height: int, fps: int) -> bytes:
    """Encodes frames as an H.264 MP4 file: the same bytes for the same frames."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        options = {
            "preset": "veryfast",
            "crf": "21",
            "threads": "1",
            "g": str(fps * 4),
            "x264-params": _SAME_BYTES,
        }
        stream = container.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for picture in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return file.getvalue()


def _draw_action(canvas: Canvas, scene: Scene, time_secs: float, aspect: float) -> None:
    action = action_at(scene.script, time_secs)
    done = (time_secs - action.start) / (action.end - action.start)
    site = _site(scene, action)
    closed = dict.fromkeys(range(min(scene.earlier + action.site, len(scene.wound.sites))), 1.0)
    if action.kind == STITCH:
        phase, share = phase_at(done)
        closed = {number: full for number, full in closed.items() if number != site}
        closed[site] = 0.9 * share if phase == "tie" else 0.0
    draw_wound(canvas, scene.wound, scene.look, closed)
    rng = np.random.default_rng(action.seed)
    hand = scene.look.hand_angle + rng.uniform(-0.25, 0.25)
    helper = np.pi - scene.look.hand_angle + rng.uniform(-0.3, 0.3)
    tremor = wobble(time_secs, action.seed, 0.012)
    if action.kind == STITCH:
        draw_stitching(canvas, plan_bite(scene.wound, site, hand, helper), done, scene.look, tremor)
    else:
        ground = Ground(scene.look, scene.wound, max(0, site - 1))
        moment = Moment(action, time_secs, done, hand, helper, tremor, rng, aspect)
        DRAWINGS[action.kind](canvas, ground, moment)


def _site(scene: Scene, action: Action) -> int:
    return (scene.earlier + action.site) % len(scene.wound.sites)


def _camera_at(scene: Scene, time_secs: float) -> Camera:
    look, phase = scene.look, scene.seed[-1]
    slow = 2 * np.pi * time_secs / 17 + phase
    shift = look.pan * np.array([np.sin(slow), np.cos(0.7 * slow)]) + wobble(time_secs, phase, look.shake)
    zoom = look.zoom[0] + look.zoom[1] * np.sin(0.6 * slow)
    return Camera((float(shift[0]), float(shift[1])), float(look.turn * np.sin(0.8 * slow)), float(zoom))


def _expose(picture: Image.Image, light: np.ndarray, look: Look, rng: np.random.Generator) -> np.ndarray:
    """Light, its flicker, the lens and the sensor's noise."""
    if look.blur:
        picture = picture.filter(ImageFilter.BoxBlur(look.blur))
    frame = np.asarray(picture, np.float32) * (light * np.float32(1 + look.flicker * rng.normal()))
    frame += rng.standard_normal(frame.shape[:2], np.float32)[..., None] * np.float32(look.noise)
    return np.clip(frame, 0, 255).astype(np.uint8)
