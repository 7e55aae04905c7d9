"""Sampling by class: how often a sample is seen in an epoch so that every class is seen as often as any other.

An epoch stays as long as it was. With `n` samples in `c` classes that have any, a class of `m` samples gets
`n / c` places in an epoch, so each of its samples is seen `n / (c * m)` times on average: a rare one several
times, a frequent one in some epochs only. A picture of several labels goes by the rarest of them, and one of no
label is seen as often as without all this.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from graphcore.graph.runtime import tf


def plan_class_rates(class_counts: np.ndarray, count: int) -> np.ndarray:
    """How often an epoch sees a sample of each class.

    Args:
        class_counts: int [classes], samples of each; the sum is more than `count` where a sample has several.
        count: samples there are.

    Returns:
        float64 [classes]; 0 for a class without samples.
    """
    counts = np.asarray(class_counts, np.float64)
    present = counts > 0
    return np.divide(count / max(1, present.sum()), counts, out=np.zeros_like(counts), where=present)


def plan_sample_rates(classes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How often an epoch sees each sample, and the class it is seen for.

    Args:
        classes: integers [samples], or 0 and 1 [samples, classes] where a sample may have several.

    Returns:
        float64 [samples] that add up to the number of samples, and integers [samples]; the number of classes
        stands for none.
    """
    if classes.ndim == 1:
        rates = plan_class_rates(np.bincount(classes), len(classes))
        return rates[classes], classes
    rates = plan_class_rates(classes.sum(0, dtype=np.int64), len(classes))
    # A last column for those of no class.
    own = np.column_stack([classes * rates, ~classes.any(1)])
    each = own.max(1)
    return each * (len(each) / max(each.sum(), 1.0)), own.argmax(1)


def build_copies(label: Any, owed: Any, rates: np.ndarray) -> tuple[Any, Any]:
    """Decides how many times a stream gives its next sample: what is owed to its class, in whole copies.

    What is left over stays owed, so that in any stretch of the stream a class is within one copy of its share.

    Args:
        label: int32 scalar, or uint8 [classes] with a 1 for each of several.
        owed: float32 [classes + 1]: copies owed to each class, and to no class, below 1.
        rates: float64 [classes] of `plan_class_rates`.

    Returns:
        `owed` afterwards, and the copies as an int64 scalar.
    """
    table = tf.constant(np.append(rates, 1.0), tf.float32)
    if label.shape.rank:
        own = tf.cast(label, tf.float32) * table[:-1]
        rarest = tf.where(tf.reduce_any(label > 0), tf.argmax(own, output_type=tf.int32), len(rates))
    else:
        rarest = label
    mine = owed[rarest] + table[rarest]
    copies = tf.floor(mine)
    return tf.tensor_scatter_nd_update(owed, [[rarest]], [mine - copies]), tf.cast(copies, tf.int64)
