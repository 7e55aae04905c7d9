"""How one stitch is made: the needle bites, is pulled through with its thread, and the knot is tied.

The needle is a bent arc that turns about the middle of the wound, seen from above at a slant: the part of the
arc under the tissue is hidden. One stitch goes through four phases, all of them plain functions of how far
the stitch has come.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcore.sources.samples.scene_canvas import Canvas
from graphcore.sources.samples.scene_instruments import draw_forceps, draw_needle_driver, heading
from graphcore.sources.samples.scene_looks import Look, shade
from graphcore.sources.samples.scene_tissue import Wound

PHASES = {"reach": 0.2, "bite": 0.32, "pull": 0.26, "tie": 0.22}
"""Phases in order and the share of a stitch's time that each takes."""

NEEDLE_ARC = 2.9
"""Angle that the needle spans, in radians; a half-circle needle less its swage."""

DEPTH = 0.6
"""How far below the circle's middle the tissue lies, as a share of its radius: some needle always shows."""

_IN, _OUT = -np.arcsin(DEPTH), np.arcsin(DEPTH) - np.pi
_SQUASH = 0.85
_START, _END = 0.5, _OUT - 1.35


@dataclass(frozen=True)
class Bite:
    """Where a stitch goes and who holds what.

    Attributes:
        middle, across, up: the wound's middle there, the way the needle travels, the way out of the tissue on
        screen. hand, helper: the angles of the driver and of the forceps. last: where the thread comes from.
    """

    middle: np.ndarray
    across: np.ndarray
    up: np.ndarray
    hand: float
    helper: float
    last: np.ndarray


def plan_bite(wound: Wound, site: int, hand: float, helper: float) -> Bite:
    """Chooses the sides so that the needle goes in on the side of the hand and arches up the screen."""
    across = wound.across if wound.across @ heading(hand) > 0 else -wound.across
    up = wound.along if wound.along[1] < 0 else -wound.along
    last = wound.point(wound.sites[site - 1]) if site else wound.point(0.0) - wound.along * 0.1
    return Bite(wound.point(wound.sites[site]), across, up, hand, helper, last)


def phase_at(done: float) -> tuple[str, float]:
    """The phase of a stitch of which a share `done` in [0, 1] is made, and how far that phase has come."""
    start = 0.0
    for name, share in PHASES.items():
        if done < start + share:
            return name, (done - start) / share
        start += share
    return "tie", 1.0


def draw_stitching(canvas: Canvas, bite: Bite, done: float, look: Look, wobble: np.ndarray) -> None:
    """Draws needle, thread, driver and forceps for a stitch of which a share `done` is made."""
    phase, share = phase_at(done)
    ease = share * share * (3 - 2 * share)
    _draw_free_end(canvas, bite, look, done)
    {"reach": _reach, "bite": _bite, "pull": _pull, "tie": _tie}[phase](canvas, bite, ease, look, wobble)


def arc_point(bite: Bite, turn: np.ndarray | float, radius: float) -> np.ndarray:
    """Places on the circle the needle travels: down on the hand's side at `turn` 0, up again at minus pi."""
    turn = np.asarray(turn, float)[..., None]
    return bite.middle + radius * (np.cos(turn) * bite.across + _SQUASH * (np.sin(turn) + DEPTH) * bite.up)


def _reach(canvas: Canvas, bite: Bite, share: float, look: Look, wobble: np.ndarray) -> None:
    away = (1 - share) * 0.3 * heading(bite.hand) + wobble
    _draw_forceps_at(canvas, bite, look, 0.9, wobble)
    grip = _draw_driver_on(canvas, bite, _START + NEEDLE_ARC * 0.88, look, away)
    tail = _draw_needle(canvas, bite, _START, look, away, whole=True)
    _draw_jaw(canvas, grip, bite.hand, look)
    _draw_thread(canvas, tail, bite.last, look, bite.up * 0.12 + heading(bite.hand) * 0.25)


def _bite(canvas: Canvas, bite: Bite, share: float, look: Look, wobble: np.ndarray) -> None:
    turn = _START + share * (_END - _START)
    _draw_forceps_at(canvas, bite, look, 0.2, wobble)
    # The driver lets go of the needle's back and takes its point once that has come out.
    held = turn + NEEDLE_ARC * 0.88 if turn > _OUT - 0.75 else turn + 0.3
    grip = _draw_driver_on(canvas, bite, held, look, wobble * 0.3)
    tail = _draw_needle(canvas, bite, turn, look, np.zeros(2), whole=False)
    _draw_jaw(canvas, grip, bite.hand, look)
    _draw_thread(canvas, tail, bite.last, look, heading(bite.hand) * 0.2)


def _pull(canvas: Canvas, bite: Bite, share: float, look: Look, wobble: np.ndarray) -> None:
    way = bite.up * 0.3 + heading(bite.hand) * 0.3 - bite.across * 0.15
    away = share * way + wobble
    entry, exit_ = _holes(bite, look)
    _draw_thread(canvas, bite.last, entry, look, heading(bite.hand) * 0.15 * (1 - share))
    _draw_forceps_at(canvas, bite, look, 0.4, wobble)
    grip = _draw_driver_on(canvas, bite, _END + 0.3, look, away)
    tail = _draw_needle(canvas, bite, _END, look, away, whole=True)
    _draw_jaw(canvas, grip, bite.hand, look)
    _draw_thread(canvas, exit_, tail, look, np.array([0.05, 0.12 * (1 - share)]))


