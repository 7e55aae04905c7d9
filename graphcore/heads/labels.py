"""Labels as a head wants them: one class a sample, or a 0 or 1 for every class."""

from __future__ import annotations

import numpy as np


def to_multi_hot(labels: np.ndarray, num_classes: int) -> np.ndarray:
    """What a multi-label head learns from and is judged by.

    Args:
        labels: int [n] in [0, num_classes), or uint8 [n, num_classes] of 0 and 1, which stays as it is.
        num_classes: how many classes there are.

    Returns:
        uint8 [n, num_classes]; a sample of one label has a single 1.
    """
    labels = np.asarray(labels)
    if labels.ndim > 1:
        return labels
    return (labels[:, np.newaxis] == np.arange(num_classes)).astype(np.uint8)
