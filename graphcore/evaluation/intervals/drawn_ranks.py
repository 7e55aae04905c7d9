"""What draws come to of figures that hang on the order of scores: mean average precision and ROC AUC.

A draw changes how often a sample counts but never the order, so samples are sorted once: each goes to the level of its
score, and a draw's samples of every level are what its groups have there. Levels are the scores of a class's own
samples and the gaps between, which makes it exact where there are as many levels as such scores; with fewer the little
that the split's own figure is off by is put right in every draw.
"""

from __future__ import annotations

import itertools

import numpy as np

from graphcore.evaluation.intervals.draws import Draws, Tally, order_weights
from graphcore.evaluation.intervals.interval import DrawnFigures, divide
from graphcore.evaluation.samples.ranked import iterate_classes, mean_known, rank_classes

# Levels of all classes together: they decide what draws cost.
_MOST_LEVELS = 4096
# With fewer a class, the order of scores is no longer seen.
_FEWEST_OF_CLASS = 32


def get_ranks(labels: np.ndarray, scores: np.ndarray, draws: Draws) -> DrawnFigures | None:
    """Mean average precision and ROC AUC, means over the classes of which something can be said in a draw.

    Args:
        labels: int [n], the true classes; of several labels a sample [n, classes] of 0 and 1.
        scores: float [n, classes].
        draws: of the samples' groups.

    Returns:
        What gives them; None of more than 128 classes, where it would take minutes.
    """
    num_classes = scores.shape[1]
    most = _MOST_LEVELS // max(1, num_classes)
    if most < _FEWEST_OF_CLASS:
        return None
    tallies = [_count_levels(column, of_class, most, draws) for _, column, of_class in iterate_classes(labels, scores)]
    exact = [mean_known(figures) for figures in rank_classes(labels, scores)]
    undrawn = np.ones((1, draws.num_blocks))
    off = [whole - mean_known(drawn) for whole, drawn in zip(exact, _rank(tallies, undrawn), strict=True)]

    def measure(weights: np.ndarray) -> dict[str, np.ndarray]:
        drawn = _rank(tallies, weights)
        names = ("mean_average_precision", "roc_auc")
        return {name: np.clip(found + by, 0, 1) for name, found, by in zip(names, drawn, off, strict=True)}

    return measure


def _count_levels(scores: np.ndarray, of_class: np.ndarray, most: int, draws: Draws) -> tuple[Tally, Tally]:
    """Of one class what adds up each level's samples in a draw, the best level first: its own, and the others."""
    scores_of_class = np.unique(scores[of_class])
    if len(scores_of_class) > most:
        scores_of_class = scores_of_class[np.linspace(0, len(scores_of_class) - 1, most).astype(np.int64)]
    # Twice the levels: even ones are the gaps, odd ones the scores themselves.
    levels = np.searchsorted(scores_of_class, scores) + np.searchsorted(scores_of_class, scores, side="right")
    own = np.zeros(len(scores), bool)
    own[of_class] = True
    num_levels = 2 * len(scores_of_class) + 1
    best_first = num_levels - 1 - levels
    return draws.cross(best_first, num_levels, own), draws.cross(best_first, num_levels, ~own)


def _rank(tallies: list[tuple[Tally, Tally]], weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float64 [draws] twice: the mean over classes of average precision and of the area under the ROC curve."""
    sums, counts = np.zeros((2, len(weights))), np.zeros((2, len(weights)))
    weights = order_weights(weights)
    for of_class, others in tallies:
        for row, figures in enumerate(_rank_class(of_class(weights).T, others(weights).T)):
            known = np.isfinite(figures)
            sums[row] += np.where(known, figures, 0.0)
            counts[row] += known
    precisions, areas = divide(sums, counts)
    return precisions, areas


def _rank_class(hits: np.ndarray, misses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """float64 [draws] twice: average precision and area of one class, of its samples and others [levels, draws].

    A level's draws lie beside each other, so that sums over levels are sums of rows: all intervals of 380 photos in 10
    classes took 23 ms with the levels of a draw beside each other, and take 10. Only levels with samples of the class
    say anything. All that is added up is whole and exact in any order, but for the precisions: zeros keep their places.
    """
    there = np.flatnonzero(hits.any(axis=1))
    own, tied = hits[there].astype(np.float64), misses[there].astype(np.float64)
    found, missed = _accumulate(own.copy()), _accumulate(misses.astype(np.float64))
    all_hits, all_misses = own.sum(axis=0), missed[-1]
    missed = missed[there]
    precisions = np.zeros(hits.shape[::-1])
    precisions[:, there] = (own * (found / np.maximum(found + missed, 1))).T
    pairs = (own * (all_misses - missed + tied / 2)).sum(axis=0)
    return divide(precisions.sum(axis=1), all_hits), divide(pairs, all_hits * all_misses)


def _accumulate(rows: np.ndarray) -> np.ndarray:
    """Adds to each row those before it, in place; `np.cumsum` takes three times as long where rows are long."""
    for before, row in itertools.pairwise(rows):
        row += before
    return rows
