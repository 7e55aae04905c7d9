"""Several runs side by side: their figures on the samples that all have, and each held against the first."""

from __future__ import annotations

import dataclasses

import numpy as np

from graphcore.comparison.lining_up import Gathered
from graphcore.comparison.measures import Measure, choose_measure, find_right, list_measures
from graphcore.comparison.paired_test import PairedTest, correct_by_holm, run_paired_test
from graphcore.evaluation.figures import Metrics
from graphcore.evaluation.intervals.draws import Draws, plan_draws
from graphcore.evaluation.intervals.groups import SAMPLES, Groups, plan_groups

# An interval from more draws is no better; swaps, of which a small p value needs many, go on.
_MOST_DRAWS = 10_000


@dataclasses.dataclass(frozen=True)
class RunFigures:
    """What one run is worth on the shared samples.

    Attributes:
        name: of the run, short.
        metrics: every figure, as evaluation has them.
        left_out: how many of its samples another run lacks.
    """

    name: str
    metrics: Metrics
    left_out: int


@dataclasses.dataclass(frozen=True)
class GroupGap:
    """How far two runs lie apart in one group.

    Attributes:
        name: of the group.
        first: the first run's figure; NaN where the group alone has none.
        second: the other's.
    """

    name: str
    first: float
    second: float


@dataclasses.dataclass(frozen=True)
class Difference:
    """One run held against the first.

    Attributes:
        first: the first run's name.
        second: the other's.
        test: of the measure.
        p: the test's p value, corrected where more than one run was held against the first; None of one group.
        won: samples that the other run alone has right.
        lost: samples that the first run alone has right.
        gaps: of the groups in which they differ, those in which they do most first; empty where samples stand alone.
    """

    first: str
    second: str
    test: PairedTest
    p: float | None
    won: int
    lost: int
    gaps: tuple[GroupGap, ...]


@dataclasses.dataclass(frozen=True)
class Comparison:
    """Everything that `compare` finds.

    Attributes:
        split: "train", "validation" or "test".
        measure: what the runs were tested in.
        runs: their figures, in the order asked for.
        differences: of every run but the first.
        count: samples that all runs have.
        groups: what was drawn and swapped as a whole.
        knows_origin: whether the runs' records could say which samples belong together.
    """

    split: str
    measure: Measure
    runs: tuple[RunFigures, ...]
    differences: tuple[Difference, ...]
    count: int
    groups: Groups
    knows_origin: bool


def compare_gathered(gathered: Gathered, split: str, metric: str | None, resamples: int) -> Comparison:
    """Works out the tests of runs that were lined up.

    Args:
        gathered: the runs.
        split: which one that is of.
        metric: the figure to test in; None for the one that says most in one number.
        resamples: how many draws and random swaps.

    Raises:
        ConfigError: there is no such figure of these samples.
        RunError: the figure is not defined for them.
    """
    first, *others = gathered.predictions
    groups = plan_groups(first.marks, first.keys)
    measure = choose_measure(
        metric, list_measures(first.multi_label, first.marks is not None and first.marks.are_frames)
    )
    # Of a single group nothing can be drawn; its figures can still be told.
    draws = plan_draws(groups, min(resamples, _MOST_DRAWS)) or Draws(groups, 0, groups.count, groups.numbers)
    tests = [run_paired_test(measure, (first, other), draws, resamples) for other in others]
    known = [test.p for test in tests if test.p is not None]
    corrected = correct_by_holm(known) if known else [None] * len(tests)
    names = zip(gathered.names, gathered.metrics, gathered.left_out, strict=True)
    return Comparison(
        split=split,
        measure=measure,
        runs=tuple(RunFigures(*told) for told in names),
        differences=tuple(
            _tell_difference(gathered, number, test, p, draws)
            for number, (test, p) in enumerate(zip(tests, corrected, strict=True), 1)
        ),
        count=len(first.keys),
        groups=groups,
        knows_origin=first.marks is not None,
    )


def _tell_difference(gathered: Gathered, number: int, test: PairedTest, p: float | None, draws: Draws) -> Difference:
    right, other = (
        find_right(run.labels, run.scores, run.find_given() if run.multi_label else None)
        for run in (gathered.predictions[0], gathered.predictions[number])
    )
    return Difference(
        first=gathered.names[0],
        second=gathered.names[number],
        test=test,
        p=p,
        won=int((other & ~right).sum()),
        lost=int((right & ~other).sum()),
        gaps=_find_gaps(test, draws),
    )


def _find_gaps(test: PairedTest, draws: Draws) -> tuple[GroupGap, ...]:
    groups = draws.groups
    if groups.unit == SAMPLES or groups.count > draws.num_blocks:
        return ()  # of single samples it is counted which run alone has them right
    names = dict(zip(draws.blocks.tolist(), groups.names, strict=True))
    widths = np.nan_to_num(np.abs(test.by_block[:, 1] - test.by_block[:, 0]))
    order = [block for block in np.argsort(-widths, kind="stable").tolist() if widths[block] > 0]
    return tuple(GroupGap(names[block], *test.by_block[block].tolist()) for block in order)
