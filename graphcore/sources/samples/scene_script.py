"""What happens in a scene and when, decided before a pixel is drawn: suturing and a surgeon's other work."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

SUTURING = "suturing"
STITCH = "stitch"
OTHERS = (
    "inspect",
    "forceps",
    "scissors",
    "cautery",
    "suction",
    "retractor",
    "gauze",
    "palpate",
    "empty_driver",
    "trim",
)
"""What is done outside suturing; tissue, steel, movement and finished stitches are seen there too."""

_SHARE = (0.42, 0.58)
_STITCH_SECS = (3.0, 5.0)
_OTHER_SECS = (2.5, 5.0)


@dataclass(frozen=True)
class Action:
    """One thing done, from `start` to `end` in seconds; `seed` decides its place and angles."""

    kind: str
    start: float
    end: float
    site: int
    seed: int


@dataclass(frozen=True)
class Script:
    """A scene's actions without gaps, and its segments of suturing as (start, end) in seconds."""

    actions: tuple[Action, ...]
    segments: tuple[tuple[float, float], ...]
    stitches: int


def plan_script(duration_secs: float, rng: np.random.Generator) -> Script:
    """Plans a scene: suturing and other work take turns, each about half of the time."""
    bounds, suturing = _plan_turns(duration_secs, rng)
    actions: list[Action] = []
    stitches = 0
    for start, end in pairwise(bounds):
        times = _divide(start, end, _STITCH_SECS if suturing else _OTHER_SECS, rng)
        kinds = [STITCH] * (len(times) - 1) if suturing else _other_kinds(len(times) - 1, rng)
        for kind, begin, finish in zip(kinds, times[:-1], times[1:], strict=True):
            actions.append(Action(kind, begin, finish, stitches, int(rng.integers(2**31))))
            stitches += kind == STITCH
        suturing = not suturing
    segments = [(s, e) for s, e in pairwise(bounds) if _is_stitch_at(actions, s)]
    return Script(tuple(actions), tuple(segments), stitches)


def action_at(script: Script, time_secs: float) -> Action:
    """The action at a time; the last one from its start on."""
    for action in script.actions:
        if time_secs < action.end:
            return action
    return script.actions[-1]


def _plan_turns(duration_secs: float, rng: np.random.Generator) -> tuple[list[float], bool]:
    """Bounds of the turns, in milliseconds' precision, and whether the first is suturing."""
    pairs = max(1, round(duration_secs / 22))
    suturing_secs = _portions(duration_secs * rng.uniform(*_SHARE), pairs, rng)
    other_secs = _portions(duration_secs - sum(suturing_secs), pairs, rng)
    first = bool(rng.random() < 0.4)
    order = (suturing_secs, other_secs) if first else (other_secs, suturing_secs)
    lengths = [length for pair in zip(*order, strict=True) for length in pair]
    bounds = [0.0, *np.cumsum(lengths).tolist()]
    bounds[-1] = duration_secs
    return [round(bound, 3) for bound in bounds], first


def _portions(total: float, count: int, rng: np.random.Generator) -> list[float]:
    weights = rng.uniform(0.7, 1.3, count)
    return (total * weights / weights.sum()).tolist()


def _divide(start: float, end: float, usual: tuple[float, float], rng: np.random.Generator) -> list[float]:
    count = max(1, round((end - start) / rng.uniform(*usual)))
    portions = _portions(end - start, count, rng)
    return [start, *(start + np.cumsum(portions)[:-1]).tolist(), end]


def _other_kinds(count: int, rng: np.random.Generator) -> list[str]:
    """All kinds come once before any comes again."""
    kinds: list[str] = []
    while len(kinds) < count:
        kinds += [OTHERS[index] for index in rng.permutation(len(OTHERS))]
    return kinds[:count]


def _is_stitch_at(actions: list[Action], time_secs: float) -> bool:
    return any(a.kind == STITCH and a.start <= time_secs < a.end for a in actions)
