"""Instruments as a canvas draws them: each by the place of its tip and the way its handle points.

`angle` is the way from the tip to the hand, in radians, and every instrument reaches out of the picture that
way. All lengths are in picture heights.
"""

from __future__ import annotations

import numpy as np

from graphcore.sources.samples.scene_canvas import Canvas
from graphcore.sources.samples.scene_looks import Colour, Look, shade

REACH = 1.9
"""How far a handle reaches: out of the picture from everywhere in it."""


def heading(angle: float) -> np.ndarray:
    """The unit vector of an angle."""
    return np.array([np.cos(angle), np.sin(angle)])


def draw_needle_driver(canvas: Canvas, tip: np.ndarray, angle: float, look: Look, opening: float = 0.0) -> None:
    """A needle driver: short blunt jaws, a joint, and shanks (or one dark shaft, in keyhole surgery)."""
    way, side = heading(angle), heading(angle + np.pi / 2)
    joint = tip + way * 0.15
    for sign in (-1, 1):
        end = tip + side * sign * (0.006 + 0.05 * opening)
        canvas.tube(
            np.linspace(joint + side * sign * 0.012, end, 4),
            np.array([0.02, 0.018, 0.014, 0.01]),
            look.accent,
            0.6,
        )
    if look.slim_shafts:
        canvas.tube(np.linspace(joint, joint + way * REACH, 3), 0.042, (48, 48, 54), 0.8)
        canvas.tube(np.linspace(joint - way * 0.02, joint + way * 0.05, 3), 0.034, look.steel)
        return
    for sign in (-1, 1):
        bend = joint + way * 0.35 + side * sign * 0.04
        shank = np.array(
            [joint, joint + way * 0.15 + side * sign * 0.022, bend, bend + way * REACH + side * sign * 0.1]
        )
        canvas.tube(shank, np.array([0.024, 0.022, 0.02, 0.026]), look.steel, 0.8)
    canvas.disc(joint, 0.032, shade(look.steel, 0.6))
    canvas.disc(joint, 0.024, look.steel)
    canvas.disc(joint, 0.009, shade(look.steel, 0.5))


def draw_forceps(canvas: Canvas, tip: np.ndarray, angle: float, look: Look, opening: float = 0.3) -> None:
    """Tissue forceps: two long springy tines that meet far behind the tip."""
    way, side = heading(angle), heading(angle + np.pi / 2)
    share = np.linspace(0, 1, 6)
    for sign in (-1, 1):
        spread = (0.004 + 0.045 * opening) * (1 - share) + 0.05 * np.sin(np.pi * share**0.8)
        middle = tip + share[:, None] * way * 0.85 + sign * spread[:, None] * side
        canvas.tube(middle, 0.007 + 0.018 * share**0.7, shade(look.steel, 0.95 if sign < 0 else 1.05), 0.7)
    canvas.tube(np.linspace(tip + way * 0.8, tip + way * REACH, 3), 0.034, look.steel, 0.9)


def draw_scissors(canvas: Canvas, tip: np.ndarray, angle: float, look: Look, opening: float) -> None:
    """Scissors: two flat blades that cross at a pivot, open by up to half a radian each."""
    pivot = tip + heading(angle) * 0.24
    for sign in (-1, 1):
        turn = sign * 0.5 * opening
        blade, edge = -heading(angle + turn), heading(angle + turn + np.pi / 2) * sign
        outline = np.array([pivot - blade * 0.02, pivot + blade * 0.02 + edge * 0.034, pivot + blade * 0.24, pivot])
        canvas.polygon(outline, shade(look.steel, 0.8 if sign < 0 else 1.15), 0.6)
        shank = -heading(angle + np.pi - turn * 0.8)
        canvas.tube(
            np.linspace(pivot, pivot + shank * REACH, 4),
            np.array([0.02, 0.018, 0.02, 0.024]),
            look.steel,
            0.8,
        )
    canvas.disc(pivot, 0.022, shade(look.steel, 0.55))
    canvas.disc(pivot, 0.012, shade(look.steel, 1.3))


