"""Stitches: phases in order, and a needle that shows in every one of them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from PIL import Image

from graphcore.sources.samples.scene_canvas import Camera, Canvas
from graphcore.sources.samples.scene_looks import choose_look
from graphcore.sources.samples.scene_stitching import PHASES, arc_point, draw_stitching, phase_at, plan_bite
from graphcore.sources.samples.scene_tissue import Wound

WOUND = Wound(np.array([0.4, 0.6]), np.array([0.9, 0.6]), 0.0, 0.04, (0.3, 0.6))
BITE = plan_bite(WOUND, 1, hand=0.8, helper=2.4)


def test_phases_share_out_the_whole_stitch() -> None:
    assert sum(PHASES.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("done", "phase"), [(0.0, "reach"), (0.19, "reach"), (0.3, "bite"), (0.6, "pull"), (1.0, "tie")]
)
def test_phase_follows_phase(done: float, phase: str) -> None:
    assert phase_at(done)[0] == phase


def test_needle_goes_in_on_the_hands_side_and_arches_up() -> None:
    assert BITE.across[1] > 0  # the hand is below
    middle = arc_point(BITE, np.array([0.0, -np.pi]), 0.1).mean(0)
    top = arc_point(BITE, np.pi / 2, 0.1)
    assert abs(BITE.up @ BITE.across) < 1e-9
    assert (top - middle) @ BITE.up > 0.05


@pytest.mark.parametrize("done", np.linspace(0, 1, 21))
def test_needle_and_thread_are_seen_throughout(done: float) -> None:
    look = dataclasses.replace(
        choose_look(0, 0), steel=(0.0, 0.0, 255.0), accent=(0.0, 0.0, 0.0), thread=(255.0, 0.0, 0.0)
    )

    def paint(steel: tuple[float, float, float]) -> np.ndarray:
        canvas = Canvas(120, 90, Camera((0.0, 0.0), 0.0, 1.0), (0.0, 0.0))
        draw_stitching(canvas, BITE, done, dataclasses.replace(look, steel=steel), np.zeros(2))
        return np.asarray(canvas.paint(Image.new("RGB", (183, 153), (0, 90, 0))), int)

    picture = paint(look.steel)
    thread = (picture[..., 0] > 150) & (picture[..., 2] < 80)
    assert thread.sum() > 60
    assert (np.abs(picture - paint((0.0, 0.0, 60.0))).sum(2) > 30).sum() > 60
