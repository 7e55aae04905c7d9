"""Groups of a split drawn anew, again and again: how often each came in each draw.

A figure is computed of a draw from what each group adds to it (its right samples, the sum of its losses), so that a
draw costs as much for a million samples as for a thousand.

Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from graphcore.evaluation.chunks import iterate_chunks
from graphcore.evaluation.intervals.groups import Groups

# Groups beyond so many are first joined at random to so many blocks: blocks of independent groups are independent too,
# and vary as the groups do.
MOST_BLOCKS = 2000
# Columns that a figure may hold of each draw: what decides how many draws are looked at at once.
_WIDEST = 4096
_SEED = 0


@dataclasses.dataclass(frozen=True)
class Draws:
    """Draws with replacement of as many groups as there are.

    Attributes:
        groups: what is drawn.
        count: how many draws.
        num_blocks: of how many blocks, each a group or, of very many groups, some of them.
        blocks: int64 [samples], the block of each sample.
    """

    groups: Groups
    count: int
    num_blocks: int
    blocks: np.ndarray

    def iterate_weights(self) -> Iterator[np.ndarray]:
        """Some draws at a time, float64 [draws, blocks]: how often each block came; a row sums to `num_blocks`.

        They hang on nothing but the number of blocks: every figure of a split sees the same draws.
        """
        random = np.random.default_rng(_SEED)
        shares = np.full(self.num_blocks, 1 / self.num_blocks)
        for rows in iterate_chunks(self.count, _WIDEST):
            yield random.multinomial(self.num_blocks, shares, size=rows.stop - rows.start).astype(np.float64)

    def add_up(self, values: np.ndarray | None = None) -> np.ndarray:
        """float64 [blocks], the sums of one value a sample; their number when None."""
        return np.bincount(self.blocks, values, self.num_blocks).astype(np.float64)

    def cross(self, columns: np.ndarray, num_columns: int, chosen: np.ndarray | None = None) -> np.ndarray:
        """float64 [blocks, num_columns], how many samples there are of each block and column.

        Args:
            columns: int [samples], the column of each.
            num_columns: how many there are.
            chosen: bool [samples], those to count; all when None.
        """
        cells = self.blocks * num_columns + columns
        cells = cells if chosen is None else cells[chosen]
        return np.bincount(cells, minlength=self.num_blocks * num_columns).reshape(-1, num_columns).astype(np.float64)


def plan_draws(groups: Groups, count: int) -> Draws | None:
    """Draws of the groups; None where none are asked for or there are fewer than two groups."""
    if not count or groups.count < 2:
        return None
    blocks, num_blocks = groups.numbers, min(groups.count, MOST_BLOCKS)
    if groups.count > num_blocks:
        blocks = (np.random.default_rng(_SEED).permutation(groups.count) % num_blocks)[blocks]
    return Draws(groups, count, num_blocks, blocks)
