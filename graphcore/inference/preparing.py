"""Pictures of any kind, as they come, to what a classifier's network takes: a batch at a time, a picture a thread."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import numpy as np

from graphcore.errors import InputError
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf
from graphcore.inference.pictures import read_picture
from graphcore.sources.normalise import PictureOptions

Picture: TypeAlias = "bytes | str | Path | np.ndarray"


class Preparer:
    """Decodes and resizes pictures by the classifier's own graph."""

    def __init__(self, program: Program, options: PictureOptions) -> None:
        """Takes a program with inputs "contents", "decoded" and output "input".

        Args:
            program: of the classifier.
            options: how pictures are normalised before.
        """
        self._options = options
        self._prepare_contents = program.make_callable(["contents"], ["input"])
        self._prepare_decoded = program.make_callable(["decoded"], ["input"])

    def prepare(self, images: Iterable[Picture], batch_size: int) -> Iterator[list[np.ndarray | InputError]]:
        """Yields batches of float32 [1, size, size, 3] pictures, or what is wrong with one; takes as few as it can."""
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for batch in _batched(enumerate(images), batch_size):
                # Decoding and resizing run without Python's lock.
                yield list(pool.map(lambda numbered: self._try_to_prepare(*numbered), batch))

    def _try_to_prepare(self, number: int, picture: Picture) -> np.ndarray | InputError:
        try:
            if isinstance(picture, np.ndarray):
                return self._prepare_decoded(_check_pixels(picture, number))[0]
            return self._prepare_contents(read_picture(picture, self._options))[0]
        except InputError as error:
            return error
        except tf.errors.InvalidArgumentError:
            name = f"Picture {number}" if isinstance(picture, bytes) else str(picture)
            return InputError(f"{name} cannot be decoded.")


def _check_pixels(pixels: np.ndarray, number: int) -> np.ndarray:
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        raise InputError(
            f"Picture {number} is an array of {pixels.dtype} {list(pixels.shape)}.",
            next_step="Give pixels as uint8 [height, width, 3] in [0, 255], RGB.",
        )
    return pixels


def _batched(items: Iterable, size: int) -> Iterator[list]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
