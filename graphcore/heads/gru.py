"""The GRU head: gated recurrent units over a video, both ways through time unless it is causal."""

from __future__ import annotations

from typing import Any

from graphcore.config.network import GruHeadConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.dense import INITIAL_STDDEV
from graphcore.heads.sequence import make_sequence_head
from graphcore.heads.temporal import SequenceHead
from graphcore.layers import slim
from graphcore.layers.framewise import framewise
from graphcore.layers.gru import gru
from graphcore.layers.masking import hide_padding

# Part of every checkpoint's contract: SCOPE/layer_1/forwards, SCOPE/layer_1/backwards ..., then SCOPE/logits.
SCOPE = "head/gru"


def make_head(config: GruHeadConfig, num_classes: int, seed: int) -> SequenceHead:
    """Makes the head; see `factory.get_head`."""
    ways = ("forwards",) if config.causal else ("forwards", "backwards")
    scopes = [[f"layer_{layer + 1}/{way}" for way in ways] for layer in range(config.layers)]

    def build_network(features: Any, mask: Any, is_training: bool, dropout: float) -> tuple[Any, ...]:
        net = hide_padding(features, mask)
        with tf1.variable_scope(SCOPE, reuse=tf1.AUTO_REUSE):
            for layer, each in enumerate(scopes):
                both = [
                    gru(net, config.units, mask, way > 0, is_training, seed, scope=at) for way, at in enumerate(each)
                ]
                net = tf.concat(both, axis=2)
                if dropout:
                    net = slim.dropout(net, 1 - dropout, is_training=True, scope=f"layer_{layer + 1}/dropout")
            initial = tf1.truncated_normal_initializer(stddev=INITIAL_STDDEV, seed=seed)
            return (framewise(net, num_classes, weights_initializer=initial, scope="logits"),)

    weights = [f"{SCOPE}/{at}/{kind}" for each in scopes for at in each for kind in ("weights", "recurrent_weights")]
    decayed = (*weights, f"{SCOPE}/logits/weights")
    return make_sequence_head(config, num_classes, seed, SCOPE, decayed, build_network)
