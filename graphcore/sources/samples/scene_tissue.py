"""The ground of a scene: tissue with grain, vessels and wet highlights, the wound in it, the light on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from graphcore.sources.samples.scene_canvas import TEXTURE_MARGIN, Canvas
from graphcore.sources.samples.scene_looks import Look, shade

_TEXTURE_SCALE = 1.5


@dataclass(frozen=True)
class Wound:
    """A cut in the tissue, from one end to the other along a slight bow.

    Attributes:
        start, end, bow: its ends and how far its middle lies off the straight line, in picture heights.
        gape: its greatest half-width in picture heights.
        sites: places of the stitches along it, from 0 to 1.
    """

    start: np.ndarray
    end: np.ndarray
    bow: float
    gape: float
    sites: tuple[float, ...]

    @property
    def along(self) -> np.ndarray:
        """The unit vector from start to end."""
        return (self.end - self.start) / np.linalg.norm(self.end - self.start)

    @property
    def across(self) -> np.ndarray:
        """The unit vector at right angles to the wound."""
        return np.array([-self.along[1], self.along[0]])

    def point(self, share: np.ndarray | float) -> np.ndarray:
        """The place at a share of the way along the wound, [2] or [n, 2]."""
        s = np.asarray(share, float)[..., None]
        return self.start + s * (self.end - self.start) + self.across * self.bow * 4 * s * (1 - s)


def choose_wound(rng: np.random.Generator, aspect: float, stitches: int) -> Wound:
    """A wound through the middle of a picture, with room for `stitches` (nine at most side by side)."""
    angle = rng.uniform(0, np.pi)
    half = rng.uniform(0.3, 0.42) * np.array([np.cos(angle), np.sin(angle)])
    middle = np.array([aspect / 2, 0.5]) + rng.uniform(-0.07, 0.07, 2)
    sites = np.linspace(0.1, 0.9, min(max(stitches, 4), 9))
    return Wound(
        middle - half,
        middle + half,
        float(rng.uniform(-0.06, 0.06)),
        float(rng.uniform(0.02, 0.05)),
        tuple(sites),
    )


def make_texture(look: Look, width: int, height: int, rng: np.random.Generator) -> Image.Image:
    """Paints the tissue once a video, larger than the picture by the camera's room on every side."""
    tall = round(height * _TEXTURE_SCALE * (1 + 2 * TEXTURE_MARGIN))
    wide = round((width / height + 2 * TEXTURE_MARGIN) * height * _TEXTURE_SCALE)
    mottle = _noise(wide, tall, 4, rng) * 0.5 + _noise(wide, tall, look.grain, rng) * 0.35
    mottle += _noise(wide, tall, look.grain * 4, rng) * 0.25
    share = np.clip(mottle, 0, 1)[..., None]
    surface = np.array(look.tissue) * (1 - share) + np.array(look.patches) * share
    surface += (_noise(wide, tall, tall // 3, rng)[..., None] - 0.5) * 26
    wet = np.clip(_noise(wide, tall, 40, rng) + 0.4 * mottle - 1.0, 0, 1)[..., None] * 4 * look.gloss
    surface += (235 - surface) * np.clip(wet, 0, 0.7)
    texture = Image.fromarray(np.clip(surface, 0, 255).astype(np.uint8))
    _add_vessels(texture, look, rng)
    if look.drape:
        _add_drape(texture, look.drape, height, rng)
    return texture


def draw_wound(canvas: Canvas, wound: Wound, look: Look, closed: dict[int, float]) -> None:
    """Draws the open wound, narrower where its stitches are closed, and the stitches.

    Args:
        closed: how far each stitch by number is tightened, 0 to 1.
    """
    share = np.linspace(0, 1, 25)
    gape = wound.gape * np.sin(np.pi * share) ** 0.6
    for site, tightened in closed.items():
        gape *= 1 - 0.85 * tightened * np.exp(-(((share - wound.sites[site]) / 0.09) ** 2))
    middle, side = wound.point(share), wound.across
    for grow, colour in (
        (0.018, shade(look.tissue, 1.18)),
        (0.007, look.wound),
        (0.0, shade(look.wound, 0.6)),
    ):
        width = (gape + grow)[:, None] * side
        canvas.polygon(np.concatenate([middle + width, (middle - width)[::-1]]), colour)
    for site, tightened in closed.items():
        if tightened >= 1:
            _draw_stitch(canvas, wound, look, site)


def _draw_stitch(canvas: Canvas, wound: Wound, look: Look, site: int) -> None:
    middle, reach = wound.point(wound.sites[site]), wound.across * 0.055
    canvas.line(np.array([middle - reach, middle + reach]), look.thread, look.thread_width)
    knot = middle + reach * 0.6
    tails = wound.along * 0.035
    canvas.line(
        np.array([knot - tails + reach * 0.4, knot, knot + tails + reach * 0.5]),
        look.thread,
        look.thread_width * 0.8,
    )
    canvas.disc(knot, look.thread_width * 0.9, shade(look.thread, 0.8))


def light_map(look: Look, width: int, height: int) -> np.ndarray:
    """How much light falls on each pixel: float32 [height, width, 3], about 0.3 to 1.2."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    distance = np.hypot((x / width - look.light[0]) * width / height, y / height - look.light[1])
    light = 1.12 - look.light_falloff * distance**1.5
    if look.port:
        rim = np.hypot(x - width / 2, y - height / 2) / (height * 0.68)
        light = light * np.clip((1 - rim) * 14, 0.02, 1)
    return (np.clip(light, 0.02, 1.3)[..., None] * np.array(look.exposure)).astype(np.float32)


def _noise(width: int, height: int, cells: int, rng: np.random.Generator) -> np.ndarray:
    """Smooth noise in 0 to 1 with about `cells` bumps from top to bottom."""
    across = max(2, round(cells * width / height))
    grid = Image.fromarray(rng.integers(0, 256, (max(2, cells), across), dtype=np.uint8))
    return np.asarray(grid.resize((width, height), Image.Resampling.BICUBIC), np.float32) / 255


def _add_vessels(texture: Image.Image, look: Look, rng: np.random.Generator) -> None:
    mask = Image.new("L", texture.size)
    draw = ImageDraw.Draw(mask)
    for _ in range(look.vessels):
        heading = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.3, 30))
        steps = np.stack([np.cos(heading), np.sin(heading)], 1) * texture.height / 25
        path = np.cumsum(steps, 0) + rng.uniform(0, 1, 2) * texture.size
        draw.line(
            path.ravel().tolist(),
            fill=int(rng.integers(60, 150)),
            width=int(rng.integers(2, 6)),
            joint="curve",
        )
    dark = tuple(int(c * 0.75) for c in look.wound)
    texture.paste(dark, (0, 0), mask.filter(ImageFilter.BoxBlur(1)))


def _add_drape(texture: Image.Image, colour: tuple[float, float, float], height: int, rng: np.random.Generator) -> None:
    """Cloth along one side of the field, in folds."""
    wide, tall = texture.size
    angle = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[0:tall, 0:wide].astype(np.float32)
    depth = (x - wide / 2) * np.cos(angle) + (y - tall / 2) * np.sin(angle)
    inside = depth - height * _TEXTURE_SCALE * rng.uniform(0.42, 0.55)
    folds = 0.85 + 0.25 * _noise(wide, tall, 6, rng) + 0.04 * np.sin(x * 0.9) * np.sin(y * 0.9)
    cloth = np.clip(np.array(colour) * folds[..., None] * np.clip(inside / 9 + 0.45, 0.3, 1)[..., None], 0, 255)
    texture.paste(Image.fromarray(cloth.astype(np.uint8)), (0, 0), Image.fromarray(np.uint8(inside > 0) * 255))
