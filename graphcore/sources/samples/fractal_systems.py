"""Iterated function systems: where the fractal classes come from.

One random system of contractive affine maps is one class of formula-driven supervision; this module chooses
systems and turns them into points of their attractors. `fractal_pictures` colours the points, `fractals`
writes the files.

Source: Kataoka et al., "Pre-training without Natural Images" (ACCV 2020) for a class per system and the
perturbed instances; Anderson and Farrell, "Improving Fractal Pre-training" (WACV 2022) for choosing maps by
singular values, which hardly ever gives the dust and lines that uniformly drawn coefficients mostly give.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

POINTS = 3000
"""Points that wander at the same time; more steps, not more points, fill a picture."""

WARM_UP_STEPS = 10
KEPT_STEPS = 14

_MIN_FILL, _MAX_FILL = 0.18, 0.85
_FILL_GRID = 32
_MAX_SINGULAR = 0.95


@dataclass(frozen=True)
class System:
    """A system of `k` affine maps `p -> linear @ p + shift`.

    Attributes:
        linear: float32 [k, 2, 2], each with a spectral norm below 1.
        shift: float32 [k, 2] in about [-1, 1].
        weights: float64 [k], how often each map is taken; sums to 1.
    """

    linear: np.ndarray
    shift: np.ndarray
    weights: np.ndarray


def choose_system(rng: np.random.Generator) -> System:
    """Draws systems until one has an attractor that is neither dust, nor a line, nor a solid blob."""
    while True:
        linear = _choose_linear(rng, maps=int(rng.integers(2, 7)))
        if linear is None:
            continue
        shift = rng.uniform(-1, 1, (len(linear), 2)).astype(np.float32)
        area = np.abs(np.linalg.det(linear.astype(np.float64)))
        weights = area + 0.02 * area.max() + 1e-6
        system = System(linear, shift, weights / weights.sum())
        points, _ = walk(system, linear[None], shift[None], rng, points=1000)
        if _MIN_FILL <= fill_rate(points[0]) <= _MAX_FILL:
            return system


def perturb(system: System, count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Makes `count` neighbours of a system: the instances of its class.

    Returns:
        linear: float32 [count, k, 2, 2], still contractive; shift: float32 [count, k, 2].
    """
    maps = len(system.linear)
    linear = system.linear * rng.uniform(0.92, 1.08, (count, maps, 2, 2)).astype(np.float32)
    shift = system.shift * rng.uniform(0.92, 1.08, (count, maps, 2)).astype(np.float32)
    # One map is changed more than the others, as in FractalDB, so that instances differ visibly.
    chosen = rng.integers(0, maps, count)
    linear[np.arange(count), chosen] *= rng.uniform(0.75, 1.1, (count, 1, 1)).astype(np.float32)
    norms = np.linalg.norm(linear, ord=2, axis=(-2, -1))
    linear *= np.minimum(1, _MAX_SINGULAR / np.maximum(norms, 1e-6))[..., None, None].astype(np.float32)
    return linear, shift


def walk(
    system: System, linear: np.ndarray, shift: np.ndarray, rng: np.random.Generator, points: int = POINTS
) -> tuple[np.ndarray, np.ndarray]:
    """Plays the chaos game for several instances of a system at once.

    Points are shuffled and each map moves one contiguous run of them: the same law as choosing a map for
    every point, several times faster in NumPy than gathering coefficients point by point.

    Returns:
        coordinates: float32 [count, 2, KEPT_STEPS * points]; last_map: int64 [KEPT_STEPS * points], the map
            that put each point where it is, the same for all instances.
    """
    count, maps = linear.shape[:2]
    ends = np.round(np.cumsum(system.weights) * points).astype(int)
    spans = list(zip([0, *ends[:-1]], ends, strict=True))
    position = np.zeros((count, 2, points), np.float32)
    kept = np.empty((count, 2, KEPT_STEPS, points), np.float32)
    for step in range(WARM_UP_STEPS + KEPT_STEPS):
        position = position[:, :, rng.permutation(points)]
        moved = kept[:, :, step - WARM_UP_STEPS] if step >= WARM_UP_STEPS else np.empty_like(position)
        for index, (start, end) in enumerate(spans):
            x, y = position[:, 0, start:end], position[:, 1, start:end]
            for axis in (0, 1):
                a, b = linear[:, index, axis, 0, None], linear[:, index, axis, 1, None]
                moved[:, axis, start:end] = a * x + b * y + shift[:, index, axis, None]
        position = moved
    last_map = np.tile(np.repeat(np.arange(maps), np.diff([0, *ends])), KEPT_STEPS)
    return kept.reshape(count, 2, KEPT_STEPS * points), last_map


def fill_rate(points: np.ndarray) -> float:
    """Share of a coarse grid over the bounding box that holds a point.

    Args:
        points: float32 [2, n].
    """
    low, high = points.min(1, keepdims=True), points.max(1, keepdims=True)
    span = np.maximum(high - low, 1e-6)
    if span.min() < 0.15 * span.max():  # a line in one direction
        return 0.0
    cells = ((points - low) / span * (_FILL_GRID - 1e-3)).astype(int)
    return len(np.unique(cells[0] * _FILL_GRID + cells[1])) / _FILL_GRID**2


def _choose_linear(rng: np.random.Generator, maps: int) -> np.ndarray | None:
    """Draws rotations and singular values whose sum lies where attractors look good; None when none fits."""
    singular = np.sort(rng.uniform(0.05, 1, (maps, 2)), axis=1)[:, ::-1]
    target = rng.uniform(0.5 * (5 + maps), 0.5 * (6 + maps))
    singular = singular * target / (singular[:, 0] + 2 * singular[:, 1]).sum()
    if singular.max() > _MAX_SINGULAR:
        return None
    left, right = rotations(rng.uniform(0, 2 * np.pi, (2, maps)))
    signs = rng.choice([-1.0, 1.0], (maps, 2))
    return (left @ ((singular * signs)[:, :, None] * right)).astype(np.float32)


def rotations(angles: np.ndarray) -> np.ndarray:
    """Rotation matrices [..., 2, 2] for angles [...] in radians."""
    cos, sin = np.cos(angles), np.sin(angles)
    return np.stack([np.stack([cos, -sin], -1), np.stack([sin, cos], -1)], -2)
