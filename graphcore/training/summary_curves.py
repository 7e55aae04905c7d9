"""Precision and recall over every threshold, for TensorBoard's PR CURVES.

The plugin takes one array a class, in a summary that carries its own small message; both are made here, without
the tensorboard package.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from graphcore.heads.labels import to_multi_hot
from graphcore.training.observer import Moment, Observer
from tfrecords import wire

PLUGIN = "pr_curves"
THRESHOLDS = 101
# One curve is 2.4 KB an evaluation, and nobody leafs through hundreds of them.
MOST_CLASSES = 50
# PrCurvePluginData: 2 is the number of thresholds; its version, 1, is 0 and not written.
# Source: tensorboard/plugins/pr_curve/plugin_data.proto.
_CONTENT = wire.encode_varint(2 << 3 | wire.VARINT) + wire.encode_varint(THRESHOLDS)


class PrecisionRecall(Observer):
    """Writes a curve for all classes together and for each of the commonest, at every evaluation."""

    def __init__(self, labels: Sequence[str], counts: np.ndarray) -> None:
        """Takes the classes' names in order and their int [classes] samples in validation."""
        self._names = [" ".join(label.split()) for label in labels]
        # The same classes every time, or TensorBoard's slider would have gaps.
        self._shown = np.sort(np.argsort(-counts, kind="stable")[:MOST_CLASSES])

    def evaluated(self, moment: Moment) -> None:
        """Writes them."""
        found = moment.evaluation
        if found is None or not len(found.labels):
            return
        true = to_multi_hot(found.labels, found.scores.shape[1]) > 0
        curves = {"all_classes": compute_curve(true.ravel(), found.scores.ravel())}
        for number in self._shown:
            curves[f"class/{self._names[number]}"] = compute_curve(true[:, number], found.scores[:, number])
        moment.writers.write_tensors("validation", moment.step, curves, PLUGIN, _CONTENT)


def compute_curve(true: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """What would be found if every score from a threshold on counted as a yes, for evenly spaced thresholds.

    Args:
        true: bool [n].
        scores: float [n] in [0, 1].

    Returns:
        float32 [6, THRESHOLDS], for the thresholds 0, 0.01 ... 1: true positives, false positives, true
        negatives, false negatives, precision and recall; a share of nothing is 0.
    """
    bins = np.clip((scores.astype(np.float64) * (THRESHOLDS - 1)).astype(np.int64), 0, THRESHOLDS - 1)
    positive, negative = (
        np.bincount(bins[chosen], minlength=THRESHOLDS)[::-1].cumsum()[::-1] for chosen in (true, ~true)
    )
    found = np.maximum(positive + negative, 1)
    return np.stack(
        [
            *(positive, negative, negative[0] - negative, positive[0] - positive),
            *(positive / found, positive / max(positive[0], 1)),
        ]
    ).astype(np.float32)
