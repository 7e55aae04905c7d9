"""Groups of a split drawn anew, again and again: how often each came in each draw.

A figure is computed of a draw from what each group adds to it (its right samples, the sum of its losses), so that a
draw costs as much for a million samples as for a thousand.

Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993).
"""

from __future__ import annotations

import dataclasses
import functools
import itertools
from collections.abc import Callable, Iterator

import numpy as np

from graphcore.evaluation.chunks import iterate_chunks
from graphcore.evaluation.intervals.groups import Groups

# Groups beyond so many are first joined at random to so many blocks: blocks of independent groups are independent too,
# and vary as the groups do.
MOST_BLOCKS = 2000
# Columns that a figure may hold of each draw: what decides how many draws are looked at at once.
_WIDEST = 4096
_SEED = 0
# Draws that are kept for the next split, and for the next job of a sweep: 8 MB each.
_MOST_KEPT_CELLS = 1 << 22
# So few samples are added up cell by cell: at most 6 ms, as long as one wait of OpenBLAS's threads for each other. Two
# splits of 380 photos took 0.22 s of CPU time by products, and take 0.02. For 30 000 samples of 1 000 classes it took
# four times as long as products, and 150 MiB more, however empty the tables.
_FEW_SAMPLES = 4096
# Cells of a matrix from which OpenBLAS shares its product with a vector between threads, which then wait as above.
# Source: OpenBLAS, interface/gemv.c: 2304 times GEMM_MULTITHREAD_THRESHOLD.
_CELLS_OF_ONE_THREAD = 9216
# Rows that its kernels take at once: of pieces of as many every sum is bit for bit that of the whole.
_ROWS_OF_KERNEL = 4
# From here on the threads are worth their waiting.
_CELLS_OF_MANY_THREADS = 1 << 22

# From weights float [draws, blocks] to float32 [draws, columns]: what a table comes to in each draw.
Tally = Callable[[np.ndarray], np.ndarray]


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
        is_kept = self.count * self.num_blocks <= _MOST_KEPT_CELLS
        for counts in _keep_draws(self.num_blocks, self.count) if is_kept else _draw(self.num_blocks, self.count):
            yield counts.astype(np.float64)

    def add_up(self, values: np.ndarray | None = None) -> np.ndarray:
        """float64 [blocks], the sums of one value a sample; their number when None."""
        return np.bincount(self.blocks, values, self.num_blocks).astype(np.float64)

    def cross(self, columns: np.ndarray, num_columns: int, chosen: np.ndarray | None = None) -> Tally:
        """Adds up how many samples there are of each column in a draw.

        Args:
            columns: int [samples], the column of each.
            num_columns: how many there are.
            chosen: bool [samples], those to count; all when None.
        """
        cells = np.asarray(columns, np.int64) * self.num_blocks + self.blocks
        cells = cells if chosen is None else cells[chosen]
        if len(cells) <= _FEW_SAMPLES:
            return _tally_sparse(cells, self.num_blocks, num_columns)
        counts = np.bincount(cells, minlength=self.num_blocks * num_columns).astype(np.float32)
        return make_tally(counts.reshape(num_columns, self.num_blocks).T)


def order_weights(weights: np.ndarray) -> np.ndarray:
    """The same float32 [draws, blocks], with the draws of a block beside each other: what a tally wants, made once."""
    return np.asfortranarray(weights, np.float32)


def make_tally(table: np.ndarray) -> Tally:
    """What adds up a table of counts, [blocks, columns]; those below 2^24 a draw are exact in float32."""
    table = np.ascontiguousarray(table, np.float32)
    return lambda weights: weights.astype(np.float32, copy=False) @ table


def sum_draws(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """float64 [draws]: what values float64 [blocks] come to in draws float64 [draws, blocks]."""
    if weights.size > _CELLS_OF_MANY_THREADS:
        return weights @ values
    rows = max(1, _CELLS_OF_ONE_THREAD // (weights.shape[1] * _ROWS_OF_KERNEL)) * _ROWS_OF_KERNEL
    # One row alone would go another way, and is left with those before it.
    starts = range(0, max(1, len(weights) - 1), rows)
    return np.concatenate([piece @ values for piece in np.split(weights, starts[1:])])


def _tally_sparse(cells: np.ndarray, num_blocks: int, num_columns: int) -> Tally:
    """Adds up the cells of a table that are not empty; `cells` are column * num_blocks + block, one for each sample."""
    places, counts = np.unique(cells, return_counts=True)
    columns, blocks = np.divmod(places, num_blocks)
    starts = np.flatnonzero(np.diff(columns, prepend=-1))
    pieces = [slice(*ends) for ends in itertools.pairwise([*starts.tolist(), len(places)])]
    is_single = bool((counts == 1).all())

    def add_up(weights: np.ndarray) -> np.ndarray:
        found = np.zeros((num_columns, len(weights)), np.float32)
        if len(places):
            rows = order_weights(weights).T[blocks]
            if not is_single:
                rows *= counts.astype(np.float32)[:, np.newaxis]
            # `np.add.reduceat` takes four times as long, for it adds number by number and this row by row.
            for column, piece in zip(columns[starts].tolist(), pieces, strict=True):
                np.add.reduce(rows[piece], axis=0, out=found[column])
        return found.T

    return add_up


@functools.lru_cache(maxsize=4)
def _keep_draws(num_blocks: int, count: int) -> tuple[np.ndarray, ...]:
    return tuple(_draw(num_blocks, count))


def _draw(num_blocks: int, count: int) -> Iterator[np.ndarray]:
    """int16 [draws, blocks], some draws at a time; no block comes more often than there are blocks."""
    random = np.random.default_rng(_SEED)
    shares = np.full(num_blocks, 1 / num_blocks)
    for rows in iterate_chunks(count, _WIDEST):
        yield random.multinomial(num_blocks, shares, size=rows.stop - rows.start).astype(np.int16)


def plan_draws(groups: Groups, count: int) -> Draws | None:
    """Draws of the groups; None where none are asked for or there are fewer than two groups."""
    if not count or groups.count < 2:
        return None
    blocks, num_blocks = groups.numbers, min(groups.count, MOST_BLOCKS)
    if groups.count > num_blocks:
        blocks = (np.random.default_rng(_SEED).permutation(groups.count) % num_blocks)[blocks]
    return Draws(groups, count, num_blocks, blocks)
