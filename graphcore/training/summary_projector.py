"""TensorBoard's PROJECTOR: validation samples as points in space, each drawn as its own small picture.

The plugin reads files beside the event file: the vectors, a table of what is known of each sample, one large
picture of small ones, and a configuration that names them.
"""

from __future__ import annotations

import functools
import itertools
import json
import logging
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from graphcore import atomic
from graphcore.training.contact_sheet import PAPER, to_jpeg
from graphcore.training.observer import Moment, Observer
from graphcore.training.sample_pictures import SamplePictures, decode_thumbnail
from graphcore.training.stepper import Evaluation

_log = logging.getLogger(__name__)

CONFIG_FILE = "projector_config.pbtxt"
SPRITE_FILE, METADATA_FILE = "projector.jpg", "projector.tsv"
# What a browser can hold as one texture. Source: https://www.tensorflow.org/tensorboard/tensorboard_projector_plugin.
_LARGEST_SPRITE = 8192
_LARGEST_TILE, _SMALLEST_TILE = 48, 16
# The smallest score that is told apart from 0 in the logarithm.
_SMALLEST_SCORE = 1e-6


class Projector(Observer):
    """Places samples by their features, or by the logarithms of their scores where features change in training."""

    def __init__(
        self, labels: Sequence[str], pictures: SamplePictures, most: int, features: np.ndarray | None = None
    ) -> None:
        """Takes what does not change.

        Args:
            labels: the classes' names in order.
            pictures: where the pictures are.
            most: how many samples to show.
            features: float32 [samples, dimension] of validation, in the order of the evaluations.
        """
        self._labels, self._pictures, self._most = [" ".join(label.split()) for label in labels], pictures, most
        self._features = features
        self._begun = False
        # The newest best evaluation that is not written yet, and where to.
        self._due: tuple[Evaluation, Path] | None = None

    def evaluated(self, moment: Moment) -> None:
        """Writes all of it at first; later on it notes what is the best so far, which `saving` writes."""
        found = moment.evaluation
        if found is None or not len(found.labels) or (self._begun and not moment.best):
            return
        self._due = found, moment.writers.folder("validation")
        if not self._begun:
            self._begin(*self._due)
            self.saving()

    def saving(self) -> None:
        """Writes what has changed: a training has its best evaluations in a row, and only the last is ever read."""
        if self._due is None:
            return
        (found, folder), shown = self._due, slice(0, self._most)
        if self._features is None:
            atomic.write_bytes(folder / "projector.scores.bytes", to_bytes(to_vectors(found)[shown]))
        atomic.write_text(folder / METADATA_FILE, format_metadata(found, self._labels, shown))
        self._due = None

    def _begin(self, found: Evaluation, folder: Path) -> None:
        shown = slice(0, self._most)
        kind, vectors = ("scores", to_vectors(found)) if self._features is None else ("features", self._features)
        if kind == "features":
            atomic.write_bytes(folder / "projector.features.bytes", to_bytes(vectors[shown]))
        side, sprite = make_sprite(self._pictures.folder, found.keys[shown])
        if sprite:
            atomic.write_bytes(folder / SPRITE_FILE, sprite)
        atomic.write_text(folder / CONFIG_FILE, format_config(kind, vectors[shown].shape, side if sprite else 0))
        self._begun = True


def to_vectors(found: Evaluation) -> np.ndarray:
    """float32 [n, classes]: the logarithms of the scores, in which a hundredth and a thousandth are not one place."""
    return np.log(np.maximum(found.scores, _SMALLEST_SCORE)).astype(np.float32)


def to_bytes(vectors: np.ndarray) -> bytes:
    """The vectors float32 [n, dimension] as the plugin reads them, little-endian and without a header; not empty.

    It reads every file as text first, and takes it for numbers only once that fails. A first byte that begins no
    letter makes it fail at once, and is the last of 24 bits of one number.
    """
    data = bytearray(vectors.astype("<f4").tobytes())
    data[0] = 0xFF
    return bytes(data)


def _name_all(label: np.ndarray, labels: Sequence[str]) -> str:
    return ", ".join(labels[int(number)] for number in np.flatnonzero(label)) or "none"


def format_metadata(found: Evaluation, labels: Sequence[str], shown: slice) -> str:
    """The table of samples: label, what it was called and how surely, whether that is right, and the key."""
    lines = ["label\tcalled\tscore\tright\tkey"]
    called = np.argmax(found.scores, axis=1)
    for index, key in list(enumerate(found.keys))[shown]:
        label, guess = found.labels[index], int(called[index])
        if found.labels.ndim == 2:
            true, right = _name_all(label, labels), bool(label[guess])
        else:
            true, right = labels[int(label)], int(label) == guess
        score = f"{found.scores[index, guess]:.3f}"
        lines.append("\t".join((true, labels[guess], score, "yes" if right else "no", " ".join(key.split()))))
    return "\n".join(lines) + "\n"


def format_config(kind: str, shape: Sequence[int], side: int) -> str:
    """The configuration in Protocol Buffers' text format; `side` of a small picture in pixels, 0 without any."""
    lines = [
        "embeddings {",
        f"  tensor_name: {json.dumps(kind)}",
        *(f"  tensor_shape: {size}" for size in shape),
        f"  tensor_path: {json.dumps(f'projector.{kind}.bytes')}",
        f"  metadata_path: {json.dumps(METADATA_FILE)}",
    ]
    if side:
        lines.append(f"  sprite {{ image_path: {json.dumps(SPRITE_FILE)}")
        lines += [f"    single_image_dim: {side}"] * 2
        lines.append("  }")
    return "\n".join([*lines, "}"]) + "\n"


def plan_sprite(count: int) -> tuple[int, int]:
    """How many small pictures stand side by side, as many below each other, and the side of each in pixels."""
    columns = max(1, math.ceil(math.sqrt(count)))
    return columns, max(_SMALLEST_TILE, min(_LARGEST_TILE, _LARGEST_SPRITE // columns))


# The jobs of a sweep in one process share it.
@functools.lru_cache(maxsize=2)
def make_sprite(folder: Path, keys: tuple[str, ...]) -> tuple[int, bytes]:
    """One picture of small ones, row by row, and the side of each in pixels; empty where none can be read.

    Args:
        folder: the shards.
        keys: the first samples of validation, in the order of its shards.
    """
    columns, side = plan_sprite(len(keys))
    sheet = Image.new("RGB", (columns * side, columns * side), PAPER)
    # One at a time: a thousand photos as they come were the peak of a training's memory.
    samples = SamplePictures(folder).iterate_first("validation", len(keys))
    for index, (key, sample) in enumerate(itertools.zip_longest(keys, samples)):
        if sample is None or sample.key != key:
            _log.warning("the projector has no pictures: the shards in %s are not those of the features", folder)
            return side, b""
        try:
            picture = decode_thumbnail(sample.encoded, side)
        except OSError as error:
            _log.warning("the projector lacks the picture of %s: %s", sample.key, error)
            continue
        left, top = index % columns * side, index // columns * side
        sheet.paste(picture, (left + (side - picture.width) // 2, top + (side - picture.height) // 2))
    return side, to_jpeg(sheet).encoded
