"""A figure of many samplings of several runs' answers at once: what drawing and swapping groups is made of.

The answers of all runs are one heap of samples in which every run has blocks of its own (a block is a group, or some of
very many), and a sampling is a row of weights: how often each block of each run counts. Drawing groups anew, swapping
them between two runs and looking at one of them alone differ in nothing but the weights.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from graphcore.evaluation.intervals.drawn_counts import get_class_counts, get_label_counts
from graphcore.evaluation.intervals.drawn_ranks import get_ranks
from graphcore.evaluation.intervals.draws import Draws
from graphcore.evaluation.intervals.interval import DrawnFigures, get_ratio
from graphcore.evaluation.predictions import Predictions
from graphcore.evaluation.samples.one_label import predict
from graphcore.evaluation.timelines import make_timelines
from graphcore.evaluation.videos.figures import compute_video_metrics
from graphcore.evaluation.videos.video import VideoFigures

# Of weights float64 [samplings, runs * blocks] the figure of each, float64 [samplings]; NaN where one has none.
Tally = Callable[[np.ndarray], np.ndarray]


@dataclasses.dataclass(frozen=True)
class Heap:
    """What several runs say of the same samples, run after run.

    Attributes:
        runs: their predictions.
        draws: of the blocks of all of them, those of the first run first.
    """

    runs: tuple[Predictions, ...]
    draws: Draws

    @property
    def labels(self) -> np.ndarray:
        """int [samples], the true classes; of several labels a sample bool [samples, classes]."""
        labels = np.concatenate([run.labels for run in self.runs])
        return labels > 0 if labels.ndim == 2 else labels

    @property
    def scores(self) -> np.ndarray:
        """float64 [samples, classes]."""
        return np.concatenate([run.scores for run in self.runs])

    @property
    def given(self) -> np.ndarray:
        """Of several labels a sample bool [samples, classes], the labels that are given."""
        return np.concatenate([run.find_given() for run in self.runs])


def make_heap(runs: Sequence[Predictions], draws: Draws) -> Heap:
    """Puts runs together.

    Args:
        runs: what they say of the same samples, in the same order.
        draws: of the samples' groups.
    """
    each = draws.num_blocks
    blocks = np.concatenate([draws.blocks + each * index for index in range(len(runs))])
    return Heap(tuple(runs), dataclasses.replace(draws, num_blocks=each * len(runs), blocks=blocks))


def tally_mean(values: np.ndarray, heap: Heap) -> Tally:
    """Of the mean of one value a sample, float [samples] of the whole heap."""
    return _pick("mean", get_ratio("mean", heap.draws.add_up(values), heap.draws.add_up()))


def tally_classes(figure: str, heap: Heap) -> Tally:
    """Of a figure that hangs on how often each class was, was called, and was both."""
    scores = heap.scores
    return _pick(figure, get_class_counts(heap.labels, predict(scores), scores.shape[1], heap.draws))


def tally_labels(figure: str, heap: Heap) -> Tally:
    """The same of several labels a sample."""
    return _pick(figure, get_label_counts(heap.labels, heap.given, heap.draws))


def tally_ranks(figure: str, heap: Heap) -> Tally | None:
    """Of a figure that hangs on the order of scores; None of so many classes that it would take minutes."""
    measure = get_ranks(heap.labels, heap.scores, heap.draws)
    return None if measure is None else _pick(figure, measure)


def tally_videos(measure: Callable[[VideoFigures], tuple[float, float]], heap: Heap) -> Tally:
    """Of a ratio whose two sides add up over videos.

    Args:
        measure: gives the two sides of one video.
        heap: of runs whose predictions have marks.
    """
    sums = np.zeros((2, heap.draws.num_blocks))
    for run, blocks in zip(heap.runs, np.split(heap.draws.blocks, len(heap.runs)), strict=True):
        assert run.marks is not None  # without them nobody would ask for figures of videos
        block_of = dict(zip(run.marks.videos, blocks.tolist(), strict=True))
        for video in compute_video_metrics(make_timelines(run), run.class_names, causal=True).videos:
            sums[:, block_of[video.video]] += measure(video)
    return _pick("ratio", get_ratio("ratio", *sums))


def _pick(figure: str, measure: DrawnFigures) -> Tally:
    return lambda weights: measure(weights)[figure]
