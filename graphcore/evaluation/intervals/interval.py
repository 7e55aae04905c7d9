"""How sure a figure is: its 95 % interval, from drawing whole groups anew.

The middle 95 % of what a figure comes to in the draws is its interval. It is a pure function of the data: draws have a
fixed seed.

Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13 (percentile intervals).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np

from graphcore.evaluation.figures import wilson_interval
from graphcore.evaluation.intervals.draws import Draws, plan_draws, sum_draws
from graphcore.evaluation.intervals.groups import FEWEST_GROUPS, SAMPLES, Groups

DEFAULT_RESAMPLES = 1000
_BOUNDS = (2.5, 97.5)

# What some draws come to: of weights float64 [draws, blocks] to figures float64 [draws] by name, NaN where a draw has
# none.
DrawnFigures = Callable[[np.ndarray], Mapping[str, np.ndarray]]


@dataclasses.dataclass(frozen=True)
class Interval:
    """The 95 % confidence interval of a figure.

    Attributes:
        low: its lower bound, in the figure's own unit.
        high: its upper bound.
        groups: how many independent observations it comes from.
        unit: what they are: "subjects", "videos", "groups" or "samples".
        of_groups: what no interval over them says, in a sentence or two; "" where there is nothing to mind.
    """

    low: float
    high: float
    groups: int
    unit: str
    of_groups: str = ""

    @property
    def is_point(self) -> bool:
        """Whether every draw comes to the same."""
        return self.low == self.high

    @property
    def caution(self) -> str:
        """What this one does not say, in a sentence or two; "" where there is nothing to mind."""
        alike = f"All {self.unit} are alike in it, which says little of others." if self.is_point else ""
        return f"{self.of_groups} {alike}".strip()


def find_intervals(draws: Draws, figures: Iterable[DrawnFigures]) -> dict[str, Interval]:
    """The middle 95 % of each figure over all draws; a figure that most draws do not have gets none.

    Draws of fewer than `FEWEST_GROUPS` groups give none at all: see there.
    """
    if draws.groups.count < FEWEST_GROUPS:
        return {}
    drawn: dict[str, list[np.ndarray]] = {}
    figures = tuple(figures)
    for weights in draws.iterate_weights():
        for measure in figures:
            for name, values in measure(weights).items():
                drawn.setdefault(name, []).append(values)
    found = {name: _find_middle(np.concatenate(parts), draws.groups) for name, parts in drawn.items()}
    return {name: interval for name, interval in found.items() if interval is not None}


def _find_middle(values: np.ndarray, groups: Groups) -> Interval | None:
    known = values[np.isfinite(values)]
    if 2 * len(known) <= len(values):
        return None
    low, high = np.percentile(known, _BOUNDS).tolist()
    return Interval(low, high, groups.count, groups.unit, groups.caution)


def interval_of_share(chosen: np.ndarray, groups: Groups) -> Interval:
    """Wilson's interval of the share of samples that stand alone.

    Draws are not used for it: of 20 right of 20 every draw is 100 %, and where few are wrong draws are too much alike.
    Wilson's is right there too; but it counts samples, so it is none for samples in groups.

    Args:
        chosen: bool [samples], those that count.
        groups: of samples, each alone.
    """
    low, high = wilson_interval(float(chosen.mean()), len(chosen))
    return Interval(low, high, len(chosen), SAMPLES, groups.caution)


def get_ratio(name: str, parts: np.ndarray, wholes: np.ndarray) -> DrawnFigures:
    """A figure that is a ratio of sums, such as a mean.

    Args:
        name: of the figure.
        parts: float64 [blocks], what each adds above the line.
        wholes: float64 [blocks], below it.
    """

    def measure(weights: np.ndarray) -> dict[str, np.ndarray]:
        return {name: divide(sum_draws(weights, parts), sum_draws(weights, wholes))}

    return measure


def divide(parts: np.ndarray, wholes: np.ndarray, empty: float = float("nan")) -> np.ndarray:
    """Element by element; `empty` where nothing is divided."""
    return np.where(wholes > 0, parts / np.where(wholes > 0, wholes, 1), empty)


def interval_of_means(values: Sequence[float] | np.ndarray, groups: Groups, resamples: int) -> Interval | None:
    """The interval of a mean over things that belong to groups, such as the mean accuracy of the videos of subjects.

    Args:
        values: float [things]; those that are NaN are left out.
        groups: of the things, in their order; `Groups.of_each` makes them for videos.
        resamples: how often groups are drawn.

    Returns:
        The interval; None where fewer than `FEWEST_GROUPS` groups have a value, or `resamples` is 0.
    """
    return interval_of_ratio(values, np.ones(len(values)), groups, resamples)


def interval_of_ratio(
    parts: Sequence[float] | np.ndarray, wholes: Sequence[float] | np.ndarray, groups: Groups, resamples: int
) -> Interval | None:
    """The interval of sum(parts) / sum(wholes), such as the pooled F1 of videos: 2 TP over 2 TP + FP + FN.

    Args:
        parts: float [things]; things whose part or whole is NaN are left out.
        wholes: float [things].
        groups: of the things, in their order.
        resamples: how often groups are drawn.

    Returns:
        The interval; None where fewer than `FEWEST_GROUPS` groups are left, or `resamples` is 0.
    """
    parts, wholes = np.asarray(parts, np.float64), np.asarray(wholes, np.float64)
    known = np.isfinite(parts) & np.isfinite(wholes)
    draws = plan_draws(groups.keep(known), resamples)
    if draws is None:
        return None
    ratio = get_ratio("ratio", draws.add_up(parts[known]), draws.add_up(wholes[known]))
    return find_intervals(draws, [ratio]).get("ratio")
