"""Which figures of samples have an interval, and by what.

| figures | by |
|---|---|
| accuracy, top-k accuracy, exact match | Wilson's interval where samples stand alone, else draws of groups |
| loss, Brier score, label accuracy | draws: means over samples |
| balanced accuracy, precision, recall, F1, macro and micro | draws: counts of each class |
| mean average precision, ROC AUC | draws, up to 128 classes: see `drawn_ranks` |

The expected calibration error has none: a draw adds noise to every bin, and the size of all noise is added up, so draws
come out higher than the figure itself, and so would an interval from them.
"""

from __future__ import annotations

import numpy as np

from graphcore.evaluation.intervals.drawn_counts import get_class_counts, get_label_counts
from graphcore.evaluation.intervals.drawn_ranks import get_ranks
from graphcore.evaluation.intervals.draws import Draws
from graphcore.evaluation.intervals.groups import SAMPLES
from graphcore.evaluation.intervals.interval import (
    DrawnFigures,
    Interval,
    find_intervals,
    get_ratio,
    interval_of_share,
)
from graphcore.evaluation.samples.one_label import name_top_k, resolve_top_k, top_k_hits
from graphcore.evaluation.samples.penalties import brier_scores, log_losses


def find_intervals_of_one(
    labels: np.ndarray, scores: np.ndarray, predicted: np.ndarray, top_k: int, draws: Draws
) -> dict[str, Interval]:
    """Of one label a sample, by the figures' names.

    Args:
        labels: int [n], the true classes; at least one sample.
        scores: float [n, classes] in [0, 1].
        predicted: int [n].
        top_k: how many guesses the top-k accuracy allows.
        draws: of the samples' groups.
    """
    shares = {"accuracy": labels == predicted}
    if (k := resolve_top_k(top_k, scores.shape[1])) is not None:
        shares[name_top_k(k)] = top_k_hits(labels, scores, k)
    counts = get_class_counts(labels, predicted, scores.shape[1], draws)
    return _find(shares, {}, counts, labels, scores, draws)


def find_intervals_of_several(
    labels: np.ndarray, scores: np.ndarray, given: np.ndarray, draws: Draws
) -> dict[str, Interval]:
    """Of several labels a sample, by the figures' names.

    Args:
        labels: bool [n, classes], the true ones; at least one sample.
        scores: float [n, classes] in [0, 1].
        given: bool [n, classes].
        draws: of the samples' groups.
    """
    right = labels == given
    means = {"label_accuracy": right.mean(axis=1)}
    return _find(
        {"exact_match": right.all(axis=1)}, means, get_label_counts(labels, given, draws), labels, scores, draws
    )


def _find(
    shares: dict[str, np.ndarray],
    means: dict[str, np.ndarray],
    counts: DrawnFigures,
    labels: np.ndarray,
    scores: np.ndarray,
    draws: Draws,
) -> dict[str, Interval]:
    found = {}
    if draws.groups.unit == SAMPLES:
        found = {name: interval_of_share(chosen, draws.groups) for name, chosen in shares.items()}
    means = means | {"loss": log_losses(labels, scores), "brier": brier_scores(labels, scores)}
    wholes = draws.add_up()
    drawn = [counts, *(get_ratio(name, draws.add_up(values), wholes) for name, values in (shares | means).items())]
    if (ranks := get_ranks(labels, scores, draws)) is not None:
        drawn.append(ranks)
    return find_intervals(draws, drawn) | found
