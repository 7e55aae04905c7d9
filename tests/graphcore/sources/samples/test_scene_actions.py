"""Actions other than suturing: all are drawn, instruments slide in, hands tremble a little."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from graphcore.sources.samples.scene_actions import DRAWINGS, Ground, Moment, wobble
from graphcore.sources.samples.scene_canvas import Camera, Canvas
from graphcore.sources.samples.scene_looks import choose_look
from graphcore.sources.samples.scene_script import OTHERS, Action
from graphcore.sources.samples.scene_tissue import choose_wound

ACTION = Action("any", start=10.0, end=14.0, site=0, seed=5)


def _moment(time_secs: float) -> Moment:
    done = (time_secs - ACTION.start) / (ACTION.end - ACTION.start)
    return Moment(ACTION, time_secs, done, 0.5, 2.6, np.zeros(2), np.random.default_rng(5), 4 / 3)


def _paint(kind: str, time_secs: float) -> np.ndarray:
    ground = Ground(choose_look(0, 0), choose_wound(np.random.default_rng(0), 4 / 3, 4), last_site=1)
    canvas = Canvas(80, 60, Camera((0.0, 0.0), 0.0, 1.0), (0.0, 0.0))
    DRAWINGS[kind](canvas, ground, _moment(time_secs))
    return np.asarray(canvas.paint(Image.new("RGB", (122, 102), (0, 200, 0))), int)


def test_every_kind_has_its_drawing() -> None:
    assert set(DRAWINGS) == set(OTHERS)


@pytest.mark.parametrize("kind", OTHERS)
def test_something_is_seen_but_where_tissue_is_inspected(kind: str) -> None:
    changed = (np.abs(_paint(kind, 12.0) - [0, 200, 0]).sum(2) > 40).sum()
    assert changed == 0 if kind == "inspect" else changed > 30


@pytest.mark.parametrize(("time_secs", "share"), [(10.0, 1.0), (10.25, 0.5), (12.0, 0.0), (13.75, 0.5), (14.0, 1.0)])
def test_instruments_slide_in_and_out(time_secs: float, share: float) -> None:
    np.testing.assert_allclose(_moment(time_secs).slide(0.0), [0.5 * share, 0], atol=1e-12)


def test_place_is_near_the_middle_and_drifts() -> None:
    early, late = _moment(10.0).place(), _moment(14.0).place()
    assert np.abs(early - [2 / 3, 0.5]).max() <= 0.22
    assert 0 < np.abs(late - early).max() <= 0.12


def test_tremor_is_bounded_by_its_size() -> None:
    reach = np.abs([wobble(t, 3, 0.01) for t in np.arange(0, 20, 0.1)]).max()
    assert 0.01 < reach <= 0.016
