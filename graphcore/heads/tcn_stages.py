"""Stages of dilated convolutions over time, each correcting what the one before it said: what MS-TCN and TeCNO are.

Source: Farha and Gall, arXiv:1903.01945, sections 3.1 and 3.2; Czempiel et al., arXiv:2003.10751, section 2.2.
"""

from __future__ import annotations

from typing import Any

from graphcore.config.network import MsTcnHeadConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.dense import INITIAL_STDDEV
from graphcore.layers.dilated_residual import dilated_residual
from graphcore.layers.framewise import framewise
from graphcore.layers.masking import hide_padding
from graphcore.layers.seeded import mix_seed


def build_tcn_stages(
    features: Any,
    mask: Any | None,
    config: MsTcnHeadConfig,
    num_classes: int,
    scope: str,
    seed: int = 0,
    is_training: bool = False,
    dropout: float = 0.0,
) -> tuple[Any, ...]:
    """Adds the stages: the first on the features, each other on the scores of the one before it.

    Args:
        features: float32 [sequences, frames, dimension].
        mask: bool [sequences, frames], true where there is a frame; None where all are.
        config: stages, layers, maps and causal are read. A layer's three frames are 2 ** (its number, from 0) apart.
        num_classes: how many logits.
        scope: the variables are below its stage_1, stage_2 ...: inputs, layer_1 ... and logits.
        seed: of the initial weights.
        is_training: whether gradients are wanted.
        dropout: share that each layer leaves out of what it adds.

    Returns:
        float32 [sequences, frames, classes], logits of each stage.
    """
    stages, net = [], features
    for number in range(config.stages):
        with tf1.variable_scope(_stage_scope(scope, number), reuse=tf1.AUTO_REUSE):
            net = hide_padding(framewise(hide_padding(net, mask), config.maps, seed=seed, scope="inputs"), mask)
            for layer in range(config.layers):
                net = dilated_residual(
                    net, 2**layer, mask, config.causal, dropout, is_training, seed, scope=_layer_scope(layer)
                )
            initial = tf1.truncated_normal_initializer(
                stddev=INITIAL_STDDEV, seed=mix_seed(seed, _stage_scope(scope, number))
            )
            stages.append(framewise(net, num_classes, weights_initializer=initial, scope="logits"))
        net = tf.nn.softmax(stages[-1])
    return tuple(stages)


def list_tcn_weights(config: MsTcnHeadConfig, scope: str) -> tuple[str, ...]:
    """Names of the weights of all stages, without biases."""
    each = [f"{_layer_scope(layer)}/{part}" for layer in range(config.layers) for part in ("dilated", "project")]
    parts = ["inputs", *each, "logits"]
    return tuple(f"{_stage_scope(scope, number)}/{part}/weights" for number in range(config.stages) for part in parts)


def _stage_scope(scope: str, number: int) -> str:
    return f"{scope}/stage_{number + 1}"


def _layer_scope(number: int) -> str:
    return f"layer_{number + 1}"
