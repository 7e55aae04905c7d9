"""Colours the points of fractals: attractor points to RGB pictures over varied backgrounds.

What all pictures vary in on purpose - stroke, flips, rotation, size and place - is what a class must not be told by.
Its shape tells it, and so do, less surely, its colours and its background: with colours wholly at random (tried first,
on 200 classes) the network learned to be blind to colour, and its features could not tell a red photo from a green one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from graphcore.sources.samples.fractal_systems import System, perturb, rotations, walk

_BATCH = 16
"""Instances drawn together: their points fit the processor's cache."""

_FREE_LOOK = 0.2
"""Share of the pictures whose look is anybody's, so that shape alone must do as well."""

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


@dataclass(frozen=True)
class Look:
    """The colours a class tends to.

    Attributes:
        turns: int [3], how often red, green and blue swing along the palette.
        phase: float [3] in [0, 1), where they begin.
        base: float [3] in [0, 1], what they swing about.
        swing: float [3] in [0, 1], by how much.
        ground: float [3] in [0, 255], the colour of the background.
        grain: how many patches the background has along a side; 1 is plain.
        contrast: in [0, 1], how much the patches differ.
    """

    turns: np.ndarray
    phase: np.ndarray
    base: np.ndarray
    swing: np.ndarray
    ground: np.ndarray
    grain: float
    contrast: float


def choose_look(rng: np.random.Generator) -> Look:
    """A random look."""
    return Look(
        turns=rng.integers(1, 3, 3),
        phase=rng.random(3),
        base=rng.uniform(0.3, 0.75, 3),
        swing=rng.uniform(0.05, 0.5, 3),
        ground=rng.uniform(0, 255, 3),
        grain=1.0 if rng.random() < 0.25 else float(np.exp(rng.uniform(np.log(2), np.log(24)))),
        contrast=rng.uniform(0.1, 0.6),
    )


def vary_look(look: Look, rng: np.random.Generator) -> Look:
    """The look of one picture of a class."""
    if rng.random() < _FREE_LOOK:
        return choose_look(rng)
    return Look(
        turns=look.turns,
        phase=look.phase + rng.normal(0, 0.06, 3),
        base=look.base + rng.normal(0, 0.06, 3),
        swing=look.swing * rng.uniform(0.7, 1.3, 3),
        ground=np.clip(look.ground + rng.normal(0, 30, 3), 0, 255),
        grain=max(1.0, look.grain * rng.uniform(0.7, 1.4)),
        contrast=look.contrast * rng.uniform(0.6, 1.4),
    )


def draw_pictures(system: System, look: Look, count: int, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Draws `count` instances of a system, most of them in the look of its class.

    Yields:
        uint8 [size, size, 3] pictures.
    """
    for start in range(0, count, _BATCH):
        batch = min(_BATCH, count - start)
        linear, shift = perturb(system, batch, rng)
        points, last_map = walk(system, linear, shift, rng)
        points = _turn(points, rng)
        tint = (rng.permutation(len(system.linear)) / len(system.linear))[last_map]
        for instance in points:
            yield _paint(instance, tint, size, vary_look(look, rng), rng)


def _turn(points: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Rotates each instance by up to 30 degrees and mirrors it in either axis, at random.

    Args:
        points: float32 [count, 2, n].
    """
    turns = rotations(rng.uniform(-np.pi / 6, np.pi / 6, len(points)))
    turns = (turns * rng.choice([-1.0, 1.0], (len(points), 2, 1))).astype(np.float32)
    x, y = points[:, 0], points[:, 1]
    return np.stack([turns[:, axis, 0, None] * x + turns[:, axis, 1, None] * y for axis in (0, 1)], 1)


def _paint(points: np.ndarray, tint: np.ndarray, size: int, look: Look, rng: np.random.Generator) -> np.ndarray:
    """One picture of float32 [2, n] points, each with a tint in [0, 1)."""
    cells = _place(points, size, rng)
    hits = np.bincount(cells, minlength=size * size)
    shade = np.bincount(cells, weights=tint, minlength=size * size) / np.maximum(hits, 1)
    density = np.log1p(hits).astype(np.float32)
    density /= density.max()
    colour = _palette(look)[((shade + 0.35 * density) * 255).astype(np.intp) % 256].reshape(size, size, 3)
    density = density.reshape(size, size)
    cover = np.where(density > 0, np.minimum(0.55 + density, 1), 0).astype(np.float32)
    if rng.random() < 0.6:
        cover, colour = _thicken(cover, colour, rng)
    colour = colour * (0.6 + 0.4 * density)[..., None]
    background = _background(size, look, rng)
    if abs((colour[cover > 0].mean(0) - background.mean((0, 1))) @ _LUMA) < 50:
        background = 255 - background
        if abs((colour[cover > 0].mean(0) - background.mean((0, 1))) @ _LUMA) < 50:
            background = background * np.float32(0.35)
    picture = background + (colour - background) * cover[..., None]
    if rng.random() < 0.3:
        picture = picture + rng.integers(-10, 11, (size, size, 1), dtype=np.int8)
    return np.clip(picture, 0, 255).astype(np.uint8)


def _place(points: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """Pixel index, row by row, of each point of a fractal that fills 55-98 % of the picture."""
    low, high = points.min(1, keepdims=True), points.max(1, keepdims=True)
    span = np.maximum(high - low, 1e-6)
    # The shorter side is stretched half-way to the longer one: thin attractors would leave the picture empty.
    span = np.sqrt(span * span.max())
    extent = rng.uniform(0.55, 0.98) * size
    room = size - extent * (high - low) / span
    origin = rng.uniform(0.1, 0.9, (2, 1)) * room
    scaled = (points - low) * (extent / span).astype(np.float32) + origin.astype(np.float32)
    columns, rows = np.clip(scaled, 0, size - 1).astype(np.int32)
    return rows * size + columns


def _thicken(cover: np.ndarray, colour: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Stamps a random pair of neighbouring pixels a point: FractalDB's random patch at little cost."""
    for axis in (0, 1):
        moved, moved_colour = np.roll(cover, 1, axis), np.roll(colour, 1, axis)
        if rng.random() < 0.7:
            empty = cover == 0
            colour = np.where(empty[..., None], moved_colour, colour)
            cover = np.where(empty, moved, cover)
    return cover, colour


def _palette(look: Look) -> np.ndarray:
    """A smooth cyclic palette, float32 [256, 3] in [0, 255]."""
    phase = np.arange(256)[:, None] / 256 * look.turns + look.phase
    return (255 * np.clip(look.base + look.swing * np.cos(2 * np.pi * phase), 0, 1)).astype(np.float32)


def _background(size: int, look: Look, rng: np.random.Generator) -> np.ndarray:
    """A plain colour, a gradient or smooth noise, float32 [size, size, 3] in [0, 255]."""
    cells = round(look.grain)
    if cells <= 1:
        return np.full((size, size, 3), look.ground, np.float32)
    grid = look.ground * (1 - look.contrast) + rng.integers(0, 256, (cells, cells, 3)) * look.contrast
    return np.asarray(
        Image.fromarray(grid.astype(np.uint8)).resize((size, size), Image.Resampling.BILINEAR), np.float32
    )
