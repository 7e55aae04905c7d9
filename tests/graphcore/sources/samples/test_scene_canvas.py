"""The canvas: where world points land, what lies over what."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from graphcore.sources.samples.scene_canvas import TEXTURE_MARGIN, Camera, Canvas

STILL = Camera((0.0, 0.0), 0.0, 1.0)
GREY = (100, 100, 100)
RED = (255.0, 0.0, 0.0)
BLUE = (0.0, 0.0, 255.0)


def _texture(colour: tuple[int, int, int] = GREY) -> Image.Image:
    side = round(100 * (1 + 2 * TEXTURE_MARGIN))
    return Image.new("RGB", (side, side), colour)


def _square(x: float, y: float, half: float = 0.1) -> np.ndarray:
    return np.array([[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half]])


def _paint(canvas: Canvas) -> np.ndarray:
    return np.asarray(canvas.paint(_texture()))


def test_shape_lands_where_the_world_says() -> None:
    canvas = Canvas(100, 100, STILL, (0, 0))
    canvas.polygon(_square(0.25, 0.75), RED)
    picture = _paint(canvas)
    assert picture.shape == (100, 100, 3)
    assert tuple(picture[75, 25]) == (255, 0, 0)
    assert tuple(picture[25, 75]) == GREY


@pytest.mark.parametrize(
    ("camera", "row", "column"),
    [
        (Camera((0.2, 0.0), 0.0, 1.0), 50, 50),
        (Camera((0.0, 0.0), 0.0, 2.0), 50, 90),
        (Camera((0.0, 0.0), np.pi / 2, 1.0), 70, 50),
    ],
)
def test_camera_shifts_magnifies_and_turns(camera: Camera, row: int, column: int) -> None:
    canvas = Canvas(100, 100, camera, (0, 0))
    canvas.polygon(_square(0.7, 0.5, 0.05), RED)
    assert tuple(_paint(canvas)[row, column]) == (255, 0, 0)


def test_texture_moves_with_the_shapes() -> None:
    camera = Camera((0.05, -0.1), 0.4, 1.3)
    texture = _texture()
    place = np.array([0.6, 0.55])
    x, y = ((place + TEXTURE_MARGIN) * 100).astype(int)
    texture.paste((0, 255, 0), (int(x) - 5, int(y) - 5, int(x) + 5, int(y) + 5))
    canvas = Canvas(100, 100, camera, (0, 0))
    canvas.disc(place, 0.01, RED)
    picture = np.asarray(canvas.paint(texture)).astype(int)
    rows, columns = np.nonzero(picture[..., 0] > 180)
    assert len(rows)
    around = picture[rows.mean().astype(int) - 3, columns.mean().astype(int) - 3]
    assert around[1] > 200


def test_later_shape_lies_over_the_earlier() -> None:
    canvas = Canvas(100, 100, STILL, (0, 0))
    canvas.polygon(_square(0.5, 0.5), RED)
    canvas.line(np.array([[0.3, 0.5], [0.7, 0.5]]), BLUE, 0.06)
    assert tuple(_paint(canvas)[50, 50]) == (0, 0, 255)


def test_lifted_shape_darkens_the_tissue_beside_it() -> None:
    canvas = Canvas(100, 100, STILL, (0.15, 0.0))
    canvas.polygon(_square(0.5, 0.5), RED, lift=1.0)
    picture = _paint(canvas)
    assert picture[50, 68].sum() < 200
    assert tuple(picture[50, 20]) == GREY


def test_smoke_brightens() -> None:
    canvas = Canvas(100, 100, STILL, (0, 0))
    canvas.puff(np.array([0.5, 0.5]), 0.2, 0.5)
    assert _paint(canvas)[50, 50].min() > 130


def test_tube_is_lit_from_above() -> None:
    canvas = Canvas(100, 100, STILL, (0, 0))
    canvas.tube(np.array([[0.1, 0.5], [0.5, 0.5], [0.9, 0.5]]), 0.1, (120.0, 120.0, 120.0))
    picture = _paint(canvas).astype(int)
    assert picture[46, 50].sum() > picture[54, 50].sum() > picture[58, 50].sum()
