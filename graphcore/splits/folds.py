"""Folds: as many parts of units, each of which tests once. split.folds=7 split.fold=2.

As many folds as groups is leave-one-group-out. The division is the same for every fold, so that a multirun over
split.fold tests on everything exactly once. Splits that the inputs give do not apply here.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from graphcore.config import SplitConfig
from graphcore.errors import ConfigError
from graphcore.splits.item import name_groups
from graphcore.splits.stratify import stratify
from graphcore.splits.unit import Unit


def name_folds(count: int) -> tuple[str, ...]:
    """The folds' names, as they are remembered."""
    return tuple(f"fold {number}" for number in range(1, count + 1))


def deal_folds(units: Sequence[Unit], folds: tuple[str, ...], config: SplitConfig) -> None:
    """Places the units that have no fold yet: as many to each as can be, or as much of each class.

    Args:
        units: all of them, in order of hash.
        folds: names of the folds.
        config: says whether classes are evened out.

    Raises:
        ConfigError: there are more folds than units.
    """
    if len(folds) > len(units):
        what = name_groups(config, len(units))
        alone = "" if config.group_by == "file" else " (those that share identical pictures count once)"
        raise ConfigError(
            f"split.folds={len(folds)} is too many: {len(units)} {what} make at most {len(units)} folds{alone}."
        )
    if config.stratify_by == "none":
        _deal_evenly(units, folds)
    else:
        stratify(units, dict.fromkeys(folds, 1.0))


def _deal_evenly(units: Sequence[Unit], folds: tuple[str, ...]) -> None:
    counts = dict.fromkeys(folds, 0)
    for unit in units:
        if unit.place:
            counts[unit.place] += 1
    fewest = [(count, number) for number, count in enumerate(counts.values())]
    heapq.heapify(fewest)
    for unit in units:
        if not unit.place:
            count, number = fewest[0]
            unit.place = folds[number]
            heapq.heapreplace(fewest, (count + 1, number))


def name_roles(folds: tuple[str, ...], config: SplitConfig) -> dict[str, str]:
    """The split of each fold: `config.fold` tests, the one before it validates if anything is to, the rest train."""
    assert config.fold is not None
    roles = dict.fromkeys(folds, "train")
    if config.validation > 0:
        roles[folds[config.fold - 2]] = "validation"
    roles[folds[config.fold - 1]] = "test"
    return roles
