"""What happens in a recording of procedures and when: three procedures, each once or more, with other work between."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from graphcore.sources.samples.scene_script import STITCH, Action, Script

PROCEDURES: dict[str, tuple[str, ...]] = {
    "cauterising": ("cautery",),
    "cutting": ("scissors",),
    "suturing": (STITCH,),
}
"""The kinds of action that each procedure is made of."""

BETWEEN = ("inspect", "gauze")
"""What is done outside all procedures."""

_ACTION_SECS = 3.5
_SECS_PER_TURN = 5.0


@dataclass(frozen=True)
class Turn:
    """A procedure from `start` to `end` in seconds; an empty name stands for what lies between."""

    name: str
    start: float
    end: float


def plan_procedures(duration_secs: float, rng: np.random.Generator) -> tuple[Script, tuple[Turn, ...]]:
    """Plans a recording: procedures in any order, something else before, between and after them.

    Returns:
        The script that scenes are drawn from, and the turns of named procedures in order.
    """
    turns = _plan_turns(duration_secs, rng)
    actions: list[Action] = []
    stitches = 0
    for turn in turns:
        kinds = PROCEDURES.get(turn.name, BETWEEN)
        count = max(1, round((turn.end - turn.start) / _ACTION_SECS))
        bounds = np.linspace(turn.start, turn.end, count + 1)
        first = int(rng.integers(len(kinds)))
        for number, (start, end) in enumerate(pairwise(bounds.tolist())):
            kind = kinds[(first + number) % len(kinds)]
            actions.append(Action(kind, start, end, stitches, int(rng.integers(2**31))))
            stitches += kind == STITCH
    named = tuple(turn for turn in turns if turn.name)
    return Script(tuple(actions), tuple((turn.start, turn.end) for turn in named), stitches), named


def _plan_turns(duration_secs: float, rng: np.random.Generator) -> list[Turn]:
    """Named and unnamed turns by turns; all procedures come once before any comes again."""
    rounds = max(1, round(duration_secs / (2 * len(PROCEDURES) * _SECS_PER_TURN)))
    names = [list(PROCEDURES)[index] for _ in range(rounds) for index in rng.permutation(len(PROCEDURES))]
    order = ["", *(name for one in names for name in (one, ""))]
    weights = rng.uniform(0.7, 1.3, len(order)) * [1.6 if name else 0.8 for name in order]
    bounds = [0.0, *np.round(np.cumsum(weights / weights.sum() * duration_secs), 3).tolist()]
    bounds[-1] = duration_secs
    return [Turn(name, start, end) for name, (start, end) in zip(order, pairwise(bounds), strict=True)]
