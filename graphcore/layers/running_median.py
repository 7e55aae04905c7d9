"""The median of what lies around each moment, for windows of any width at the same cost.

The values of each class are replaced by their ranks, and the rank that is wanted of each window is then found bit by
bit, from the highest down: values are parted into those whose bit is 0 and those whose bit is 1, in the order of time,
so that a window of the one becomes a window of each part, and how many fell into the first tells in which part the
wanted one is. Memory does not grow with the width, and time only with the logarithm of the number of frames; sorting
each window of an hour would take frames x width.

Source: Claude, Navarro and Ordóñez, "The wavelet matrix: An efficient wavelet tree for large alphabets", Information
Systems 47 (2015), section 4, its quantile query; here all windows ask at once and no level is kept.
"""

from __future__ import annotations

from typing import Any

from graphcore.graph.runtime import tf, tf1


def running_median(values: Any, width: Any, causal: bool = False, scope: str = "running_median") -> Any:
    """Replaces each value by the median of those in a window over the frames before and after it.

    A window is cut where the video begins and ends; of an even number of values the median is the mean of the middle
    two.

    Args:
        values: float32 [frames, classes] without nan; each class is filtered by itself.
        width: int32 scalar, frames of a whole window, at least 1. Of an even number of frames one more lies before
            the frame than behind it.
        causal: whether the window ends at its frame instead of lying around it.
        scope: name scope.

    Returns:
        float32 [frames, classes].
    """
    with tf1.name_scope(scope):
        first, stop = _build_windows(tf.shape(values)[0], width, causal)
        columns = tf.transpose(values)
        order = tf.argsort(columns, stable=True)
        # The inverse of a permutation is what sorts it.
        ranks = tf.argsort(order)
        count = stop - first
        found = tf.concat([_select(ranks, first, stop, wanted) for wanted in ((count - 1) // 2, count // 2)], axis=1)
        middle = tf.gather(tf.gather(columns, order, batch_dims=1), found, batch_dims=1)
        lower, upper = tf.split(middle, 2, axis=1)
        return tf.transpose((lower + upper) / 2)


def _build_windows(frames: Any, width: Any, causal: bool) -> tuple[Any, Any]:
    """int32 [frames] each: the first frame of every window, and the one after its last."""
    behind = 0 if causal else (width - 1) // 2
    here = tf.range(frames)
    # A width beyond the video is no wider than the video; sums of int32 stay small.
    before = tf.minimum(width - 1 - behind, frames)
    return tf.maximum(here - before, 0), tf.minimum(here + tf.minimum(behind, frames) + 1, frames)


def _select(ranks: Any, first: Any, stop: Any, wanted: Any) -> Any:
    """The `wanted`-th smallest of ranks[class, first:stop], for each class and window.

    Args:
        ranks: int32 [classes, frames], a permutation of the frames in each row.
        first: int32 [windows].
        stop: int32 [windows].
        wanted: int32 [windows] in [0, stop - first).

    Returns:
        int32 [classes, windows].
    """
    shape = tf.shape(ranks)
    offsets = tf.range(shape[0])[:, tf.newaxis] * shape[1]

    def narrow(bit: Any, ranks: Any, first: Any, stop: Any, wanted: Any, found: Any) -> Any:
        is_one = tf.equal(ranks // bit % 2, 1)
        zeros_before = tf.pad(tf.cumsum(tf.cast(~is_one, tf.int32), axis=1), [[0, 0], [1, 0]])
        zeros = zeros_before[:, -1:]
        first_zero, stop_zero = (tf.gather(zeros_before, place, batch_dims=1) for place in (first, stop))
        inside = stop_zero - first_zero
        go_up = wanted >= inside
        places = tf.where(is_one, zeros + tf.range(shape[1]) - zeros_before[:, :-1], zeros_before[:, :-1])
        parted = tf.scatter_nd(tf.reshape(places + offsets, [-1, 1]), tf.reshape(ranks, [-1]), [shape[0] * shape[1]])
        return (
            bit // 2,
            tf.ensure_shape(tf.reshape(parted, shape), ranks.shape),
            tf.where(go_up, zeros + first - first_zero, first_zero),
            tf.where(go_up, zeros + stop - stop_zero, stop_zero),
            tf.where(go_up, wanted - inside, wanted),
            tf.where(go_up, found + bit, found),
        )

    windows = [tf.broadcast_to(each, tf.stack([shape[0], tf.shape(each)[0]])) for each in (first, stop, wanted)]
    state = (_highest_bit(shape[1]), ranks, *windows, tf.zeros_like(windows[0]))
    return tf1.while_loop(lambda bit, *_: bit > 0, narrow, state)[-1]


def _highest_bit(count: Any) -> Any:
    """int32 scalar: a power of two, above which no number below `count` has a bit."""
    exponent = tf.math.log(tf.cast(tf.maximum(count, 1), tf.float64)) / tf.math.log(tf.constant(2.0, tf.float64))
    return tf.cast(tf.pow(tf.constant(2.0, tf.float64), tf.floor(exponent)), tf.int32)
