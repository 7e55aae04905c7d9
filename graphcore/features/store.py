"""The cache of features: arrays on disk, keyed by content and memory-mapped.

A folder holds the features of one dataset under one network: `<split>.features.npy`, `<split>.labels.npy`,
`<split>.keys.json`, and `<split>.json` with their checksums, written last. What is incomplete or damaged does
not count and is made again; stale it cannot be, since the folder's name is a digest of all that decides the
values.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import google_crc32c
import numpy as np

from graphcore import atomic
from graphcore.errors import ConfigError, DatasetError

_log = logging.getLogger(__name__)

# Raise it when the same picture and weights give other features, or the files another layout.
FORMAT_VERSION = 1
_CHECK_BYTES = 8 * 2**20


@dataclass(frozen=True)
class FeatureSet:
    """The features of one split, in the order of its shards.

    Attributes:
        features: float32 [samples, dimension], memory-mapped where it comes from the disk.
        labels: int32 [samples], indices into the dataset's labels.
        keys: the samples' keys.
    """

    features: np.ndarray
    labels: np.ndarray
    keys: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)


def plan_folder(features_dir: Path, dataset_digest: str, weights_digest: str, input_digest: str) -> Path:
    """The folder for features of this dataset under these weights and this input specification."""
    identity = json.dumps([FORMAT_VERSION, dataset_digest, weights_digest, input_digest])
    return features_dir / hashlib.sha256(identity.encode()).hexdigest()[:32]


class FeatureWriter:
    """Takes batches in order and puts them straight into a file; see `FeatureStore.write`."""

    def __init__(self, features: np.ndarray, labels: np.ndarray) -> None:
        self._features, self._labels = features, labels
        self.keys: list[str] = []

    def add(self, features: np.ndarray, labels: np.ndarray, keys: list[str]) -> None:
        """Appends one batch: float32 [batch, dimension], int32 [batch], and as many keys."""
        start, end = len(self.keys), len(self.keys) + len(keys)
        if end > len(self._labels):
            raise DatasetError(
                f"The shards hold more than the {len(self._labels)} samples their dataset.json names.",
                next_step="Convert the dataset again.",
            )
        self._features[start:end] = features
        self._labels[start:end] = labels
        self.keys += keys


class FeatureStore:
    """One folder of features."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, split: str, count: int) -> FeatureSet | None:
        """The features of a split of `count` samples; None where they are missing, incomplete or damaged."""
        try:
            note = json.loads(self._note(split).read_bytes())
            for name, checksum in note["checksums"].items():
                if _checksum(self.folder / name) != checksum:
                    raise ValueError(f"{name} does not match its checksum")
            found = FeatureSet(
                np.load(self._array(split, "features"), mmap_mode="r" if count else None, allow_pickle=False),
                np.load(self._array(split, "labels"), allow_pickle=False),
                tuple(json.loads(self._keys(split).read_bytes())),
            )
            if not len(found) == len(found.keys) == len(found.features) == count:
                raise ValueError(f"{len(found)} samples, expected {count}")
            return found
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            _log.warning("features in %s are damaged and will be made again: %s", self.folder, error)
            return None

    @contextmanager
    def write(self, split: str, count: int, dimension: int) -> Iterator[FeatureWriter]:
        """Takes the features of a split; they count once the block has ended well and all samples have come.

        Raises:
            ConfigError: the folder cannot be made.
            DatasetError: more or fewer samples came than `count`.
            OSError: the disk has no room for them; told before the first one is taken.
        """
        self._make_folder()
        self._note(split).unlink(missing_ok=True)
        paths = {kind: self._array(split, kind) for kind in ("features", "labels")}
        aside = {kind: path.with_name(f".{path.name}.{os.getpid()}.tmp") for kind, path in paths.items()}
        try:
            writer = FeatureWriter(
                _make_array(aside["features"], np.float32, (count, dimension)),
                _make_array(aside["labels"], np.int32, (count,)),
            )
            yield writer
            if len(writer.keys) != count:
                raise DatasetError(
                    f"The shards hold {len(writer.keys)} {split} samples, not the {count} of dataset.json.",
                    next_step="Convert the dataset again.",
                )
            _close_arrays(writer)
            for kind, path in paths.items():
                _sync(aside[kind])
                os.replace(aside[kind], path)
        finally:
            for path in aside.values():
                path.unlink(missing_ok=True)
        atomic.write_json(self._keys(split), writer.keys)
        names = [path.name for path in (*paths.values(), self._keys(split))]
        atomic.write_json(self._note(split), {"checksums": {name: _checksum(self.folder / name) for name in names}})

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

    def _note(self, split: str) -> Path:
        return self.folder / f"{split}.json"


def _make_array(path: Path, dtype: Any, shape: tuple[int, ...]) -> np.ndarray:
    if 0 not in shape:
        array = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
        _reserve(path)
        return array
    # An empty file cannot be mapped.
    empty = np.empty(shape, dtype)
    with open(path, "wb") as file:
        np.save(file, empty, allow_pickle=False)
    return empty


def _reserve(path: Path) -> None:
    """Takes the disk space of a mapped file now: when a page of it finds the disk full, the process is killed
    (SIGBUS) without a word.
    """
    if not hasattr(os, "posix_fallocate"):
        return
    with open(path, "r+b") as file:
        try:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
        except OSError as error:
            # Some file systems cannot reserve; that is no reason not to try.
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise OSError(error.errno, error.strerror, str(path.parent)) from error


def _close_arrays(writer: FeatureWriter) -> None:
    for array in (writer._features, writer._labels):
        if isinstance(array, np.memmap):
            array.flush()


def _sync(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def _checksum(path: Path) -> int:
    checksum = google_crc32c.Checksum()
    with open(path, "rb") as file:
        while block := file.read(_CHECK_BYTES):
            checksum.update(block)
    return int.from_bytes(checksum.digest(), "big")
