"""What a feature pass has done so far, part by part beside the finished files: a pass of hours that was killed
goes on where its last part ends.
"""

from __future__ import annotations

import io
import json
import logging
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from graphcore import atomic

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part:
    """Consecutive samples of a split: features float32 [samples, dimension], labels and keys of as many."""

    features: np.ndarray
    labels: np.ndarray
    keys: list[str]


class Parts:
    """The parts of one split in one folder, each named by the first sample in it."""

    def __init__(self, folder: Path, split: str) -> None:
        self._folder, self._split = folder, split

    def iterate(self, dimension: int) -> Iterator[Part]:
        """The parts from the first sample on, as far as they follow each other and are whole."""
        first = 0
        while (path := self._path(first)).is_file():
            part = _read_part(path)
            if part is None or part.features.shape[1:] != (dimension,) or not part.keys:
                return
            yield part
            first += len(part.keys)

    def write(self, first: int, part: Part) -> None:
        """Keeps a part whose first sample is number `first` of the split."""
        file = io.BytesIO()
        # JSON, for keys may be file names that are no valid UTF-8. The archive checks itself when it is read.
        keys = np.frombuffer(json.dumps(part.keys).encode("ascii"), np.uint8)
        np.savez(file, features=part.features, labels=part.labels, keys=keys)
        atomic.write_bytes(self._path(first), file.getvalue())

    def remove(self) -> None:
        """Removes every part."""
        for path in self._folder.glob(f".{self._split}.*.part"):
            with suppress(FileNotFoundError):  # another process has finished the same pass
                path.unlink()

    def _path(self, first: int) -> Path:
        return self._folder / f".{self._split}.{first:012d}.part"


def _read_part(path: Path) -> Part | None:
    try:
        # Opened here: of a damaged archive NumPy leaves the file open.
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
            part = Part(arrays["features"], arrays["labels"], json.loads(arrays["keys"].tobytes()))
        if not len(part.features) == len(part.labels) == len(part.keys):
            raise ValueError("its arrays are of different lengths")
        return part
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        _log.warning("%s is damaged, and the features from there on are made again: %s", path, error)
        return None
