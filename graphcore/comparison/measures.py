"""The figures that runs can be tested in, by the names that metrics.json has for them.

Of evaluation's figures these are the ones of which an interval can be had by drawing groups: the same sums serve both.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from graphcore.comparison.tallies import Heap, Tally, tally_classes, tally_labels, tally_mean, tally_ranks, tally_videos
from graphcore.errors import ConfigError
from graphcore.evaluation.samples.one_label import predict
from graphcore.evaluation.samples.penalties import brier_scores, log_losses
from graphcore.evaluation.videos.overlap_f1 import OVERLAPS
from graphcore.evaluation.videos.video import SHARES, VideoFigures

_LOWER_IS_BETTER = ("loss", "brier")

# What makes a tally of one figure: None where the samples have too many classes for it.
Prepare = Callable[[Heap], "Tally | None"]


@dataclasses.dataclass(frozen=True)
class Measure:
    """A figure to test runs in.

    Attributes:
        name: as in metrics.json, without the split.
        prepare: makes its tally.
    """

    name: str
    prepare: Prepare

    @property
    def lower_is_better(self) -> bool:
        """Whether the smaller figure is the better one."""
        return self.name in _LOWER_IS_BETTER


def find_right(labels: np.ndarray, scores: np.ndarray, given: np.ndarray | None) -> np.ndarray:
    """Whether each sample is called what it is, bool [samples]; of several labels, all of them."""
    return predict(scores) == labels if given is None else (given == (labels > 0)).all(axis=1)


def list_measures(multi_label: bool, of_videos: bool) -> Mapping[str, Measure]:
    """The figures that there are of samples of a kind, by name, the one that says most first.

    Args:
        multi_label: whether a sample may have several labels.
        of_videos: whether samples are frames of known videos.
    """
    listed = _list_of_labels() if multi_label else _list_of_samples()
    known = dict(listed) | (dict(_list_of_videos()) if of_videos and not multi_label else {})
    return {name: Measure(name, prepare) for name, prepare in known.items()}


def _list_of_samples() -> Iterator[tuple[str, Prepare]]:
    yield "accuracy", lambda heap: tally_mean(find_right(heap.labels, heap.scores, None), heap)
    for name in ("balanced_accuracy", "macro_f1"):
        yield name, lambda heap, name=name: tally_classes(name, heap)
    yield from _list_of_scores()


def _list_of_labels() -> Iterator[tuple[str, Prepare]]:
    yield from _list_of_scores()
    for name in [f"{kind}_{mean}" for kind in ("f1", "precision", "recall") for mean in ("macro", "micro")]:
        yield name, lambda heap, name=name: tally_labels(name, heap)
    yield "exact_match", lambda heap: tally_mean(find_right(heap.labels, heap.scores, heap.given), heap)


def _list_of_scores() -> Iterator[tuple[str, Prepare]]:
    for name in ("mean_average_precision", "roc_auc"):
        yield name, lambda heap, name=name: tally_ranks(name, heap)
    yield "loss", lambda heap: tally_mean(log_losses(heap.labels, heap.scores), heap)
    yield "brier", lambda heap: tally_mean(brier_scores(heap.labels, heap.scores), heap)


def _list_of_videos() -> Iterator[tuple[str, Prepare]]:
    means = {"video_accuracy": "accuracy", **{f"phase_{share}": share for share in SHARES}, "edit": "edit"}
    for name, figure in means.items():
        yield name, lambda heap, figure=figure: tally_videos(lambda video: (getattr(video, figure), 1.0), heap)
    for place, overlap in enumerate(OVERLAPS):
        name = f"f1@{round(100 * overlap)}"
        yield name, lambda heap, place=place: tally_videos(lambda video: _count(video, place), heap)


def _count(video: VideoFigures, place: int) -> tuple[float, float]:
    """The two sides of the segmental F1 in [0, 100]."""
    counts = video.counts[place]
    return 200.0 * counts.right, 2.0 * counts.right + counts.wrong + counts.missed


def choose_measure(asked: str | None, measures: Mapping[str, Measure]) -> Measure:
    """The figure that is asked for, or the first.

    Raises:
        ConfigError: there is no such figure of these samples.
    """
    if asked is None:
        return next(iter(measures.values()))
    if asked not in measures:
        raise ConfigError(f"metric={asked} is no figure that these runs can be tested in.", choices=measures)
    return measures[asked]
