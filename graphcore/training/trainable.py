"""What of a network is trained, and how fast: a plan of names, made before anything is built."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from graphcore.config import FinetuneConfig
from graphcore.errors import ConfigError

# What options may call the backbone's scope, whatever the network.
BACKBONE = "backbone"
_STATISTICS = "moving_mean"
_CLOSE = 5


@dataclass(frozen=True)
class TrainingPlan:
    """Which variables are trained, and which batch norms move.

    Attributes:
        backbone_scope: what the names of the backbone's variables begin with.
        scopes: the backbone's variables under these are trained; None for all of them.
        multipliers: scope -> factor of the learning rate; the longest that fits holds.
        statistics_move: whether batch norm of what is trained takes the statistics of the batch, and updates its own.
    """

    backbone_scope: str
    scopes: tuple[str, ...] | None = None
    multipliers: Mapping[str, float] = field(default_factory=dict)
    statistics_move: bool = True

    def rate_factor(self, name: str) -> float:
        """What the learning rate of a variable is multiplied by; 0 where it is not trained."""
        if lies_under(name, self.backbone_scope) and not self._is_in_scope(name):
            return 0.0
        fitting = [scope for scope in self.multipliers if lies_under(name, scope)]
        return float(self.multipliers[max(fitting, key=len)]) if fitting else 1.0

    def _is_in_scope(self, name: str) -> bool:
        return self.scopes is None or any(lies_under(name, scope) for scope in self.scopes)

    def is_frozen(self, scope: str) -> bool:
        """Whether batch norm in the variable scope `scope` stands still: see `layers.freezing`."""
        if not self.statistics_move and lies_under(scope, self.backbone_scope):
            return True
        return self.rate_factor(f"{scope}/{_STATISTICS}") == 0.0


def lies_under(name: str, scope: str) -> bool:
    """Whether a variable is called `scope`, or lies in the scope of that name."""
    return f"{name}/".startswith(f"{scope.rstrip('/')}/")


def plan_training(backbone_scope: str, trainer: FinetuneConfig, folded: bool = False) -> TrainingPlan:
    """Makes the plan that the options ask for.

    Args:
        backbone_scope: what the names of the backbone's variables begin with.
        trainer: trainable_scopes, learning_rate_multipliers and batch_norm are read.
        folded: whether the weights come with their batch norm folded in; see `is_folded`.
    """
    moves = trainer.batch_norm == "train" or (trainer.batch_norm == "auto" and not folded)
    scopes, multipliers = trainer.trainable_scopes, trainer.learning_rate_multipliers or {}
    return TrainingPlan(
        backbone_scope,
        None if scopes is None else tuple(resolve_scope(scope, backbone_scope) for scope in scopes),
        {resolve_scope(scope, backbone_scope): factor for scope, factor in multipliers.items()},
        moves,
    )


def resolve_scope(scope: str, backbone_scope: str) -> str:
    """The scope that options mean: "backbone" and "backbone/..." begin with the backbone's own, whatever it is."""
    return backbone_scope + scope[len(BACKBONE) :] if lies_under(scope, BACKBONE) else scope


def require_scopes(trainer: FinetuneConfig, names: Iterable[str], backbone_scope: str, title: str) -> None:
    """Finds scopes under which nothing lies.

    Args:
        trainer: trainable_scopes and learning_rate_multipliers are read.
        names: all variables of the backbone and of the head.
        backbone_scope: what the names of the backbone's variables begin with.
        title: what messages call the network.

    Raises:
        ConfigError: nothing lies under a scope; the message has the scopes that look most like it.
    """
    names = list(names)
    asked = [("trainable_scopes", scope) for scope in trainer.trainable_scopes or ()]
    asked += [("learning_rate_multipliers", scope) for scope in trainer.learning_rate_multipliers or {}]
    for option, scope in asked:
        meant = resolve_scope(scope, backbone_scope)
        if not any(lies_under(name, meant) for name in names):
            raise ConfigError(
                f"trainer.{option} names {scope!r}, and no variable of {title} lies under it.",
                choices=_find_close(meant, names),
                next_step="A scope is a variable's name up to one of its slashes.",
            )


def _find_close(scope: str, names: Iterable[str]) -> list[str]:
    known = sorted({prefix for name in names for prefix in _list_scopes(name)})
    return difflib.get_close_matches(scope, known, _CLOSE, 0.5) or [each for each in known if each.count("/") < 1]


def _list_scopes(name: str) -> Iterator[str]:
    parts = name.split("/")
    return ("/".join(parts[:count]) for count in range(1, len(parts)))


def is_folded(values: Mapping[str, np.ndarray]) -> bool:
    """Whether a checkpoint's batch norm was folded into its weights.

    What is left of it then changes nothing: every mean is 0, every variance the same. Statistics of the batch in their
    place would make another network of it.

    Args:
        values: arrays by variable name.
    """
    means = [value for name, value in values.items() if name.endswith("/moving_mean")]
    variances = [value.ravel() for name, value in values.items() if name.endswith("/moving_variance")]
    if not means or not variances or any(mean.any() for mean in means):
        return False
    return bool(np.ptp(np.concatenate(variances)) == 0)
