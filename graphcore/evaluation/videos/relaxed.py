"""Relaxed boundaries: where one phase ends and the next begins, people differ by seconds, and so may a prediction.

A prediction made within `relax_secs` of a true transition counts as right where it is either of the two labels that
meet there. The field takes 10 s, and quotes figures with and without.

The evaluation script of the M2CAI 2016 workflow challenge (`Evaluate.m`, also used for Cholec80) has the same
idea in MATLAB, with special cases that are not taken here, as they belong to one operation: it forgives only a label
whose number is one less (late) or one more (early) and further pairs for some phases of cholecystectomy. It looks for
early transitions among a phase's last frames, but forgives as many of its first ones. It also counts a forgiven frame
as right for both labels, whereby precision and recall may exceed 1 and are cut there; here precision asks the frames
that were called so, recall those of the label, and no share exceeds 1.
"""

from __future__ import annotations

import numpy as np

from graphcore.timelines.timeline import find_starts

# Times are sums of floats: a frame at exactly 10 s must not fall in or out by the last bit.
_TOLERANCE_SECS = 1e-6


def find_right(
    times_secs: np.ndarray, labels: np.ndarray, predicted: np.ndarray, relax_secs: float = 0.0
) -> np.ndarray:
    """Which predictions count as right: bool [frames].

    A transition is at the first frame of the new label. Forgiven are the frames from `relax_secs` before it up to, not
    including, `relax_secs` after it: 10 and 10 at one frame a second, as many as the challenge's script has. They
    may lie beyond the next transition where a label is shorter than that.

    Args:
        times_secs: float64 [frames], ascending.
        labels: int [frames], the truth.
        predicted: int [frames].
        relax_secs: 0 forgives nothing.
    """
    labels, predicted = np.asarray(labels), np.asarray(predicted)
    right = labels == predicted
    changes = find_starts(labels)[1:]
    firsts = np.searchsorted(times_secs, times_secs[changes] - relax_secs - _TOLERANCE_SECS)
    stops = np.searchsorted(times_secs, times_secs[changes] + relax_secs - _TOLERANCE_SECS)
    for change, first, stop in zip(changes.tolist(), firsts.tolist(), stops.tolist(), strict=True):
        called = predicted[first:stop]
        right[first:stop] |= (called == labels[change - 1]) | (called == labels[change])
    return right
