"""What makes one procedure look unlike another: tissue, light, camera, instruments, thread.

A look is drawn once a video and says nothing about what happens in it, so nothing here can give suturing
away.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Colour = tuple[float, float, float]
"""Red, green and blue in 0 to 255."""

TISSUES: tuple[tuple[Colour, Colour, Colour], ...] = (
    (
        (222, 152, 128),
        (188, 104, 86),
        (150, 38, 34),
    ),  # light skin: surface, its darker patches, the open wound
    ((172, 66, 58), (116, 30, 30), (84, 12, 18)),  # muscle
    ((228, 182, 92), (190, 124, 50), (158, 56, 34)),  # fat
    ((206, 160, 158), (166, 108, 116), (134, 30, 44)),  # peritoneum
    ((124, 58, 46), (78, 28, 26), (54, 10, 12)),  # liver
    ((150, 98, 68), (108, 62, 40), (128, 34, 28)),  # dark skin
    ((226, 196, 172), (206, 166, 138), (196, 96, 90)),  # practice pad
    ((196, 112, 124), (146, 66, 84), (104, 18, 34)),  # bowel
)
THREADS: tuple[Colour, ...] = (
    (38, 42, 150),
    (24, 22, 26),
    (120, 44, 140),
    (236, 234, 226),
    (24, 110, 84),
    (60, 130, 214),
)
STEELS: tuple[Colour, ...] = ((176, 182, 190), (206, 208, 208), (138, 144, 156), (184, 176, 162))
ACCENTS: tuple[Colour, ...] = ((206, 168, 76), (150, 154, 162), (52, 54, 62), (70, 110, 190))
DRAPES: tuple[Colour, ...] = ((44, 92, 150), (40, 122, 108), (92, 140, 176), (210, 214, 216))


@dataclass(frozen=True)
class Look:
    """The look of one video. Lengths are in picture heights, angles in radians, rates in 1/s."""

    tissue: Colour
    patches: Colour
    wound: Colour
    thread: Colour
    steel: Colour
    accent: Colour
    plastic: Colour
    drape: Colour | None
    grain: int
    vessels: int
    gloss: float
    thread_width: float
    needle_radius: float
    slim_shafts: bool
    hand_angle: float
    light: tuple[float, float]
    light_falloff: float
    exposure: Colour
    flicker: float
    shadow: tuple[float, float]
    port: bool
    shake: float
    pan: float
    zoom: tuple[float, float]
    turn: float
    noise: float
    blur: float


def choose_look(index: int, seed: int) -> Look:
    """The look of video number `index`: neighbours in number differ in tissue and thread."""
    deck = np.random.default_rng([seed, 101])
    tissue, patches, wound = TISSUES[deck.permutation(len(TISSUES))[index % len(TISSUES)]]
    threads = np.roll(deck.permutation(len(THREADS)), -index)
    rng = np.random.default_rng([seed, 102, index])
    tone = rng.uniform(0.88, 1.12, 3)
    exposure = rng.uniform(0.85, 1.1) * rng.uniform(0.93, 1.07, 3)
    return Look(
        tissue=_toned(tissue, tone),
        patches=_toned(patches, tone),
        wound=_toned(wound, tone),
        thread=next(THREADS[t] for t in threads if _stands_out(THREADS[t], tissue)),
        steel=STEELS[rng.integers(len(STEELS))],
        accent=ACCENTS[rng.integers(len(ACCENTS))],
        plastic=((60, 120, 200), (226, 196, 60), (236, 236, 232))[rng.integers(3)],
        drape=DRAPES[rng.integers(len(DRAPES))] if rng.random() < 0.4 else None,
        grain=int(rng.integers(5, 14)),
        vessels=int(rng.integers(0, 9)),
        gloss=float(rng.uniform(0, 1)),
        thread_width=float(rng.uniform(0.016, 0.02)),
        needle_radius=float(rng.uniform(0.165, 0.195)),
        slim_shafts=bool(rng.random() < 0.4),
        hand_angle=float(rng.uniform(0.1, 1.1) if rng.random() < 0.7 else rng.uniform(2.0, 3.0)),
        light=(float(rng.uniform(0.35, 0.65)), float(rng.uniform(0.3, 0.65))),
        light_falloff=float(rng.uniform(0.15, 0.75)),
        exposure=_toned((1, 1, 1), exposure),
        flicker=float(rng.uniform(0, 0.05)),
        shadow=(float(rng.uniform(-0.025, 0.025)), float(rng.uniform(0.01, 0.035))),
        port=bool(rng.random() < 0.25),
        shake=float(rng.choice([0.0, 0.004, 0.012])),
        pan=float(rng.uniform(0.01, 0.07)),
        zoom=(float(rng.uniform(1.1, 1.3)), float(rng.uniform(0.0, 0.08))),
        turn=float(rng.uniform(0, 0.12)),
        noise=float(rng.uniform(1, 6)),
        blur=float(rng.choice([0.0, 0.0, 0.6])),
    )


def shade(colour: Colour, factor: float) -> Colour:
    """A darker (below 1) or lighter (above 1, towards white) tone of a colour."""
    if factor <= 1:
        return (colour[0] * factor, colour[1] * factor, colour[2] * factor)
    share = factor - 1
    return (
        colour[0] + (255 - colour[0]) * share,
        colour[1] + (255 - colour[1]) * share,
        colour[2] + (255 - colour[2]) * share,
    )


def _stands_out(thread: Colour, tissue: Colour) -> bool:
    """Surgeons choose threads they can see, too."""
    return float(np.linalg.norm(np.subtract(thread, tissue))) > 130


def _toned(colour: Colour, tone: np.ndarray) -> Colour:
    red, green, blue = (float(c * t) for c, t in zip(colour, tone, strict=True))
    return (red, green, blue)
