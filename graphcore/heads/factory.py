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
        build: (features float32 [batch, dimension]) -> (logits float32 [batch, num_classes], end_points).
    """

    name: str
    num_classes: int
    scope: str
    decayed: tuple[str, ...]
    build: Callable[[Any], tuple[Any, dict[str, Any]]]


def get_head(config: HeadConfig, num_classes: int, seed: int = 0) -> Head:
    """Looks a head up.

    Args:
        config: which head.
        num_classes: how many logits.
        seed: of its initial weights.

    Raises:
        ConfigError: there is no such head, or fewer than two classes.
    """
    if config.name not in HEADS:
        raise ConfigError(f"head.name={config.name} is not known.", choices=sorted(HEADS))
    if num_classes < 2:
        raise ConfigError(f"A classifier needs at least 2 classes, and the dataset has {num_classes}.")
    return HEADS[config.name](num_classes, seed)


def _get_linear(num_classes: int, seed: int) -> Head:
    def build(features: Any) -> tuple[Any, dict[str, Any]]:
        return linear.build_linear_head(features, num_classes, seed)

    return Head("linear", num_classes, linear.SCOPE, (linear.WEIGHTS,), build)


HEADS: dict[str, Callable[[int, int], Head]] = {"linear": _get_linear}
