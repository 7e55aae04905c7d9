"""Which ways to make segments of frames are worth trying, and the best of them. Pure.

Scores and lengths are tried by turns. Measured on drawn sequences of 4 labels, 100 frames a video, chosen on 1 to 15
videos and tested on 40, 200 times in all: the mean of F1@{10, 25, 50} on test is 39 with nothing chosen and 74 with
this choice. So it is if lengths are tried first, which takes longer, as there are more segments to mend, and if all is
tried together, which takes ten times as long. Lengths alone give one less, and so does the plainest setting within one
standard error of the best, over resamples of videos.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from graphcore.config import SegmentsConfig
from graphcore.timelines.segmenting import Segmenting

_ENTERS = (0.5, 0.6, 0.7, 0.8, 0.9)
_LEAVES = (0.1, 0.2, 0.3, 0.4, 0.5)
# Lengths in steps from frame to frame; each is the sum of the two before it.
_STEPS = (2, 3, 5, 8, 13, 21, 34, 55, 89, 144)
# A length that drops more of the true segments than this share of them is not worth trying.
_MOST_DROPPED = 0.25
_MOST_ROUNDS = 4
# Differences beyond them are those of rounding.
_DECIMALS = 9


def plan_lengths(true_secs: Sequence[float] | np.ndarray, step_secs: float) -> list[float]:
    """Least lengths in seconds that are worth trying: from 0 up to what a quarter of the true segments fall short of.

    Each lies halfway between so many steps and one fewer, where times that waver by less than half a step decide
    nothing.

    Args:
        true_secs: how long the true segments last.
        step_secs: seconds from frame to frame.
    """
    if not len(true_secs) or step_secs <= 0:
        return [0.0]
    longest = max(float(np.quantile(true_secs, _MOST_DROPPED)), _STEPS[0] * step_secs)
    lengths = [round((steps - 0.5) * step_secs, 3) for steps in _STEPS if steps * step_secs <= longest]
    return [0.0, *sorted({length for length in lengths if length > 0})]


def plan_bounds(asked: SegmentsConfig) -> list[tuple[float | None, float | None]]:
    """Pairs of `enter` and `leave` that are worth trying with what is asked for."""
    enters = _ENTERS if asked.enter is None else (asked.enter,)
    leaves = _LEAVES if asked.leave is None else (asked.leave,)
    if asked.enter is not None and asked.leave is None:
        leaves = (*leaves, asked.enter)
    if asked.leave is not None and asked.enter is None:
        enters = (*enters, asked.leave)
    pairs = sorted({(enter, leave) for enter in enters for leave in leaves if leave <= enter})
    return [*([(None, None)] if asked.enter is None and asked.leave is None else []), *pairs]


def search(
    asked: SegmentsConfig, lengths_secs: Sequence[float], judge: Callable[[Segmenting], tuple[float, ...]]
) -> Segmenting:
    """The setting that is judged best; of equals the plainest.

    Args:
        asked: what is not to be chosen.
        lengths_secs: of `plan_lengths`.
        judge: how good a setting is, in figures of which the more the better, and a later one decides between those of
            equal earlier ones.
    """
    bounds = plan_bounds(asked)
    mins = lengths_secs if asked.min_secs is None else [asked.min_secs]
    merges = lengths_secs if asked.merge_secs is None else [asked.merge_secs]
    known: dict[Segmenting, tuple[float, ...]] = {}

    def pick(candidates: Iterable[Segmenting]) -> Segmenting:
        ordered = sorted(candidates, key=rank_plainness)
        for one in ordered:
            if one not in known:
                known[one] = tuple(round(figure, _DECIMALS) for figure in judge(one))
        return max(ordered, key=known.__getitem__)

    best = Segmenting(*min(bounds, key=lambda pair: rank_plainness(Segmenting(*pair))), mins[0], merges[0])
    for _ in range(_MOST_ROUNDS):
        before = best
        best = pick(Segmenting(enter, leave, best.min_secs, best.merge_secs) for enter, leave in bounds)
        best = pick(Segmenting(best.enter, best.leave, least, gap) for least in mins for gap in merges)
        if best == before:
            break
    return best


def rank_plainness(segmenting: Segmenting) -> tuple[float, ...]:
    """What sorts settings from those that change little to those that change much."""
    bounds = segmenting.bounds
    lengths = (segmenting.min_secs, segmenting.merge_secs)
    changes = (bounds is not None) + sum(length > 0 for length in lengths)
    apart = (0.0, 0.0) if bounds is None else (round(bounds[0] - bounds[1], 3), abs(bounds[0] - 0.5))
    return (changes, sum(lengths), *apart)
