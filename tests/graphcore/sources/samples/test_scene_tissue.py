"""Tissue and wounds: geometry by hand, light where it should be."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from graphcore.sources.samples.scene_canvas import TEXTURE_MARGIN, Camera, Canvas
from graphcore.sources.samples.scene_looks import choose_look
from graphcore.sources.samples.scene_tissue import Wound, choose_wound, draw_wound, light_map, make_texture

STRAIGHT = Wound(np.array([0.2, 0.5]), np.array([0.8, 0.5]), 0.0, 0.05, (0.25, 0.75))


def test_wound_runs_from_start_to_end() -> None:
    np.testing.assert_allclose(STRAIGHT.point(np.array([0.0, 0.5, 1.0])), [[0.2, 0.5], [0.5, 0.5], [0.8, 0.5]])
    np.testing.assert_allclose(STRAIGHT.along, [1, 0])
    np.testing.assert_allclose(STRAIGHT.across, [0, 1])


def test_bow_moves_the_middle_alone() -> None:
    bent = dataclasses.replace(STRAIGHT, bow=0.1)
    np.testing.assert_allclose(bent.point(np.array([0.0, 0.5, 1.0])), [[0.2, 0.5], [0.5, 0.6], [0.8, 0.5]])


@pytest.mark.parametrize(("stitches", "sites"), [(1, 4), (6, 6), (30, 9)])
def test_number_of_sites_is_bounded(stitches: int, sites: int) -> None:
    assert len(choose_wound(np.random.default_rng(0), 4 / 3, stitches).sites) == sites


def test_texture_reaches_beyond_the_picture() -> None:
    texture = make_texture(choose_look(0, 0), 96, 72, np.random.default_rng(0))
    assert texture.height / (1 + 2 * TEXTURE_MARGIN) >= 72
    assert texture.width / texture.height == pytest.approx(
        (96 / 72 + 2 * TEXTURE_MARGIN) / (1 + 2 * TEXTURE_MARGIN), abs=0.01
    )


def test_tightened_stitch_closes_the_wound() -> None:
    look = choose_look(0, 0)
    texture = make_texture(look, 100, 100, np.random.default_rng(0))

    def paint(closed: dict[int, float]) -> np.ndarray:
        canvas = Canvas(100, 100, Camera((0.0, 0.0), 0.0, 1.0), (0.0, 0.0))
        draw_wound(canvas, STRAIGHT, look, closed)
        return np.asarray(canvas.paint(texture), float)

    gap = np.abs(paint({}) - paint({0: 0.9})).mean(2)
    assert gap[:, 30:40].max() > 30  # at the first site
    assert gap[:, 65:].max() < 5  # not at the second


def test_light_falls_off_from_its_middle_and_a_port_is_black_outside() -> None:
    look = dataclasses.replace(
        choose_look(0, 0), light=(0.5, 0.5), light_falloff=0.5, exposure=(1.0, 1.0, 1.0), port=False
    )
    light = light_map(look, 80, 60)
    assert light.shape == (60, 80, 3)
    assert light[30, 40, 0] == pytest.approx(1.12, abs=0.01)
    assert light[0, 0, 0] < light[30, 40, 0]
    assert light_map(dataclasses.replace(look, port=True), 80, 60)[0, 0, 0] < 0.05
