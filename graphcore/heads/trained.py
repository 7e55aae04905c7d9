"""A trained head at work: features in, scores out, in a graph of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from graphcore.errors import CheckpointError, DatasetError
from graphcore.graph.program import Program
from graphcore.heads.factory import Head
from graphcore.heads.frozen_head import FEATURES, SCORES, get_template

_ROWS = 4096


@dataclass(frozen=True)
class TrainedHead:
    """A head and the values of its variables.

    Attributes:
        head: how it is built.
        variables: arrays by name, all that its graph has.
    """

    head: Head
    variables: Mapping[str, np.ndarray] = field(repr=False)
    _frozen: dict[int, Program] = field(repr=False, compare=False, default_factory=dict)

    def freeze(self, dimension: int) -> Program:
        """A program without variables: "features" float32 [batch, dimension] to "scores" float32 [batch, classes].

        A batch of a temporal head is one video, its frames in the order of time. It is built once, however often it is
        asked for: the 40 layers of an MS-TCN take two seconds.

        Raises:
            CheckpointError: a variable is missing, or has another shape.
        """
        if dimension not in self._frozen:
            self._frozen[dimension] = self._freeze(dimension)
        return self._frozen[dimension]

    def _freeze(self, dimension: int) -> Program:
        template = get_template(self.head, dimension)
        self._check(template.shapes)
        return template.fill(self.variables)

    def scores(self, features: np.ndarray, videos: Sequence[np.ndarray] | None = None) -> np.ndarray:
        """float32 [n, dimension] features to float32 [n, classes] scores in [0, 1].

        Args:
            features: of single pictures, or of the frames of videos.
            videos: of a temporal head: the rows of each video's frames, int [frames], in the order of time; None
                where all rows are those of one video. Other heads judge each row alone.

        Raises:
            CheckpointError: a variable is missing, or has another shape.
            DatasetError: the head is a temporal one, and a row is in no video, or in two.
        """
        batches = self._plan_batches(len(features), videos)
        scores = np.zeros((len(features), self.head.num_classes), np.float32)
        program = self.freeze(features.shape[1])
        try:
            run = program.make_callable([FEATURES], [SCORES])
            for rows in batches:
                scores[rows] = run(features[rows])[0]
        finally:
            program.close()
        return scores

    def _plan_batches(self, count: int, videos: Sequence[np.ndarray] | None) -> list[slice] | list[np.ndarray]:
        if not self.head.temporal:
            return [slice(start, start + _ROWS) for start in range(0, count, _ROWS)]
        if videos is None:
            return [slice(0, count)] if count else []
        require_whole_videos(count, videos)
        return [rows for rows in videos if len(rows)]

    def _check(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        for name, shape in shapes.items():
            if name not in self.variables:
                raise CheckpointError(f"The checkpoint holds no {name}.", choices=sorted(self.variables))
            if self.variables[name].shape != shape:
                raise CheckpointError(
                    f"{name} has shape {list(self.variables[name].shape)} in the checkpoint, and {list(shape)} "
                    "in the head.",
                    next_step="Train the run again.",
                )


def require_whole_videos(count: int, videos: Sequence[np.ndarray]) -> None:
    """Finds samples that a temporal head has no place for.

    Args:
        count: how many rows there are.
        videos: the rows of each video's frames.

    Raises:
        DatasetError: a row is in no video, or in two.
    """
    times = np.bincount(np.concatenate([np.zeros(0, np.int64), *videos]), minlength=count)
    wrong = np.flatnonzero(times != 1)
    if len(wrong):
        raise DatasetError(
            f"{len(wrong):,} of {count:,} samples are not frames of exactly one video each; that of row {wrong[0]} is "
            f"in {times[wrong[0]] or 'none'}.",
            next_step="A head that looks along time wants videos: convert with dataset=video, or choose head=linear.",
        )
