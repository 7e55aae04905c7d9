"""Which samples each step of a head's training sees: pure, so that a resumed training sees the same."""

from __future__ import annotations

import functools

import numpy as np

from graphcore.inputs.sampling import plan_sample_rates


def plan_batches(
    first_step: int,
    steps: int,
    count: int,
    batch_size: int,
    seed: int,
    views: int = 1,
    classes: np.ndarray | None = None,
) -> np.ndarray:
    """Draws samples without replacement within an epoch, each epoch in an order of its own.

    Args:
        first_step: number of the first step; 0 begins the training.
        steps: how many steps.
        count: samples there are, at least 1.
        batch_size: samples a step; all of them where there are fewer.
        seed: of the orders.
        views: how many views of each sample there are. A sample begins with a view by chance and goes on to
            the next with each epoch, so `views` epochs see it in all of them.
        classes: draws every class as often as any other: integers [count], or 0 and 1 [count, classes] where
            a sample may have several. Each sample then comes floor(r) or ceil(r) times an epoch, r times on
            average, with r of `plan_sample_rates`; where a sample has one class, no class's places in an epoch
            differ from count / (classes that have samples) by more than one.

    Returns:
        int32 [steps, min(batch_size, count)], rows in [0, count * views); row r is view r // count of sample
        r % count. What does not fill a batch at the end of an epoch is left to other epochs' orders.
    """
    size = min(batch_size, count)
    batches = count // size
    drawn = None if classes is None else plan_sample_rates(classes)
    end = first_step + steps
    parts = [np.empty((0, size), np.int32)]
    for epoch in range(first_step // batches, -(-end // batches)):
        rows = _plan_epoch(epoch, count, seed, views, drawn)[: batches * size].reshape(batches, size)
        parts.append(rows[max(0, first_step - epoch * batches) : end - epoch * batches])
    return np.concatenate(parts)


def _plan_epoch(
    epoch: int, count: int, seed: int, views: int, drawn: tuple[np.ndarray, np.ndarray] | None
) -> np.ndarray:
    order, turns = _order(epoch, count, seed), np.int64(0)
    if drawn is not None:
        order, turns = _draw(order, *drawn, np.random.default_rng([seed, epoch, 1]))
    if views > 1:
        begins = np.random.default_rng([seed, 0, 2]).integers(views, size=count)
        order = (begins[order] + epoch + turns) % views * count + order
    return order.astype(np.int32, copy=False)


def _draw(
    order: np.ndarray, rates: np.ndarray, classes: np.ndarray, random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """As many samples as there are, each about `rates` times, and which time of its epoch that is.

    Source: Madow, "On the theory of systematic sampling, II" (1949): one random number, and a place at every
    whole step along the summed rates. Class by class, so that no class is more than one place off.
    """
    count = len(order)
    by_class = order[np.argsort(classes[order], kind="stable")]
    edges = np.minimum(np.floor(np.cumsum(rates[by_class]) + random.random()).astype(np.int64), count)
    edges[-1] = count
    copies = np.diff(edges, prepend=0)
    turns = np.arange(count) - np.repeat(edges - copies, copies)
    shuffled = random.permutation(count)
    return np.repeat(by_class, copies)[shuffled], turns[shuffled]


@functools.lru_cache(maxsize=2)
def _order(epoch: int, count: int, seed: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch]).permutation(count).astype(np.int32)
