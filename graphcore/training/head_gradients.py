"""The gradients of a head's loss, and the step that an optimiser takes along them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from graphcore.graph.runtime import tf, tf1
from graphcore.heads.head import Head
from graphcore.heads.losses import build_weight_decay
from graphcore.training.optimizers import clip_gradients


def build_head_gradients(loss: Any, head: Head, weight_decay: Any) -> dict[str, tuple[Any, Any]]:
    """Adds the gradients of `loss` (float32 scalar) and of the weight decay of the head, a number or a scalar.

    Returns:
        (gradient, variable) of each trained variable, by its name.
    """
    variables = tf1.trainable_variables(head.scope)
    decayed = [variable for variable in variables if variable.op.name in head.decayed]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gradients = tf.gradients(loss + build_weight_decay(decayed, weight_decay), variables)
    pairs = zip(gradients, variables, strict=True)
    return {variable.op.name: (gradient, variable) for gradient, variable in pairs}


def build_update(gradients: Mapping[str, tuple[Any, Any]], optimizer: Any, clip_norm: float) -> Any:
    """Adds the step, an operation.

    Args:
        gradients: what `build_head_gradients` gave.
        optimizer: see `optimizers.get_optimizer`.
        clip_norm: see `optimizers.clip_gradients`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clipped = clip_gradients([gradient for gradient, _ in gradients.values()], clip_norm)
        return optimizer.apply_gradients(zip(clipped, [each for _, each in gradients.values()], strict=True))


def choose_histograms(gradients: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    """What `Stepper.read_histograms` fetches: weights by name, and "gradients/..."."""
    weights = {name: variable for name, (_, variable) in gradients.items()}
    return weights | {f"gradients/{name}": gradient for name, (gradient, _) in gradients.items()}
