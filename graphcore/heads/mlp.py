"""The MLP head: hidden layers on pooled features, then one fully connected slim layer, softmax."""

from __future__ import annotations

from typing import Any

from graphcore.config import MlpHeadConfig
from graphcore.graph.runtime import tf
from graphcore.heads.dense import build_logits
from graphcore.heads.head import Head
from graphcore.heads.hidden import build_hidden_layers, hidden_scope

# Part of every checkpoint's contract: hidden layers are SCOPE/hidden_1, SCOPE/hidden_2 ..., the last one SCOPE/logits.
SCOPE = "head/mlp"
LOGITS_SCOPE = f"{SCOPE}/logits"


def make_head(config: MlpHeadConfig, num_classes: int, seed: int) -> Head:
    """Makes the head; see `factory.get_head`."""

    def build(features: Any, is_training: bool = False, step: Any = None) -> tuple[Any, dict[str, Any]]:
        net = build_hidden_layers(features, config, SCOPE, seed, is_training, step)
        logits = build_logits(net, num_classes, LOGITS_SCOPE, seed)
        return logits, {"logits": logits, "probabilities": tf.nn.softmax(logits)}

    scopes = [hidden_scope(SCOPE, index) for index in range(len(config.widths))]
    decayed = tuple(f"{scope}/weights" for scope in (*scopes, LOGITS_SCOPE))
    return Head("mlp", num_classes, SCOPE, decayed, build)
