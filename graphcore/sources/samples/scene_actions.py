"""What else is done in a scene: every action that is not suturing, drawn as a function of the moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from graphcore.sources.samples import scene_instruments as instruments
from graphcore.sources.samples.scene_canvas import Canvas
from graphcore.sources.samples.scene_instruments import heading
from graphcore.sources.samples.scene_looks import Look, shade
from graphcore.sources.samples.scene_script import Action
from graphcore.sources.samples.scene_tissue import Wound

_SLIDE_SECS = 0.5


@dataclass(frozen=True)
class Ground:
    """Where an action takes place: the look of the scene, its wound, the site of the last finished stitch."""

    look: Look
    wound: Wound
    last_site: int


@dataclass(frozen=True)
class Moment:
    """Where an action stands: its clock, its hands, and a generator that restarts with every frame."""

    action: Action
    time_secs: float
    done: float
    hand: float
    helper: float
    wobble: np.ndarray
    rng: np.random.Generator
    aspect: float

    def place(self) -> np.ndarray:
        """A place near the middle that drifts while the action lasts, less the slide in and out."""
        start = np.array([self.aspect / 2, 0.5]) + self.rng.uniform(-0.22, 0.22, 2)
        return start + self.rng.uniform(-0.12, 0.12, 2) * self.done + self.wobble

    def slide(self, angle: float) -> np.ndarray:
        """How far an instrument has yet to come in, or has gone out again."""
        left = min(self.time_secs - self.action.start, self.action.end - self.time_secs)
        return heading(angle) * 0.5 * max(0.0, 1 - left / _SLIDE_SECS)

    def beat(self, rate: float) -> float:
        """A share in [0, 1] that swings `rate` times a second."""
        return float(0.5 + 0.5 * np.sin(2 * np.pi * rate * self.time_secs + self.action.seed % 7))


def _inspect(canvas: Canvas, ground: Ground, now: Moment) -> None:
    """Nothing but the tissue and the camera."""


def _forceps(canvas: Canvas, ground: Ground, now: Moment) -> None:
    place = now.place()
    if now.rng.random() < 0.35:
        other = place + np.array([0.18, -0.05]) + now.slide(now.hand)
        instruments.draw_forceps(canvas, other, now.hand, ground.look, now.beat(0.3))
    instruments.draw_forceps(canvas, place + now.slide(now.helper), now.helper, ground.look, now.beat(0.5))


def _scissors(canvas: Canvas, ground: Ground, now: Moment) -> None:
    place = now.place()
    if now.rng.random() < 0.35:
        instruments.draw_forceps(canvas, place + heading(now.helper) * 0.14, now.helper, ground.look, 0.2)
    instruments.draw_scissors(canvas, place + now.slide(now.hand), now.hand, ground.look, now.beat(0.8))


def _trim(canvas: Canvas, ground: Ground, now: Moment) -> None:
    """Cuts the tails of the last knot: thread and steel, but no needle and no stitch being made."""
    place = ground.wound.point(ground.wound.sites[ground.last_site]) + now.wobble + now.slide(now.hand)
    instruments.draw_scissors(canvas, place, now.hand, ground.look, now.beat(0.6))


def _cautery(canvas: Canvas, ground: Ground, now: Moment) -> None:
    place = now.place() + now.slide(now.hand)
    working = now.beat(0.35) > 0.35
    if now.rng.random() < 0.4:
        instruments.draw_forceps(canvas, place + heading(now.helper) * 0.12, now.helper, ground.look, 0.3)
    instruments.draw_cautery(canvas, place, now.hand, ground.look, now.beat(3.0) if working else 0.0)
    if working:
        for age in (0.15, 0.45, 0.8):
            drift = np.array([0.12 * np.sin(now.time_secs + 4 * age), -0.35 * age])
            canvas.puff(place + drift, 0.07 + 0.2 * age, 0.75 * (1 - age))


def _suction(canvas: Canvas, ground: Ground, now: Moment) -> None:
    place = now.place()
    canvas.disc(place, 0.1 * (1 - 0.6 * now.done), ground.look.wound)
    canvas.disc(place - 0.02, 0.03 * (1 - 0.6 * now.done), shade(ground.look.wound, 1.4))
    instruments.draw_suction(canvas, place + now.slide(now.hand), now.hand, ground.look)


def _retractor(canvas: Canvas, ground: Ground, now: Moment) -> None:
    place = now.place()
    instruments.draw_retractor(canvas, place + now.slide(now.hand), now.hand, ground.look)
    if now.rng.random() < 0.35:
        instruments.draw_retractor(canvas, place + heading(now.helper) * 0.2, now.helper, ground.look)


def _gauze(canvas: Canvas, ground: Ground, now: Moment) -> None:
    place = now.place() + 0.05 * np.array([np.sin(4 * now.time_secs), np.cos(3 * now.time_secs)])
    instruments.draw_gauze(canvas, place + now.slide(now.hand), now.time_secs * 0.3, ground.look.wound)
    instruments.draw_forceps(canvas, place + now.slide(now.hand), now.hand, ground.look, 0.1)


def _palpate(canvas: Canvas, ground: Ground, now: Moment) -> None:
    glove = ((222, 214, 200), (96, 140, 190), (204, 216, 224))[now.action.seed % 3]
    place = now.place()
    instruments.draw_finger(canvas, place + now.slide(now.hand), now.hand, glove)
    if now.rng.random() < 0.35:
        instruments.draw_finger(canvas, place + np.array([0.12, 0.06]) + now.slide(now.hand), now.hand + 0.15, glove)


def _empty_driver(canvas: Canvas, ground: Ground, now: Moment) -> None:
    """The suturing instrument without needle or thread: steel alone must not give suturing away."""
    place = now.place()
    if now.rng.random() < 0.35:
        instruments.draw_forceps(canvas, place + heading(now.helper) * 0.15, now.helper, ground.look, now.beat(0.4))
    instruments.draw_needle_driver(canvas, place + now.slide(now.hand), now.hand, ground.look, now.beat(0.5))


DRAWINGS: dict[str, Callable[[Canvas, Ground, Moment], None]] = {
    "inspect": _inspect,
    "forceps": _forceps,
    "scissors": _scissors,
    "cautery": _cautery,
    "suction": _suction,
    "retractor": _retractor,
    "gauze": _gauze,
    "palpate": _palpate,
    "empty_driver": _empty_driver,
    "trim": _trim,
}
"""The drawing of each kind of action in `scene_script.OTHERS`."""


def wobble(time_secs: float, seed: int, size: float) -> np.ndarray:
    """The tremor of a hand, in picture heights."""
    phases = np.array([seed % 11, seed % 13], float)
    return size * (np.sin(2.1 * time_secs + phases) + 0.6 * np.sin(5.3 * time_secs + 2 * phases))
