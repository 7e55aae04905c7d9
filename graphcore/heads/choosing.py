"""Choosing how to smooth by what it brings on videos that nothing was learnt from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from graphcore.heads.temporal import ScoredVideo

Value = TypeVar("Value", int, float)


def choose(
    candidates: Sequence[Value], smooth: Callable[[np.ndarray, Value], np.ndarray], videos: Sequence[ScoredVideo]
) -> tuple[Value, dict[Value, float]]:
    """Tries every candidate on every video.

    Args:
        candidates: values to choose among, the one to take where all do equally well first.
        smooth: (scores of a video, candidate) -> its smoothed scores, both float32 [frames, classes].
        videos: with at least one frame.

    Returns:
        The first of the candidates that make most frames right, and the share of right frames of each, in [0, 1].
    """
    shares = {
        candidate: measure_accuracy(lambda scores, own=candidate: smooth(scores, own), videos)
        for candidate in candidates
    }
    return max(candidates, key=shares.__getitem__), shares


def measure_accuracy(smooth: Callable[[np.ndarray], np.ndarray], videos: Sequence[ScoredVideo]) -> float:
    """The share in [0, 1] of all videos' frames whose highest score, once smoothed, is that of their label."""
    right = sum(int((np.argmax(smooth(video.scores), axis=1) == video.labels).sum()) for video in videos)
    return right / sum(len(video.labels) for video in videos)