def draw_cautery(canvas: Canvas, tip: np.ndarray, angle: float, look: Look, glow: float) -> None:
    """An electrosurgical pen: plastic body, thin tip, a spark and smoke while it works."""
    way = heading(angle)
    canvas.tube(np.linspace(tip, tip + way * 0.14, 3), np.array([0.007, 0.008, 0.009]), shade(look.steel, 0.7), 0.5)
    canvas.tube(np.linspace(tip + way * 0.12, tip + way * 0.3, 3), np.array([0.016, 0.03, 0.04]), look.plastic, 0.7)
    canvas.tube(np.linspace(tip + way * 0.29, tip + way * REACH, 3), 0.042, look.plastic, 0.9)
    canvas.disc(tip, 0.03, (44, 26, 20))
    if glow > 0:
        canvas.disc(tip, 0.012 + 0.012 * glow, (255, 226, 150))


def draw_suction(canvas: Canvas, tip: np.ndarray, angle: float, look: Look) -> None:
    """A suction tube with a bent end and a dark mouth."""
    way, side = heading(angle), heading(angle + np.pi / 2)
    middle = np.array(
        [tip, tip + way * 0.12 + side * 0.004, tip + way * 0.3 + side * 0.05, tip + way * REACH + side * 0.3]
    )
    canvas.tube(middle, np.array([0.024, 0.022, 0.026, 0.03]), shade(look.steel, 1.1), 0.7)
    canvas.disc(tip, 0.02, (30, 16, 18))


def draw_retractor(canvas: Canvas, tip: np.ndarray, angle: float, look: Look) -> None:
    """A rake of bright bent prongs on a broad handle: metal arcs that are no needle."""
    way, side = heading(angle), heading(angle + np.pi / 2)
    base = tip + way * 0.16
    for offset in (-0.07, 0.0, 0.07):
        turn = np.linspace(-0.2, np.pi * 0.75, 8)
        hook = base + side * offset - way * 0.1 * np.sin(turn)[:, None] + side * 0.025 * (1 - np.cos(turn))[:, None]
        canvas.tube(hook, np.linspace(0.015, 0.009, 8), look.steel, 0.3)
    canvas.tube(np.array([base - side * 0.09, base + side * 0.09]), 0.024, look.steel, 0.6)
    canvas.tube(np.linspace(base, base + way * REACH, 3), 0.036, shade(look.steel, 0.9), 0.8)


def draw_gauze(canvas: Canvas, centre: np.ndarray, turn: float, stain: Colour) -> None:
    """A crumpled swab with a blood stain."""
    corners = np.linspace(0, 2 * np.pi, 17)[:-1]
    rim = 0.15 + 0.02 * np.sin(5 * corners + turn) + 0.03 * np.abs(np.cos(2 * corners))
    outline = centre + rim[:, None] * np.stack([np.cos(corners + turn), 0.8 * np.sin(corners + turn)], 1)
    canvas.polygon(outline, (214, 208, 202), 0.4)
    canvas.polygon(centre + (outline - centre) * 0.86, (238, 234, 228))
    canvas.polygon(centre + (outline - centre) * 0.4 + 0.03, shade(stain, 1.25))
    for fold in (-0.5, 0.1, 0.6):
        ends = centre + np.array([heading(turn + fold) * 0.12, heading(turn + fold + 2.6) * 0.11])
        canvas.line(ends, (196, 190, 186), 0.008)


def draw_finger(canvas: Canvas, tip: np.ndarray, angle: float, glove: Colour) -> None:
    """A gloved finger that presses on the tissue."""
    way = heading(angle)
    radii = np.array([0.012, 0.034, 0.05, 0.06, 0.066, 0.07, 0.085])
    places = np.array([0.0, 0.008, 0.026, 0.055, 0.12, 0.4, REACH])
    canvas.tube(tip + places[:, None] * way, radii, glove, 0.7)
    canvas.line(
        np.array([tip + heading(angle + 0.2) * 0.25, tip + heading(angle - 0.2) * 0.25]),
        shade(glove, 0.75),
        0.008,
    )
