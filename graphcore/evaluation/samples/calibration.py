"""Whether scores are frequencies: of the samples called with a score of 0.8, are 80 % called rightly?

Source: Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, arXiv:1706.04599.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from graphcore.evaluation.chunks import iterate_chunks

NUM_BINS = 15


@dataclasses.dataclass(frozen=True)
class Calibration:
    """A reliability diagram's values: bins of equal width over [0, 1], each with its upper edge and without its lower.

    Attributes:
        edges: float64 [bins + 1], from 0 to 1.
        counts: int64 [bins], the answers whose confidence is in the bin.
        confidences: float64 [bins], their mean confidence; NaN in an empty bin.
        accuracies: float64 [bins], the share of them that is true; NaN in an empty bin.

    Of one label a sample there is one answer a sample: the class of the highest score, which is its confidence. Of
    several labels there is one a sample and label, "it has this label", and the label's score is its confidence:
    `accuracies` then is the share of samples that have it, whatever the thresholds are.
    """

    edges: np.ndarray
    counts: np.ndarray
    confidences: np.ndarray
    accuracies: np.ndarray

    @property
    def error(self) -> float:
        """Expected calibration error, in [0, 1]: how far accuracy is from confidence, the mean over all answers."""
        full = self.counts > 0
        gaps = np.abs(self.accuracies[full] - self.confidences[full])
        return float((gaps * self.counts[full]).sum() / self.counts.sum()) if full.any() else 0.0


def measure_calibration(labels: np.ndarray, scores: np.ndarray, num_bins: int = NUM_BINS) -> Calibration:
    """Puts every answer into the bin of its confidence.

    Args:
        labels: int [n], the true classes; of several labels a sample [n, classes] of 0 and 1.
        scores: float [n, classes] in [0, 1].
        num_bins: how many.
    """
    labels, scores = np.asarray(labels), np.asarray(scores)
    edges, sums = np.linspace(0, 1, num_bins + 1), np.zeros((3, num_bins))
    for rows in iterate_chunks(*scores.shape):
        sums += _add_up(*_list_answers(labels[rows], scores[rows]), edges)
    counts, confidences, right = sums
    means = [np.where(counts > 0, total / np.maximum(counts, 1), np.nan) for total in (confidences, right)]
    return Calibration(edges, counts.astype(np.int64), *means)


def _list_answers(labels: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The confidence of every answer, and whether it is true."""
    if labels.ndim == 2:
        return scores.reshape(-1), labels.reshape(-1) > 0
    called = scores.argmax(axis=1)
    return scores[np.arange(len(scores)), called], called == labels


def _add_up(confidences: np.ndarray, right: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """float64 [3, bins]: how many answers are in each bin, the sum of their confidences, and how many are true."""
    num_bins = len(edges) - 1
    # Half-open from below, as in the source; a confidence of exactly 0 goes to the first bin.
    bins = np.clip(np.searchsorted(edges, confidences) - 1, 0, num_bins - 1)
    return np.stack([np.bincount(bins, weights, num_bins) for weights in (None, confidences, right)])
