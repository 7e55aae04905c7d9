"""From the name in a configuration to a last layer that can be built."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphcore.config import HeadConfig
from graphcore.errors import ConfigError
from graphcore.heads import linear


@dataclass(frozen=True)
class Head:
    """A last layer, ready to be built in any graph; a second build in one graph shares the variables.

    Attributes:
        name: as in the configuration.
        num_classes: how many logits.
        scope: variable scope; what its variables' names begin with.
        decayed: names of the variables that weight decay acts on.
        build: (features float32 [batch, dimension], is_training=False, step=None) -> (logits float32 [batch,
            num_classes], end_points with "logits" and "probabilities"). `is_training` is a bool; `step`, an int64
            scalar, then decides what is random, so that a resumed training draws what an unbroken one would. Moving
            statistics are updated in place: whoever runs the logits runs the updates.
        multi_label: whether each logit is a question of its own (sigmoid) rather than one answer among all (softmax).
    """

    name: str
    num_classes: int
    scope: str
    decayed: tuple[str, ...]
    build: Callable[..., tuple[Any, dict[str, Any]]]
    multi_label: bool = False


def get_head(config: HeadConfig, num_classes: int, seed: int = 0) -> Head:
    """Looks a head up.

    Args:
        config: which head.
        num_classes: how many logits.
        seed: of its initial weights, and of all that is random in it.

    Raises:
        ConfigError: there is no such head, or fewer than two classes.
    """
    if config.name not in HEADS:
        raise ConfigError(f"head.name={config.name} is not known.", choices=sorted(HEADS))
    if num_classes < 2:
        raise ConfigError(f"A classifier needs at least 2 classes, and the dataset has {num_classes}.")
    return HEADS[config.name](config, num_classes, seed)


def _get_linear(config: HeadConfig, num_classes: int, seed: int) -> Head:
    def build(features: Any, is_training: bool = False, step: Any = None) -> tuple[Any, dict[str, Any]]:
        return linear.build_linear_head(features, num_classes, seed)

    return Head("linear", num_classes, linear.SCOPE, (linear.WEIGHTS,), build)


HEADS: dict[str, Callable[[HeadConfig, int, int], Head]] = {"linear": _get_linear}
