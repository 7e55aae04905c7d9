"""One classifier over what a run exports: encoded pictures or pixels in, scores out.

It runs the frozen graph and nothing else, so what it says is what whoever is handed that file will see.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from graphcore.errors import InputError
from graphcore.export import export
from graphcore.export.formats import FROZEN_GRAPH, LABELS
from graphcore.graph.program import Program
from graphcore.heads.ranking import DEFAULT_THRESHOLD
from graphcore.inference.graph_file import is_sigmoid, read_classifier
from graphcore.inference.preparing import Picture, Preparer
from graphcore.inference.traits import Traits, read_traits
from graphcore.sources.normalise import PictureOptions
from graphcore.training.run import load_run

DEFAULT_BATCH_SIZE = 32


class Classifier:
    """A frozen graph and the names of its classes.

    Attributes:
        labels: the classes, in the order of the score columns.
        traits: what its run knows of it; see `Traits` for a graph without its run.
        multi_label: whether a picture may have any number of labels: each score is then a sigmoid of its own.
        thresholds: of a multi-label classifier, one for each class: its label is given from this score on, as the run
            chose it, 0.5 for a graph without its run. Of any other None: the label of the highest score is given.
        temporal: whether it judges the frames of a video among their neighbours in time. A picture is then taken for a
            video of one frame.
    """

    def __init__(self, program: Program, labels: Sequence[str], traits: Traits | None = None) -> None:
        """Takes a program as `read_classifier` makes it.

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
        self.traits = traits or Traits()
        self.multi_label = is_sigmoid(scores)
        default = (DEFAULT_THRESHOLD,) * len(self.labels)
        self.thresholds = (self.traits.thresholds or default) if self.multi_label else None
        self.temporal = "features" in program.inputs
        self._program = program
        self._preparer = Preparer(program, self.traits.picture_options)
        # Of a temporal head in two steps: the features of a batch at a time, then the scores of a video as a whole.
        middle = "features" if self.temporal else "scores"
        self._look = program.make_callable(["input"], [middle])
        self._judge = program.make_callable(["features"], ["scores"]) if self.temporal else None

    @property
    def picture_options(self) -> PictureOptions:
        """How pictures and frames are normalised before they go into the graph."""
        return self.traits.picture_options

    @property
    def every_secs(self) -> float:
        """How far apart the frames of videos were that it was trained on."""
        return self.traits.every_secs

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
        path, traits = Path(path), Traits()
        if path.suffix != ".pb":
            run = load_run(path)
            path, traits = run.export_dir / FROZEN_GRAPH, read_traits(run)
            if not path.is_file() or not (run.export_dir / LABELS).is_file():
                export(run, ["frozen"])
        program, labels = read_classifier(path)
        return cls(program, labels, traits)

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
        rows = [_require(outcome) for outcome in self.predict_each(images, batch_size)]
        return np.stack(rows) if rows else np.zeros((0, len(self.labels)), np.float32)

    def predict_each(
        self, images: Iterable[Picture], batch_size: int = DEFAULT_BATCH_SIZE
    ) -> Iterator[np.ndarray | InputError]:
        """Classifies as `predict` does, and gives for each picture scores [classes] or what is wrong."""
        for prepared in self._preparer.prepare(images, batch_size):
            good = [picture for picture in prepared if not isinstance(picture, InputError)]
            scores = iter(self._score_alone(np.concatenate(good)) if good else ())
            for picture in prepared:
                yield picture if isinstance(picture, InputError) else next(scores)

    def predict_video(self, frames: Iterable[Picture], batch_size: int = DEFAULT_BATCH_SIZE) -> np.ndarray:
        """Classifies the consecutive frames of one video, each among its neighbours where the classifier is temporal.

        A batch of frames is in memory at a time, and of all that went before the scores, or the features.

        Args:
            frames: as `predict` takes pictures, in the order of time.
            batch_size: frames a forward pass; it changes no score.

        Returns:
            float32 [frames, classes] scores in [0, 1].

        Raises:
            InputError: a frame cannot be read.
        """
        parts = [
            self._look(np.concatenate([_require(frame) for frame in batch]))[0]
            for batch in self._preparer.prepare(frames, batch_size)
        ]
        if not parts:
            return np.zeros((0, len(self.labels)), np.float32)
        seen = np.concatenate(parts)
        return seen if self._judge is None else self._judge(seen)[0]

    def close(self) -> None:
        """Frees the session; the classifier cannot be used after it."""
        self._program.close()

    def __enter__(self) -> Classifier:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _score_alone(self, pictures: np.ndarray) -> np.ndarray:
        seen = self._look(pictures)[0]
        if self._judge is None:
            return seen
        return np.concatenate([self._judge(seen[row : row + 1])[0] for row in range(len(seen))])


def top_classes(scores: np.ndarray, labels: Sequence[str], most: int) -> list[tuple[str, float]]:
    """The classes of the highest scores of one picture, highest first; of equals the first class wins.

    Args:
        scores: float [classes].
        labels: one name for each.
        most: how many; all when there are fewer classes.
    """
    order = np.argsort(-scores, kind="stable")[:most]
    return [(labels[int(index)], float(scores[index])) for index in order]


def _require(outcome: np.ndarray | InputError) -> np.ndarray:
    if isinstance(outcome, InputError):
        raise outcome
    return outcome
