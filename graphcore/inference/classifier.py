"""One classifier over what a run exports: encoded pictures or pixels in, scores out.

It runs the frozen graph and nothing else, so what it says is what whoever is handed that file will see.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import numpy as np

from graphcore.errors import InputError
from graphcore.export import export
from graphcore.export.formats import FROZEN_GRAPH, LABELS
from graphcore.graph.program import Program
from graphcore.graph.runtime import tf
from graphcore.heads.ranking import DEFAULT_THRESHOLD
from graphcore.inference.graph_file import is_sigmoid, read_classifier
from graphcore.inference.pictures import read_picture
from graphcore.sources.normalise import PictureOptions
from graphcore.training.run import Run, load_run

DEFAULT_EVERY_SECS = 4.0
DEFAULT_BATCH_SIZE = 32

Picture: TypeAlias = "bytes | str | Path | np.ndarray"


class Classifier:
    """A frozen graph and the names of its classes.

    Attributes:
        labels: the classes, in the order of the score columns.
        picture_options: how pictures and frames are normalised before they go into the graph: as those it was trained
            on were. A graph without its run has the defaults.
        every_secs: how far apart the frames were that it was trained on; 4 where it was trained on pictures.
        multi_label: whether a picture may have any number of labels: each score is then a sigmoid of its own.
        thresholds: of a multi-label classifier, one for each class: its label is given from this score on, as the run
            chose it, 0.5 for a graph without its run. Of any other None: the label of the highest score is given.
    """

    def __init__(
        self,
        program: Program,
        labels: Sequence[str],
        picture_options: PictureOptions | None = None,
        every_secs: float = DEFAULT_EVERY_SECS,
        thresholds: Sequence[float] | None = None,
    ) -> None:
        """Takes a program with inputs "contents", "decoded", "input" and outputs "input", "scores".

        Raises:
            InputError: there are not as many labels as scores.
        """
        scores = program.find_output("scores")
        width = scores.shape.as_list()[-1]
        if width is not None and width != len(labels):
            raise InputError(
                f"The graph gives {width} scores, but there are {len(labels)} labels.",
                next_step=f"Put the {LABELS} that was exported with the graph beside it.",
            )
        self.labels = tuple(labels)
        self.picture_options = picture_options or PictureOptions()
        self.every_secs = every_secs
        self.multi_label = is_sigmoid(scores)
        self.thresholds = _plan_thresholds(thresholds, len(labels)) if self.multi_label else None
        self._program = program
        self._prepare_contents = program.make_callable(["contents"], ["input"])
        self._prepare_decoded = program.make_callable(["decoded"], ["input"])
        self._score = program.make_callable(["input"], ["scores"])

    @classmethod
    def load(cls, path: Path | str) -> Classifier:
        """Loads a classifier.

        Args:
            path: a run's folder, whose frozen graph is written first when it is missing; or a frozen graph
                (.pb) with its labels.txt beside it, whatever its scores are called.

        Raises:
            RunError: the folder is not a finished run.
            InputError: the graph or its labels are missing, or are not those of a graphcore classifier.
        """
        path, options, every_secs, thresholds = Path(path), None, DEFAULT_EVERY_SECS, None
        if path.suffix != ".pb":
            run = load_run(path)
            path, options = run.export_dir / FROZEN_GRAPH, _read_options(run)
            thresholds = run.thresholds
            every_secs = float(run.dataset_options.get("dataset.every_secs", DEFAULT_EVERY_SECS))
            if not path.is_file() or not (run.export_dir / LABELS).is_file():
                export(run, ["frozen"])
        program, labels = read_classifier(path)
        return cls(program, labels, options, every_secs, thresholds)

    def predict(self, images: Iterable[Picture], batch_size: int = DEFAULT_BATCH_SIZE) -> np.ndarray:
        """Classifies pictures.

        Args:
            images: encoded pictures as bytes, paths of pictures, or pixels as uint8 [height, width, 3] in [0,
                255]; of any sizes, and a mixture if need be. They are taken a batch at a time.
            batch_size: pictures a forward pass.

        Returns:
            float32 [n, classes] scores in [0, 1], in the order of the pictures; each row sums to 1 unless the
            classifier is a multi-label one.

        Raises:
            InputError: a picture cannot be read; the message says which and why.
        """
        rows = []
        for outcome in self.predict_each(images, batch_size):
            if isinstance(outcome, InputError):
                raise outcome
            rows.append(outcome)
        return np.stack(rows) if rows else np.zeros((0, len(self.labels)), np.float32)

    def predict_each(
        self, images: Iterable[Picture], batch_size: int = DEFAULT_BATCH_SIZE
    ) -> Iterator[np.ndarray | InputError]:
        """Classifies as `predict` does, and gives for each picture scores [classes] or what is wrong."""
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for batch in _batched(enumerate(images), batch_size):
                # Decoding and resizing run without Python's lock, one picture a thread.
                prepared = list(pool.map(lambda numbered: self._try_to_prepare(*numbered), batch))
                good = [picture for picture in prepared if not isinstance(picture, InputError)]
                scores = iter(self._score(np.concatenate(good))[0] if good else ())
                for picture in prepared:
                    yield picture if isinstance(picture, InputError) else next(scores)

    def close(self) -> None:
        """Frees the session; the classifier cannot be used after it."""
        self._program.close()

    def __enter__(self) -> Classifier:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _try_to_prepare(self, number: int, picture: Picture) -> np.ndarray | InputError:
        try:
            if isinstance(picture, np.ndarray):
                return self._prepare_decoded(_check_pixels(picture, number))[0]
            return self._prepare_contents(read_picture(picture, self.picture_options))[0]
        except InputError as error:
            return error
        except tf.errors.InvalidArgumentError:
            name = f"Picture {number}" if isinstance(picture, bytes) else str(picture)
            return InputError(f"{name} cannot be decoded.")


def top_classes(scores: np.ndarray, labels: Sequence[str], most: int) -> list[tuple[str, float]]:
    """The classes of the highest scores of one picture, highest first; of equals the first class wins.

    Args:
        scores: float [classes].
        labels: one name for each.
        most: how many; all when there are fewer classes.
    """
    order = np.argsort(-scores, kind="stable")[:most]
    return [(labels[int(index)], float(scores[index])) for index in order]


def _plan_thresholds(given: Sequence[float] | None, classes: int) -> tuple[float, ...]:
    return tuple(given) if given else (DEFAULT_THRESHOLD,) * classes


def _read_options(run: Run) -> PictureOptions:
    """How the run's own pictures were normalised at conversion."""
    names = ("size", "format", "quality", "max_pixels")
    given = {name: run.dataset_options.get(f"dataset.{name}") for name in names}
    return PictureOptions(**{name: value for name, value in given.items() if value is not None})


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
