"""Two thresholds instead of one: a segment begins with a score that is high, and goes on until its score is low.

Scores that waver around one threshold make many short segments; between two of them they make one.
"""

from __future__ import annotations

import numpy as np


def hold_labels(scores: np.ndarray, enter: float, leave: float, outside: int | None) -> np.ndarray:
    """One label a frame, each held as long as its score allows.

    A frame in a segment of class s belongs to it while the score of s is at least `leave`, unless another class scores
    at least `enter` and more than s. Any other frame is of the best class if that scores at least `enter`, else outside
    every segment. The class `outside` is none that enters or is held: it is what is left. Where there is no such class,
    the best one is taken whatever its score.

    Args:
        scores: float [frames, classes] of one video, in the order of time.
        enter: score from which a segment may begin.
        leave: score below which it ends; no more than `enter`.
        outside: the class of times outside every segment; None where there is none.

    Returns:
        int64 [frames].
    """
    frames, classes = scores.shape
    if not frames:
        return np.zeros(0, np.int64)
    bounds = np.array([enter, leave], scores.dtype)  # as the scores are rounded
    rivals = scores.copy()
    if outside is not None:
        rivals[:, outside] = -np.inf
    best = rivals.argmax(axis=1)
    highest = rivals.max(axis=1)
    fresh = best if outside is None else np.where(highest >= bounds[0], best, outside)
    overtaken = (highest[:, np.newaxis] > scores) & (highest >= bounds[0])[:, np.newaxis]
    held = (scores >= bounds[1]) & ~overtaken
    if outside is not None:
        held[:, outside] = False
    held |= fresh[:, np.newaxis] == np.arange(classes)
    labels = np.empty(frames, np.int64)
    ends = _find_ends(held)
    first = 0
    # From change to change: a video has far fewer of them than frames.
    while first < frames:
        label = int(fresh[first])
        stop = int(ends[first, label])
        labels[first:stop] = label
        first = stop
    return labels


def hold(scores: np.ndarray, enter: float, leave: float) -> np.ndarray:
    """The same for one label that is given or not, whatever other labels are.

    Args:
        scores: float [frames] of one label.
        enter: score from which it is given.
        leave: score below which it no longer is; no more than `enter`.

    Returns:
        bool [frames].
    """
    bounds = np.array([enter, leave], scores.dtype)
    decides = (scores >= bounds[0]) | (scores < bounds[1])
    latest = np.maximum.accumulate(np.where(decides, np.arange(len(scores)), -1))
    return (latest >= 0) & (scores[latest] >= bounds[0])


def _find_ends(held: np.ndarray) -> np.ndarray:
    """int64 [frames, classes]: the first frame from each one on that does not hold a class."""
    frames = len(held)
    broken = np.where(held, frames, np.arange(frames)[:, np.newaxis])
    return np.minimum.accumulate(broken[::-1])[::-1]
