"""The cache of features: arrays on disk, keyed by content and memory-mapped.

A folder holds the features of one dataset under one network: `<split>.features.npy`, `<split>.labels.npy`,
`<split>.keys.json`, and `<split>.json` with their checksums, written last. What is incomplete or damaged does
not count and is made again; stale it cannot be, since the folder's name is a digest of all that decides the
values. While a pass is under way, what it has done lies in parts beside them.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from graphcore import atomic
from graphcore.errors import ConfigError, DatasetError
from graphcore.features.arrays import checksum, close_array, make_array, name_aside, remove_abandoned
from graphcore.features.parts import Part, Parts

_log = logging.getLogger(__name__)

# Raise it when the same picture and weights give other features, or the files another layout.
FORMAT_VERSION = 1
# What a kill costs at most.
PART_SECS = 30.0


@dataclass(frozen=True)
class FeatureSet:
    """The features of one split, in the order of its shards.

    Attributes:
        features: float32 [views * samples, dimension], view after view; memory-mapped where it comes from the
            disk as it is.
        labels: int32 [samples], indices into the dataset's labels; uint8 [samples, classes] of 0 and 1 where a
            sample may have several.
        keys: the samples' keys.
        views: how many views of each sample there are.
    """

    features: np.ndarray
    labels: np.ndarray
    keys: tuple[str, ...]
    views: int = 1

    def __len__(self) -> int:
        return len(self.labels)


def plan_folder(
    features_dir: Path,
    dataset_digest: str,
    weights_digest: str,
    input_digest: str,
    view: Mapping[str, Any] | None = None,
) -> Path:
    """The folder for features of this dataset under these weights and this input specification; `view` are the
    plain values that decide how pictures were changed, None where they were not.
    """
    identity = [FORMAT_VERSION, dataset_digest, weights_digest, input_digest]
    text = json.dumps(identity if view is None else [*identity, view], sort_keys=True)
    return features_dir / hashlib.sha256(text.encode()).hexdigest()[:32]


class FeatureWriter:
    """Takes batches in order and puts them straight into a file; see `FeatureStore.write`."""

    def __init__(self, features: np.ndarray, labels: np.ndarray, parts: Parts) -> None:
        self._features, self._labels, self._parts = features, labels, parts
        self.keys: list[str] = []
        for part in parts.iterate(features.shape[1]):
            self._put(part)
        self._kept, self._kept_at = len(self.keys), time.monotonic()

    def add(self, features: np.ndarray, labels: np.ndarray, keys: list[str]) -> None:
        """Appends one batch: float32 [batch, dimension], labels of as many samples, and their keys."""
        self._put(Part(features, labels, keys))
        if time.monotonic() - self._kept_at >= PART_SECS:
            rows = slice(self._kept, len(self.keys))
            self._parts.write(self._kept, Part(self._features[rows], self._labels[rows], self.keys[rows]))
            self._kept, self._kept_at = len(self.keys), time.monotonic()

    def _put(self, part: Part) -> None:
        start, end = len(self.keys), len(self.keys) + len(part.keys)
        if end > len(self._labels):
            raise DatasetError(
                f"The shards hold more than the {len(self._labels)} samples their dataset.json names.",
                next_step="Convert the dataset again.",
            )
        self._features[start:end] = part.features
        self._labels[start:end] = part.labels
        self.keys += part.keys


class FeatureStore:
    """One folder of features."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, split: str, count: int, num_labels: int | None = None) -> FeatureSet | None:
        """The features of a split of `count` samples, of `num_labels` classes where a sample may have several;
        None where they are missing, incomplete or damaged.
        """
        try:
            note = json.loads(self.note(split).read_bytes())
            for name, expected in note["checksums"].items():
                if checksum(self.folder / name) != expected:
                    raise ValueError(f"{name} does not match its checksum")
            found = FeatureSet(
                np.load(self._array(split, "features"), mmap_mode="r" if count else None, allow_pickle=False),
                np.load(self._array(split, "labels"), allow_pickle=False),
                tuple(json.loads(self._keys(split).read_bytes())),
            )
            if not len(found) == len(found.keys) == len(found.features) == count:
                raise ValueError(f"{len(found)} samples, expected {count}")
            if found.labels.shape != _label_shape(count, num_labels):
                raise ValueError(f"labels are of shape {found.labels.shape}")
            return found
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            _log.warning("features in %s are damaged and will be made again: %s", self.folder, error)
            return None

    @contextmanager
    def write(self, split: str, count: int, dimension: int, num_labels: int | None = None) -> Iterator[FeatureWriter]:
        """Takes the features of a split; they count once the block has ended well and all samples have come.

        What an earlier call has taken before it was killed is there already: `FeatureWriter.keys` says what.

        Raises:
            ConfigError: the folder cannot be made.
            DatasetError: more or fewer samples came than `count`.
            OSError: the disk has no room for them; told before the first one is taken.
        """
        self._make_folder()
        self.note(split).unlink(missing_ok=True)
        paths = {kind: self._array(split, kind) for kind in ("features", "labels")}
        aside = {kind: name_aside(path) for kind, path in paths.items()}
        parts = Parts(self.folder, split)
        for path in paths.values():
            remove_abandoned(path)
        try:
            arrays = {
                "features": make_array(aside["features"], np.float32, (count, dimension)),
                "labels": make_array(
                    aside["labels"], np.int32 if num_labels is None else np.uint8, _label_shape(count, num_labels)
                ),
            }
            writer = FeatureWriter(arrays["features"], arrays["labels"], parts)
            yield writer
            if len(writer.keys) != count:
                raise DatasetError(
                    f"The shards hold {len(writer.keys)} {split} samples, not the {count} of dataset.json.",
                    next_step="Convert the dataset again.",
                )
            for kind, path in paths.items():
                close_array(arrays[kind], aside[kind])
                os.replace(aside[kind], path)
        finally:
            for path in aside.values():
                path.unlink(missing_ok=True)
        atomic.write_json(self._keys(split), writer.keys)
        names = [path.name for path in (*paths.values(), self._keys(split))]
        atomic.write_json(self.note(split), {"checksums": {name: checksum(self.folder / name) for name in names}})
        parts.remove()

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"backbone.features_dir={self.folder.parent} cannot hold {self.folder.name}: {error.strerror}.",
                next_step="Give another folder: backbone.features_dir=DIR.",
            ) from error

    def _array(self, split: str, kind: str) -> Path:
        return self.folder / f"{split}.{kind}.npy"

    def _keys(self, split: str) -> Path:
        return self.folder / f"{split}.keys.json"

    def note(self, split: str) -> Path:
        """The file that says a split is finished, with the checksums of the others."""
        return self.folder / f"{split}.json"


def _label_shape(count: int, num_labels: int | None) -> tuple[int, ...]:
    return (count,) if num_labels is None else (count, num_labels)
