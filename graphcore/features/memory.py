"""Features that this process has read already: the jobs of a sweep share them, checked and joined once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

from graphcore.features.store import FeatureSet, FeatureStore

# Three splits and a second network's. In files they are only mapped; those of several views lie here whole.
_MOST = 4
_kept: OrderedDict[tuple[object, ...], FeatureSet] = OrderedDict()


def identify(stores: Sequence[FeatureStore], split: str) -> tuple[object, ...] | None:
    """What the features of a split in these stores, one a view, are known by; None where one is not finished.

    The notes are written last, and anew whenever the features are.
    """
    notes = [_stat(store.note(split)) for store in stores]
    return None if None in notes else (split, *notes)


def recall(key: tuple[object, ...] | None) -> FeatureSet | None:
    """The features known by `key`; None where there are none."""
    if key is None or key not in _kept:
        return None
    _kept.move_to_end(key)
    return _kept[key]


def remember(key: tuple[object, ...] | None, found: FeatureSet) -> FeatureSet:
    """Keeps `found` under `key` and returns it."""
    if key is not None:
        _kept[key] = found
        _kept.move_to_end(key)
    while len(_kept) > _MOST:
        _kept.popitem(last=False)
    return found


def forget() -> None:
    """Frees them."""
    _kept.clear()


def _stat(path: Path) -> tuple[str, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return str(path.absolute()), found.st_size, found.st_mtime_ns
