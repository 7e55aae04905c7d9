"""Gated recurrent units over the frames of a sequence, one way through time or the other.

Of the two forms of the candidate the one whose reset gate acts after the product is built: one product a frame is
enough, and the inputs' share of all frames is taken before the loop.

Source: Cho et al., "Learning Phrase Representations using RNN Encoder-Decoder", first version, arXiv:1406.1078v1.
"""

from __future__ import annotations

from typing import Any

from graphcore.graph.runtime import tf, tf1
from graphcore.layers import slim
from graphcore.layers.framewise import framewise
from graphcore.layers.masking import hide_padding, reverse_frames
from graphcore.layers.recurrence import run_recurrence, run_recurrence_with_gradient
from graphcore.layers.seeded import mix_seed


@slim.add_arg_scope
def gru(
    net: Any,
    units: int,
    mask: Any | None = None,
    reverse: bool = False,
    is_training: bool = False,
    seed: int | None = None,
    reuse: Any = None,
    scope: str | None = None,
) -> Any:
    """Adds the layer.

    Args:
        net: float32 [sequences, frames, dimension], dimension known.
        units: how many.
        mask: bool [sequences, frames], true where there is a frame, padding at the end; None where all are frames.
        reverse: whether time runs from the last frame to the first.
        is_training: whether gradients are wanted.
        seed: of the initial weights.
        reuse: as slim's layers have it.
        scope: of "weights" [dimension, 3 * units] and "biases" of update gate, reset gate and candidate, and
            "recurrent_weights" [units, 3 * units].

    Returns:
        float32 [sequences, frames, units] in [-1, 1], in the order of the frames; 0 where the mask is false.
    """
    with tf1.variable_scope(scope, "Gru", [net], reuse=reuse) as layer:
        gates = framewise(net, 3 * units, seed=seed, scope=layer)
        initializer = tf1.orthogonal_initializer(seed=mix_seed(seed, f"{layer.name}/recurrent_weights"))
        recurrent = slim.model_variable("recurrent_weights", [units, 3 * units], initializer=initializer)
        # Read outside the loop, so that a frozen graph has a constant there.
        recurrent = tf.identity(recurrent)
        if reverse:
            gates = reverse_frames(gates, mask)
        run = run_recurrence_with_gradient if is_training else run_recurrence
        states = tf.transpose(run(tf.transpose(gates, [1, 0, 2]), recurrent), [1, 0, 2])
        return hide_padding(reverse_frames(states, mask) if reverse else states, mask)
