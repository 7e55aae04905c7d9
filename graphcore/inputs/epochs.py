"""Where a step lies in a training that reads its samples epoch by epoch; pure."""

from __future__ import annotations

from dataclasses import dataclass

from graphcore.errors import DatasetError

# Encoded pictures that wait to be drawn from. Shards are in hashed order already, so this only varies the
# epochs.
SHUFFLE_BYTES = 128 * 2**20
MAX_SHUFFLED = 4096


@dataclass(frozen=True)
class EpochPlan:
    """Where a step lies: `epoch`, and how many samples of it are done.

    Attributes:
        epoch: 0 is the first.
        skipped: samples of that epoch that earlier steps have seen.
        per_epoch: samples in an epoch; what does not fill a batch waits for another epoch's order.
    """

    epoch: int
    skipped: int
    per_epoch: int


def plan_epoch(step: int, count: int, batch_size: int) -> EpochPlan:
    """Finds the place of `step` (0 is the first) in a training over `count` samples.

    Raises:
        DatasetError: there are fewer samples than one batch holds.
    """
    batches = count // batch_size
    if batches == 0:
        raise DatasetError(
            f"trainer.batch_size={batch_size} is more than the {count} training samples.",
            next_step=f"Set trainer.batch_size to {max(count, 1)} or less, or give more data.",
        )
    return EpochPlan(step // batches, step % batches * batch_size, batches * batch_size)


def plan_shuffle_buffer(size_bytes: int, count: int) -> int:
    """How many encoded samples to hold for shuffling, so that they stay within SHUFFLE_BYTES on average."""
    mean_bytes = max(1, size_bytes // max(1, count))
    return max(1, min(count, MAX_SHUFFLED, max(64, SHUFFLE_BYTES // mean_bytes)))
