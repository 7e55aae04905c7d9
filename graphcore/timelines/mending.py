"""Labels of frames without gaps that are too short to be gaps and segments that are too short to be segments.

Where a class stands for times outside every segment, a gap is a run of it between two segments of one label, and a
segment that is dropped becomes outside. Where there is no such class every frame is of a segment: a gap is then a
segment between two of one label, and one that is dropped goes to its neighbours.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np

from graphcore.timelines.timeline import find_starts

# Times are sums of steps that no float holds exactly: three steps of 0.1 are not shorter than 0.3.
_TOLERANCE_SECS = 1e-6


def mend_labels(
    labels: np.ndarray,
    scores: np.ndarray,
    lengths_secs: np.ndarray,
    min_secs: float,
    merge_secs: float,
    outside: int | None,
) -> np.ndarray:
    """Closes short gaps, drops short segments, and closes the gaps that this left short.

    Gaps come first: pieces of a segment that together are long enough are no short segments.

    Args:
        labels: int [frames] of one video, in the order of time.
        scores: float [frames, classes]; they decide which neighbour a dropped segment goes to where no class is
            outside: the one whose class scores more over it, of equals the longer one, of equals the first.
        lengths_secs: float [frames], the time that each frame stands for.
        min_secs: no segment of the result is shorter, but for a video that is one segment.
        merge_secs: no gap of the result is shorter.
        outside: the class of times outside every segment; None where there is none.

    Returns:
        int64 [frames].
    """
    labels = np.asarray(labels, np.int64)
    if not len(labels):
        return labels
    if merge_secs > 0:
        labels = _close_gaps(labels, scores, lengths_secs, merge_secs, outside)
    if min_secs > 0:
        dropped = _drop_segments(labels, scores, lengths_secs, min_secs, outside)
        is_same = bool((dropped == labels).all())
        labels = dropped
        if merge_secs > 0 and not is_same:
            labels = _close_gaps(labels, scores, lengths_secs, merge_secs, outside)
    return labels


def _close_gaps(
    labels: np.ndarray, scores: np.ndarray, lengths_secs: np.ndarray, merge_secs: float, outside: int | None
) -> np.ndarray:
    if outside is None:
        return _Runs(labels, scores, lengths_secs).absorb(merge_secs, between_alike=True)
    named, counts, secs = _measure_runs(labels, lengths_secs)
    before, here, after = named[:-2], named[1:-1], named[2:]
    is_gap = (here == outside) & (before == after) & (secs[1:-1] < merge_secs - _TOLERANCE_SECS)
    named[1:-1] = np.where(is_gap, before, here)
    return np.repeat(named, counts)


def _drop_segments(
    labels: np.ndarray, scores: np.ndarray, lengths_secs: np.ndarray, min_secs: float, outside: int | None
) -> np.ndarray:
    if outside is None:
        return _Runs(labels, scores, lengths_secs).absorb(min_secs, between_alike=False)
    named, counts, secs = _measure_runs(labels, lengths_secs)
    return np.repeat(np.where(secs < min_secs - _TOLERANCE_SECS, outside, named), counts)


def _measure_runs(labels: np.ndarray, lengths_secs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Label, frames and seconds of each run."""
    firsts = find_starts(labels)
    counts = np.diff(np.append(firsts, len(labels)))
    return labels[firsts], counts, np.add.reduceat(lengths_secs, firsts)


class _Runs:
    """The runs of labels as a chain in which short ones disappear, the shortest first."""

    def __init__(self, labels: np.ndarray, scores: np.ndarray, lengths_secs: np.ndarray) -> None:
        named, counts, secs = _measure_runs(labels, lengths_secs)
        self._labels, self._secs = named.tolist(), secs.tolist()
        self._stops = np.cumsum(counts).tolist()
        self._firsts = [0, *self._stops[:-1]]
        number = len(self._labels)
        self._before = list(range(-1, number - 1))
        self._after = [*range(1, number), -1]
        self._is_gone = [False] * number
        self._sums = np.vstack([np.zeros(scores.shape[1]), np.cumsum(scores, axis=0, dtype=np.float64)])

    def absorb(self, shorter_secs: float, between_alike: bool) -> np.ndarray:
        """Gives runs that are shorter to a neighbour; with `between_alike` only those between two of one label."""
        waiting = [(secs, number) for number, secs in enumerate(self._secs)]
        heapq.heapify(waiting)
        while waiting:
            secs, number = heapq.heappop(waiting)
            if secs >= shorter_secs - _TOLERANCE_SECS:
                break
            if self._is_gone[number] or secs != self._secs[number]:
                continue  # it has grown, and stands in the queue once more
            heir = self._choose_heir(number, between_alike)
            if heir is not None:
                heapq.heappush(waiting, (self._secs[heir], heir))
        return np.repeat([label for label, _ in self._kept()], [frames for _, frames in self._kept()]).astype(np.int64)

    def _kept(self) -> Iterator[tuple[int, int]]:
        for number, is_gone in enumerate(self._is_gone):
            if not is_gone:
                yield self._labels[number], self._stops[number] - self._firsts[number]

    def _choose_heir(self, number: int, between_alike: bool) -> int | None:
        """Gives a run to a neighbour, or joins it with both; returns what it became a part of."""
        before, after = self._before[number], self._after[number]
        is_between = before >= 0 and after >= 0
        if is_between and self._labels[before] == self._labels[after]:
            self._join(before, number)
            self._join(before, after)
            return before
        if between_alike or (before < 0 and after < 0):
            return None
        if after < 0 or (is_between and self._rank(before, number) >= self._rank(after, number)):
            self._join(before, number)
            return before
        self._labels[number] = self._labels[after]
        self._join(number, after)
        return number

    def _rank(self, neighbour: int, number: int) -> tuple[float, float]:
        sums = self._sums[self._stops[number]] - self._sums[self._firsts[number]]
        return float(sums[self._labels[neighbour]]), self._secs[neighbour]

    def _join(self, first: int, second: int) -> None:
        """Makes the second of two neighbours a part of the first."""
        self._secs[first] += self._secs[second]
        self._stops[first] = self._stops[second]
        self._is_gone[second] = True
        self._after[first] = self._after[second]
        if self._after[first] >= 0:
            self._before[self._after[first]] = first
