"""Where a sequence has no frame: padding at its end, which nothing of may reach the frames."""

from __future__ import annotations

from typing import Any

from graphcore.graph.runtime import tf


def hide_padding(net: Any, mask: Any | None) -> Any:
    """Sets to 0 what is no frame, whatever stands there, nan included.

    Args:
        net: float32 [sequences, frames, maps].
        mask: bool [sequences, frames], true where there is a frame; None where all are.
    """
    return net if mask is None else tf.where(mask[:, :, tf.newaxis], net, tf.zeros([], net.dtype))


def reverse_frames(net: Any, mask: Any | None) -> Any:
    """Turns time around: the last frame comes first, and padding stays where it is, at the end.

    Args:
        net: [sequences, frames, maps].
        mask: see `hide_padding`; padding is at the end.
    """
    if mask is None:
        return tf.reverse(net, axis=[1])
    lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)
    return tf.reverse_sequence(net, lengths, seq_axis=1, batch_axis=0)
