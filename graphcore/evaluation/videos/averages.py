"""The mean of a figure over videos or labels, and how much it varies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np


def average(name: str, figures: Sequence[float]) -> Iterator[tuple[str, float]]:
    """Yields the mean under `name`, and the standard deviation under `name` + "_std".

    The standard deviation is that of a sample (divided by one less than there are figures), as the evaluation script
    of the M2CAI challenge has it: the videos stand for others. NumPy's own default divides by their number and
    is smaller, by 1.3 % for 40 videos and by a third for two. Of one figure it is not defined and left out, and
    of none so is the mean.

    Source: `Main.m` of the M2CAI 2016 workflow challenge, where `std` is MATLAB's.
    """
    if len(figures):
        yield name, float(np.mean(figures))
    if len(figures) > 1:
        yield f"{name}_std", float(np.std(figures, ddof=1))