def _tie(canvas: Canvas, bite: Bite, share: float, look: Look, wobble: np.ndarray) -> None:
    """Two throws around the closed jaws, both ends drawn tight; the needle rests on the tissue meanwhile."""
    entry, exit_ = _holes(bite, look)
    driver = bite.middle + heading(bite.hand) * (0.16 + 0.12 * share) + bite.up * 0.08 + wobble
    helper = bite.middle + heading(bite.helper) * (0.16 + 0.16 * share) + wobble
    turns = np.linspace(0, 4 * np.pi, 26)
    size = 0.05 * (1 - 0.5 * share)
    loops = driver + heading(bite.hand) * 0.03 + np.outer(np.linspace(0, 0.06, 26), heading(bite.hand))
    loops = loops + size * np.stack([np.cos(turns), np.sin(turns)], 1)
    rest = bite.middle + bite.up * 0.06 - bite.across * 0.27
    resting = Bite(rest, bite.across, bite.up, bite.hand, bite.helper, bite.last)
    tail = _draw_needle(canvas, resting, 0.4 + np.pi / 2, look, np.zeros(2), whole=True)
    _draw_thread(canvas, tail, helper, look, bite.up * 0.08)
    _draw_thread(canvas, exit_, helper, look, np.array([0.0, 0.1 * (1 - share)]))
    _draw_thread(canvas, entry, loops[0], look, np.array([0.0, 0.06 * (1 - share)]))
    draw_needle_driver(canvas, driver, bite.hand, look, 0.1)
    _draw_curve(canvas, loops, look)
    draw_forceps(canvas, helper, bite.helper, look, 0.1)


def _holes(bite: Bite, look: Look) -> tuple[np.ndarray, np.ndarray]:
    reach = bite.across * look.needle_radius * np.cos(_IN)
    return bite.middle + reach, bite.middle - reach


def _draw_needle(canvas: Canvas, bite: Bite, turn: float, look: Look, away: np.ndarray, whole: bool) -> np.ndarray:
    """Draws the needle, its point at `turn`, less what is in the tissue; returns where its thread starts."""
    turns = turn + np.linspace(0, NEEDLE_ARC, 24)
    points = arc_point(bite, turns, look.needle_radius) + away
    radii = 0.018 * np.clip(np.linspace(0.15, 3.2, 24), 0, 1)
    bright = shade(look.steel, 1.35)
    seen = np.ones(24, bool) if whole else np.sin(turns) > -DEPTH
    # The arc leaves the tissue in at most two pieces.
    for piece in np.split(np.arange(24), np.flatnonzero(np.diff(seen.astype(int))) + 1):
        if seen[piece[0]] and len(piece) > 1:
            canvas.tube(points[piece], radii[piece], bright, 0.35)
    if seen[-1]:
        return points[-1]
    return arc_point(bite, _IN, look.needle_radius)


def _draw_driver_on(canvas: Canvas, bite: Bite, turn: float, look: Look, away: np.ndarray) -> np.ndarray:
    grip = arc_point(bite, turn, look.needle_radius) + away
    draw_needle_driver(canvas, grip - heading(bite.hand) * 0.025, bite.hand, look)
    return grip


def _draw_jaw(canvas: Canvas, grip: np.ndarray, hand: float, look: Look) -> None:
    """The upper jaw over the needle: it is held, not merely near."""
    canvas.tube(np.linspace(grip - heading(hand) * 0.03, grip + heading(hand) * 0.05, 3), 0.008, look.accent)


def _draw_forceps_at(canvas: Canvas, bite: Bite, look: Look, opening: float, wobble: np.ndarray) -> None:
    draw_forceps(canvas, bite.middle + heading(bite.helper) * 0.07 + wobble * 0.5, bite.helper, look, opening)


def _draw_free_end(canvas: Canvas, bite: Bite, look: Look, done: float) -> None:
    """The rest of the thread, in loose loops over the tissue on the side away from the hands."""
    share = np.linspace(0, 1, 40)
    way = -bite.up if bite.up @ (heading(bite.hand) + heading(bite.helper)) > 0 else bite.up
    turns = 2 * np.pi * (1.6 * share + 0.1 * done)
    loops = 0.1 * np.stack([np.cos(turns) - 1, np.sin(turns)], 1)
    _draw_curve(canvas, bite.last + np.outer(share, way * 0.55) + loops, look)


def _draw_thread(canvas: Canvas, start: np.ndarray, end: np.ndarray, look: Look, slack: np.ndarray) -> None:
    """A length of thread with some slack, which bulges the way `slack` points."""
    share = np.linspace(0, 1, 14)[:, None]
    curve = start + share * (end - start) + 4 * share * (1 - share) * slack
    curve = curve + 0.012 * np.sin(9 * share) * np.array([1.0, -0.7]) * 4 * share * (1 - share)
    _draw_curve(canvas, curve, look)


def _draw_curve(canvas: Canvas, curve: np.ndarray, look: Look) -> None:
    canvas.line(curve, shade(look.thread, 0.5), look.thread_width * 1.3, 0.4)
    canvas.line(curve, look.thread, look.thread_width * 0.85)
