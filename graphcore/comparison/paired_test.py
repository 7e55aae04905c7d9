"""Whether two runs differ by more than chance: how much, how surely, and how likely that were if they were the same.

Were the runs equally good, it would not matter which of them said what about a video: their answers could change
sides, video by video, and the difference would come out as large. The p value is the share of such swaps whose
difference is at least the one found. Whole groups are swapped and drawn, since frames of one video go wrong together.

Measured on 300 drawn pairs of equally good runs, each with good and bad videos of its own (50 frames, accuracy 0.8 give
or take 0.1): p was 0.05 or less in 2 % of them over 6 videos, 6 % over 10 and 4 % over 20; in 25 to 31 % where every
frame was swapped by itself. The 95 % interval held 0 in 86, 89 and 93 %: of few groups believe p before the interval.

Source: Good, "Permutation, Parametric and Bootstrap Tests of Hypotheses" (2005), chapter 3; Phipson and Smyth,
"Permutation P-values Should Never Be Zero", Statistical Applications in Genetics and Molecular Biology 9 (2010).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from graphcore.comparison.measures import Measure
from graphcore.comparison.swaps import is_enumerated, iterate_swaps
from graphcore.comparison.tallies import Tally, make_heap
from graphcore.errors import RunError
from graphcore.evaluation.intervals.draws import Draws
from graphcore.evaluation.intervals.interval import Interval, find_intervals
from graphcore.evaluation.predictions import Predictions

# Sums in another order differ in their last digits; differences closer than this are the same.
_SAME = 1e-10


@dataclasses.dataclass(frozen=True)
class PairedTest:
    """A figure of one run held against the same figure of another.

    Attributes:
        first: the figure of the run that the other is held against.
        second: the figure of the other.
        interval: 95 % of the difference, `second` less `first`, where groups are drawn anew; None of fewer than four.
        p: how likely so large a difference is, up or down, if the runs are equally good, in (0, 1]; None of one group.
        swaps: how many swaps were looked at.
        is_exact: whether those say as much as all there are.
        by_block: of each block alone the two figures, float64 [blocks, 2]; NaN where it has none.
    """

    first: float
    second: float
    interval: Interval | None
    p: float | None
    swaps: int
    is_exact: bool
    by_block: np.ndarray

    @property
    def difference(self) -> float:
        """How much higher the figure of the second run is."""
        return self.second - self.first


def run_paired_test(measure: Measure, pair: Sequence[Predictions], draws: Draws, swaps: int) -> PairedTest:
    """Tests one figure of two runs.

    Args:
        measure: the figure.
        pair: what the two runs say of the same samples, in the same order.
        draws: of the samples' groups, for the interval; of a single group there is none, and no p value.
        swaps: how many random ones, where there are too many groups to try all.

    Raises:
        RunError: the samples have no such figure.
    """
    alone, count = [_prepare(measure, [run], draws) for run in pair], draws.num_blocks
    first, second = (float(tally(np.ones((1, count)))[0]) for tally in alone)
    if not np.isfinite(second - first):
        raise RunError(
            f"metric={measure.name} is not defined for the samples that the runs share.",
            next_step="Name another: metric=...",
        )
    by_block = np.stack([tally(np.eye(count)) for tally in alone], axis=1)
    if count < 2:
        return PairedTest(first, second, None, None, 0, False, by_block)
    found = find_intervals(draws, [lambda weights: {"difference": alone[1](weights) - alone[0](weights)}])
    tried, as_large = _count_swaps(_prepare(measure, pair, draws), count, swaps)
    is_exact = is_enumerated(count)
    # Among random swaps the one that was found counts as one more: no p is 0.
    p = as_large / tried if is_exact else (as_large + 1) / (tried + 1)
    return PairedTest(first, second, found.get("difference"), p, tried, is_exact, by_block)


def _prepare(measure: Measure, runs: Sequence[Predictions], draws: Draws) -> Tally:
    tally = measure.prepare(make_heap(runs, draws))
    if tally is None:
        raise RunError(
            f"metric={measure.name} of {len(runs[0].class_names)} classes would take too long to test.",
            next_step="Name another: metric=...",
        )
    return tally


def _count_swaps(tally: Tally, blocks: int, swaps: int) -> tuple[int, int]:
    """How many swaps were tried, and how many of them set the runs at least as far apart as they are."""
    distance = _measure_distances(tally, np.zeros((1, blocks), bool))[0]
    tried = as_large = 0
    for swapped in iterate_swaps(blocks, swaps):
        as_large += int((_measure_distances(tally, swapped) >= distance - _SAME).sum())
        tried += len(swapped)
    return tried, as_large


def _measure_distances(tally: Tally, swapped: np.ndarray) -> np.ndarray:
    """How far apart the runs are after each swap, float64 [rows]."""
    sides = ((~swapped, swapped), (swapped, ~swapped))
    first, second = (tally(np.hstack(side).astype(np.float64)) for side in sides)
    return np.abs(second - first)


def smallest_p(groups: int) -> float:
    """The smallest p value that so many groups can give, where every swap is tried.

    Of all swaps at least two set the runs as far apart as they are: none, and all.
    """
    return 0.5 ** (groups - 1)


def correct_by_holm(p_values: Sequence[float]) -> list[float]:
    """Corrects p values of several tests, so that the chance of even one false alarm stays below what is asked for.

    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6
    (1979).
    """
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    corrected, highest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, p_values[index] * (len(order) - rank)))
        corrected[index] = highest
    return corrected
