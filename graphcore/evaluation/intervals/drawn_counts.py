"""What draws come to of figures that hang on the answers: per class, how often it was, was called, and was both."""

from __future__ import annotations

import numpy as np

from graphcore.evaluation.chunks import iterate_chunks
from graphcore.evaluation.intervals.draws import Draws, Tally, make_tally, order_weights
from graphcore.evaluation.intervals.interval import DrawnFigures, divide


def get_class_counts(labels: np.ndarray, predicted: np.ndarray, num_classes: int, draws: Draws) -> DrawnFigures:
    """Of one label a sample: balanced accuracy and macro F1.

    Both are means over the classes that a draw has samples of, as the figures of the split are.

    Args:
        labels: int [n], the true classes.
        predicted: int [n].
        num_classes: how many there are.
        draws: of the samples' groups.
    """
    there, called = draws.cross(labels, num_classes), draws.cross(predicted, num_classes)
    right = draws.cross(labels, num_classes, labels == predicted)

    def measure(weights: np.ndarray) -> dict[str, np.ndarray]:
        support, taken, correct = _add_up(weights, there, called, right)
        return {
            "balanced_accuracy": _mean_over_present(divide(correct, support), support),
            "macro_f1": _mean_over_present(divide(2 * correct, support + taken), support),
        }

    return measure


def get_label_counts(labels: np.ndarray, given: np.ndarray, draws: Draws) -> DrawnFigures:
    """Of several labels a sample: precision, recall and F1, micro and macro as `several_labels` has them.

    Args:
        labels: bool [n, classes], the true ones.
        given: bool [n, classes].
        draws: of the samples' groups.
    """
    there, called, right = (_cross_labels(marks, draws) for marks in (labels, given, labels & given))

    def measure(weights: np.ndarray) -> dict[str, np.ndarray]:
        support, taken, correct = _add_up(weights, there, called, right)
        shares = {"f1": (2 * correct, support + taken), "precision": (correct, taken), "recall": (correct, support)}
        macro = {
            f"{kind}_macro": _mean_over_present(divide(parts, wholes, 0.0), support)
            for kind, (parts, wholes) in shares.items()
        }
        micro = {
            f"{kind}_micro": divide(parts.sum(axis=1), wholes.sum(axis=1), 0.0)
            for kind, (parts, wholes) in shares.items()
        }
        return macro | micro

    return measure


def _add_up(weights: np.ndarray, *tallies: Tally) -> list[np.ndarray]:
    """Each tally of the draws, float64 as shares of counts are to be."""
    weights = order_weights(weights)
    # A draw's columns beside each other: so sums of shares are rounded.
    return [tally(weights).astype(np.float64, order="C") for tally in tallies]


def _cross_labels(marks: np.ndarray, draws: Draws) -> Tally:
    """Adds up how many samples have each mark in a draw."""
    num_classes = marks.shape[1]
    counts = np.zeros(draws.num_blocks * num_classes)
    for rows in iterate_chunks(*marks.shape):
        samples, columns = np.nonzero(marks[rows])
        counts += np.bincount(draws.blocks[rows][samples] * num_classes + columns, minlength=len(counts))
    return make_tally(counts.reshape(-1, num_classes))


def _mean_over_present(figures: np.ndarray, support: np.ndarray) -> np.ndarray:
    present = support > 0
    return divide(np.where(present, figures, 0.0).sum(axis=1), present.sum(axis=1))
