"""The multi-label head: a sigmoid a class, so that a picture may have any number of labels, hidden layers below."""

from __future__ import annotations

from typing import Any

from graphcore.config import MultiLabelHeadConfig
from graphcore.errors import ConfigError
from graphcore.graph.runtime import tf
from graphcore.heads.dense import build_logits
from graphcore.heads.head import Head
from graphcore.heads.hidden import build_hidden_layers, hidden_scope

# Part of every checkpoint's contract, as in `mlp`.
SCOPE = "head/multi_label"
LOGITS_SCOPE = f"{SCOPE}/logits"


def make_head(config: MultiLabelHeadConfig, num_classes: int, seed: int) -> Head:
    """Makes the head; see `factory.get_head`.

    Raises:
        ConfigError: dropout is asked for without a hidden layer that it could act on.
    """
    if config.dropout and not config.widths:
        raise ConfigError(
            f"head.dropout={config.dropout:g} acts on hidden layers, and head.widths=[] has none.",
            next_step="Give widths, 'head.widths=[256]', or leave dropout at 0.",
        )

    def build(features: Any, is_training: bool = False, step: Any = None) -> tuple[Any, dict[str, Any]]:
        net = build_hidden_layers(features, config, SCOPE, seed, is_training, step)
        logits = build_logits(net, num_classes, LOGITS_SCOPE, seed)
        return logits, {"logits": logits, "probabilities": tf.nn.sigmoid(logits)}

    scopes = [hidden_scope(SCOPE, index) for index in range(len(config.widths))]
    decayed = tuple(f"{scope}/weights" for scope in (*scopes, LOGITS_SCOPE))
    return Head("multi_label", num_classes, SCOPE, decayed, build, multi_label=True)
