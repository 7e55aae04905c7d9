"""Iterated function systems: contractive, well filled, the chaos game lands on the attractor."""

from __future__ import annotations

import numpy as np
import pytest

from graphcore.sources.samples.fractal_systems import (
    KEPT_STEPS,
    System,
    choose_system,
    fill_rate,
    perturb,
    rotations,
    walk,
)


@pytest.mark.parametrize("seed", range(8))
def test_chosen_systems_are_contractive_and_filled(seed: int) -> None:
    rng = np.random.default_rng(seed)
    system = choose_system(rng)
    norms = [np.linalg.svd(linear)[1].max() for linear in system.linear]
    assert max(norms) < 1
    assert system.weights.sum() == pytest.approx(1)
    points, _ = walk(system, system.linear[None], system.shift[None], rng)
    assert 0.1 < fill_rate(points[0]) < 0.95


def test_neighbours_stay_contractive_and_differ() -> None:
    rng = np.random.default_rng(3)
    linear, shift = perturb(choose_system(rng), 20, rng)
    assert np.linalg.svd(linear)[1].max() < 0.96
    assert len(np.unique(shift[:, 0, 0])) == 20


def test_walk_lands_on_the_attractor_of_a_known_system() -> None:
    # Two maps to a half, towards 0 and towards 1, on each axis: the attractor is the diagonal of the unit
    # square, and the map that moved a point last decides which half it lies in.
    half = np.broadcast_to(np.eye(2, dtype=np.float32) / 2, (2, 2, 2))
    shift = np.array([[0, 0], [0.5, 0.5]], np.float32)
    system = System(half, shift, np.array([0.5, 0.5]))
    points, last_map = walk(system, half[None], shift[None], np.random.default_rng(0), points=100)
    assert points.shape == (1, 2, 100 * KEPT_STEPS)
    np.testing.assert_allclose(points[0, 0], points[0, 1], atol=1e-6)
    assert np.all((points >= 0) & (points <= 1))
    np.testing.assert_array_equal(points[0, 0] >= 0.5, last_map == 1)


def test_fill_rate_tells_square_line_and_dust_apart() -> None:
    square = np.stack(np.meshgrid(np.linspace(0, 1, 200), np.linspace(0, 1, 200))).reshape(2, -1)
    assert fill_rate(square) == 1.0
    assert fill_rate(np.stack([square[0], square[1] * 0.01])) == 0.0
    assert fill_rate(np.array([[0.0, 1.0], [0.0, 1.0]])) == pytest.approx(2 / 32**2)


def test_rotation_by_a_quarter_turn() -> None:
    np.testing.assert_allclose(rotations(np.array(np.pi / 2)) @ [1, 0], [0, 1], atol=1e-12)
