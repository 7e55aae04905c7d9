"""Instruments: each is seen, reaches out of the picture, and opens."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from graphcore.sources.samples import scene_instruments as instruments
from graphcore.sources.samples.scene_canvas import Camera, Canvas
from graphcore.sources.samples.scene_looks import Look, choose_look

TIP = np.array([0.5, 0.5])


def _changed(draw: Callable[[Canvas, Look], None]) -> np.ndarray:
    look = choose_look(0, 0)
    canvas = Canvas(100, 100, Camera((0.0, 0.0), 0.0, 1.0), (0.0, 0.0))
    draw(canvas, look)
    picture = np.asarray(canvas.paint(Image.new("RGB", (170, 170), (0, 255, 0))), int)
    return np.abs(picture - [0, 255, 0]).sum(2) > 40


HANDLED: dict[str, Callable[[Canvas, Look], None]] = {
    "driver": lambda c, k: instruments.draw_needle_driver(c, TIP, 0.3, k),
    "forceps": lambda c, k: instruments.draw_forceps(c, TIP, 0.3, k),
    "scissors": lambda c, k: instruments.draw_scissors(c, TIP, 0.3, k, 0.5),
    "cautery": lambda c, k: instruments.draw_cautery(c, TIP, 0.3, k, 1.0),
    "suction": lambda c, k: instruments.draw_suction(c, TIP, 0.3, k),
    "retractor": lambda c, k: instruments.draw_retractor(c, TIP, 0.3, k),
    "finger": lambda c, k: instruments.draw_finger(c, TIP, 0.3, (220.0, 210.0, 200.0)),
}


@pytest.mark.parametrize("name", HANDLED)
def test_instrument_reaches_from_its_tip_out_of_the_picture(name: str) -> None:
    seen = _changed(HANDLED[name])
    assert seen[40:60, 40:60].any()
    assert seen[:, 99].any()
    assert not seen[:, :25].any()


def test_gauze_lies_where_it_is_put() -> None:
    seen = _changed(lambda c, k: instruments.draw_gauze(c, TIP, 0.0, k.wound))
    assert seen[50, 50]
    assert not seen[:, :25].any()


def test_forceps_open() -> None:
    closed = _changed(lambda c, k: instruments.draw_forceps(c, TIP, 0.0, k, 0.0))
    opened = _changed(lambda c, k: instruments.draw_forceps(c, TIP, 0.0, k, 1.0))
    assert np.ptp(np.flatnonzero(opened[:, 52])) > np.ptp(np.flatnonzero(closed[:, 52]))
