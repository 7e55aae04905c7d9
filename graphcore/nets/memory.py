"""Frozen backbones that this process has made already: the jobs of a sweep, and the stages of a run, share one.

To build, restore and fold a network takes longer than to train a head on its features.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from pathlib import Path

from graphcore.nets.backbone import Backbone
from graphcore.nets.frozen import FrozenBackbone, freeze_backbone
from graphcore.nets.kept import describe
from graphcore.nets.weights import CheckpointSource

# Each holds its weights twice, as arrays and as constants.
_MOST = 2
_kept: OrderedDict[str, FrozenBackbone] = OrderedDict()


def get_frozen(
    backbone: Backbone, source: CheckpointSource | None, seed: int, kept_dir: Path | None = None
) -> FrozenBackbone:
    """What `freeze_backbone` gives, made once for the same network, files and, where it counts, seed.

    Raises:
        CheckpointError: the weights are damaged or of another network.
    """
    key = _identify(backbone, source, seed)
    frozen = _recall(key) or freeze_backbone(backbone, source, seed, kept_dir=kept_dir)
    _remember(key, frozen)
    _remember(_identify_weights(backbone, frozen.digest), frozen)
    return frozen


def recall_weights(backbone: Backbone, digest: str) -> FrozenBackbone | None:
    """The same network with the weights of this digest; None where this process has not made it."""
    return _recall(_identify_weights(backbone, digest))


def forget() -> None:
    """Frees them."""
    _kept.clear()


def _recall(key: str) -> FrozenBackbone | None:
    if key in _kept:
        _kept.move_to_end(key)
    return _kept.get(key)


def _remember(key: str, frozen: FrozenBackbone) -> None:
    _kept[key] = frozen
    _kept.move_to_end(key)
    # Every backbone lies here under two names.
    while len(_kept) > 2 * _MOST:
        _kept.popitem(last=False)


def _identify(backbone: Backbone, source: CheckpointSource | None, seed: int) -> str:
    if source is None:
        return json.dumps([*describe(backbone), "random", seed])
    wanted = [source.use_ema, list(source.exclude_scopes), source.ignore_missing]
    # What a checkpoint does not give stays random.
    partly_random = seed if source.exclude_scopes or source.ignore_missing else None
    return json.dumps([*describe(backbone), str(source.path.absolute()), wanted, _stat(source.path), partly_random])


def _identify_weights(backbone: Backbone, digest: str) -> str:
    return json.dumps([*describe(backbone), digest])


def _stat(path: Path) -> list[object]:
    """Name, size and time of every file that a checkpoint is made of."""
    found = sorted(each for each in path.parent.iterdir() if each.name.startswith(path.name))
    files = [each for one in found for each in (sorted(one.rglob("*")) if one.is_dir() else [one])]
    return [[each.name, each.stat().st_size, each.stat().st_mtime_ns] for each in files]
