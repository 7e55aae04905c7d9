"""Where figures lie on a chart: ranges, round ticks, and which of very many points are drawn. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MOST_POINTS = 300


@dataclass(frozen=True)
class Scale:
    """From figures to pixels.

    Attributes:
        low: the figure at `start`.
        high: the figure at `end`.
        start: pixels.
        end: pixels.
    """

    low: float
    high: float
    start: float
    end: float

    def locate(self, value: float) -> float:
        """Where a figure lies, in pixels."""
        length = self.high - self.low
        share = (value - self.low) / length if length else 0.5
        return self.start + share * (self.end - self.start)


def plan_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round figures in [low, high]: 1, 2 or 5 times a power of ten apart, at most `most` + 1 of them."""
    if not high > low:
        return [low]
    rough = (high - low) / most
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 12) for number in range(first, last + 1)]


def find_range(values: Sequence[float]) -> tuple[float, float]:
    """The lowest and the highest; of equal figures something around them."""
    low, high = min(values), max(values)
    if low == high:
        pad = abs(low) / 2 or 0.5
        return low - pad, high + pad
    return low, high


def round_out(low: float, high: float) -> tuple[float, float]:
    """The range out to its next round figures, so that no line runs along the frame."""
    ticks = plan_ticks(low, high)
    step = ticks[1] - ticks[0] if len(ticks) > 1 else high - low
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def plan_envelope(values: np.ndarray, most: int = MOST_POINTS) -> np.ndarray:
    """Rows to draw so that the line looks as if all were drawn: int64 [at most `most`], ascending.

    Of each stretch the lowest and the highest.
    """
    if len(values) <= most:
        return np.arange(len(values))
    stretches = np.array_split(np.arange(len(values)), most // 2)
    ends = [(rows[values[rows].argmin()], rows[values[rows].argmax()]) for rows in stretches]
    return np.unique(np.array(ends, np.int64))


def spread(places: Sequence[float], least: float) -> list[float]:
    """Moves ascending places apart until none is nearer to the next than `least`; their mean stays where it was."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + least) if moved else place)
    shift = (sum(moved) - sum(places)) / len(places) if places else 0.0
    return [place - shift for place in moved]
