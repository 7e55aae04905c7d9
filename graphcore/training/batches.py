"""Which samples each step of a head's training sees: pure, so that a resumed training sees the same."""

from __future__ import annotations

import functools

import numpy as np


def plan_batches(first_step: int, steps: int, count: int, batch_size: int, seed: int) -> np.ndarray:
    """Draws samples without replacement within an epoch, each epoch in an order of its own.

    Args:
        first_step: number of the first step; 0 begins the training.
        steps: how many steps.
        count: samples there are, at least 1.
        batch_size: samples a step; all of them where there are fewer.
        seed: of the orders.

    Returns:
        int32 [steps, min(batch_size, count)], indices in [0, count). What does not fill a batch at the end of
        an epoch is left to other epochs' orders.
    """
    size = min(batch_size, count)
    batches = count // size
    rows = []
    for step in range(first_step, first_step + steps):
        start = step % batches * size
        rows.append(_order(step // batches, count, seed)[start : start + size])
    return np.stack(rows) if rows else np.empty((0, size), np.int32)


@functools.lru_cache(maxsize=2)
def _order(epoch: int, count: int, seed: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch]).permutation(count).astype(np.int32)
