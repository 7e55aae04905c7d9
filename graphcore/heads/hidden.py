"""Hidden layers of a head: fully connected, batch norm, ReLU, dropout; in training, in a loop and in inference."""

from __future__ import annotations

from typing import Any

from graphcore.config import MlpHeadConfig, MultiLabelHeadConfig
from graphcore.graph.runtime import tf, tf1
from graphcore.heads.dense import build_dense
from graphcore.layers import slim

# A head is trained for hundreds of steps, not for a hundred thousand: with 0.9 the moving statistics forget their
# start within 30 steps. The backbones' 0.99 was tried: on 318 photos it cost 6 to 15 points of test accuracy after 60
# steps, and up to 7 after 500.
BATCH_NORM_DECAY = 0.9
BATCH_NORM_EPSILON = 0.001
# Where update operations go that nobody is to run.
_NEVER_RUN = ("head/updates_never_run",)


def hidden_scope(scope: str, index: int) -> str:
    """The variable scope of a hidden layer, counted from 0 at the features: "head/mlp/hidden_1"."""
    return f"{scope}/hidden_{index + 1}"


def build_hidden_layers(
    features: Any,
    config: MlpHeadConfig | MultiLabelHeadConfig,
    scope: str,
    seed: int = 0,
    is_training: bool = False,
    step: Any = None,
) -> Any:
    """Adds the layers.

    Batch norm's update operations hang on the layer's output rather than on a collection, because what is inside a
    loop cannot be run from outside of it. Dropout keeps no state: the mask is a function of seed, step and layer.

    Args:
        features: float32 [batch, dimension].
        config: widths, dropout, batch_norm and unit_norm are read.
        scope: variable scope of the head.
        seed: of the initial weights and of dropout.
        is_training: whether batch norm uses the batch's statistics, and dropout acts.
        step: int64 scalar; None in training mode for a look that neither draws nor updates.

    Returns:
        float32 [batch, the last width]; without widths the features, of length 1 where unit_norm says so.

    Source: Ioffe and Szegedy, "Batch Normalization", arXiv:1502.03167; Srivastava et al., "Dropout", JMLR 15 (2014).
    """
    net = tf.math.l2_normalize(features, axis=1) if config.unit_norm else features
    for index, width in enumerate(config.widths):
        norm = _batch_norm(is_training, step) if config.batch_norm else {}
        net = build_dense(
            net,
            width,
            hidden_scope(scope, index),
            activation_fn=tf.nn.relu,
            weights_initializer=_he_initializer(seed + index + 1),
            **norm,
        )
        if is_training and config.dropout and step is not None:
            net = _drop(net, config.dropout, seed, step * len(config.widths) + index)
    return net


def _batch_norm(is_training: bool, step: Any) -> dict[str, Any]:
    looking = is_training and step is None
    params = {
        "is_training": is_training,
        "decay": BATCH_NORM_DECAY,
        "epsilon": BATCH_NORM_EPSILON,
        "updates_collections": _NEVER_RUN if looking else None,
    }
    return {"normalizer_fn": slim.batch_norm, "normalizer_params": params}


def _drop(net: Any, rate: float, seed: int, number: Any) -> Any:
    pair = tf.stack([tf.constant(seed, tf.int64), tf.cast(number, tf.int64)])
    return tf.nn.experimental.stateless_dropout(net, rate, seed=pair)


def _he_initializer(seed: int) -> Any:
    # Source: He et al., "Delving Deep into Rectifiers", arXiv:1502.01852, section 2.2.
    return tf1.variance_scaling_initializer(scale=2.0, mode="fan_in", distribution="truncated_normal", seed=seed)
