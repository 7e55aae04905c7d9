"""Which groups change sides when two runs are held to be the same: every way there is, or many at random."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graphcore.evaluation.chunks import iterate_chunks

# Up to so many groups every swap of two runs is tried: 65 536 of them.
MOST_GROUPS_ENUMERATED = 16
# What a row costs whoever works on it, if not more: some figures hang on thousands of counts.
_LEAST_CELLS = 4096


def is_enumerated(groups: int) -> bool:
    """Whether every swap of so many groups is tried, rather than some drawn at random."""
    return groups <= MOST_GROUPS_ENUMERATED


def iterate_swaps(groups: int, resamples: int, seed: int = 0) -> Iterator[np.ndarray]:
    """Yields which groups change sides, bool [rows, groups], some rows at a time.

    Swapping a set of groups and swapping all the others give the same difference but for its sign. A two-sided test
    takes the two for one, so of every way there is only the half is given in which the last group stays.

    Args:
        groups: how many, at least 1.
        resamples: how many random ones, where there are too many groups to try all.
        seed: of the random ones.
    """
    random = np.random.default_rng(seed)
    count = 1 << (groups - 1) if is_enumerated(groups) else resamples
    for rows in iterate_chunks(count, max(groups, _LEAST_CELLS)):
        if is_enumerated(groups):
            ways = np.arange(rows.start, rows.stop)
            yield (ways[:, None] >> np.arange(groups)) & 1 > 0
        else:
            yield random.random((rows.stop - rows.start, groups), np.float32) < 0.5
