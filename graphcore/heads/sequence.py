"""What the heads that learn from stretches of videos have in common."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

from graphcore.config.network import SequenceHeadConfig
from graphcore.graph.runtime import tf
from graphcore.heads.temporal import SequenceHead
from graphcore.layers.drawing import draw_by

# features, mask, is_training, dropout -> logits of each stage
BuildNetwork = Callable[[Any, Any, bool, float], tuple[Any, ...]]


def make_sequence_head(
    config: SequenceHeadConfig,
    num_classes: int,
    seed: int,
    scope: str,
    decayed: Sequence[str],
    build_network: BuildNetwork,
) -> SequenceHead:
    """Makes the head around its network.

    Args:
        config: name, causal, window, dropout, smoothing and smoothing_clamp are read.
        num_classes: how many logits a frame has.
        seed: of dropout.
        scope: what the names of all its variables begin with.
        decayed: names of the variables that weight decay acts on.
        build_network: (features float32 [sequences, frames, dimension], mask bool [sequences, frames] or None where
            all are frames, is_training, share to drop) -> logits of each stage; what it drops is dropped by slim's
            dropout.
    """

    def build_stages(features: Any, mask: Any, is_training: bool = False, step: Any = None) -> tuple[Any, ...]:
        drawn = is_training and step is not None
        # Dropout is a function of seed, step and the layer's name.
        with draw_by(step, seed) if drawn else contextlib.nullcontext():
            return build_network(features, mask, is_training, config.dropout if drawn else 0.0)

    def build(features: Any, is_training: bool = False, step: Any = None) -> tuple[Any, dict[str, Any]]:
        logits = build_stages(features[tf.newaxis], None, is_training, step)[-1][0]
        return logits, {"logits": logits, "probabilities": tf.nn.softmax(logits)}

    return SequenceHead(
        name=config.name,
        num_classes=num_classes,
        scope=scope,
        decayed=tuple(decayed),
        build=build,
        temporal=True,
        causal=config.causal,
        window=config.window,
        build_stages=build_stages,
        smoothing=config.smoothing,
        smoothing_clamp=config.smoothing_clamp,
    )
