"""Stretches of one label in formats that label every frame."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby


def list_runs(labels: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    """Label, first frame, and the frame after the last, of each stretch of one label; pure."""
    frame = 0
    for label, run in groupby(labels):
        first, frame = frame, frame + sum(1 for _ in run)
        yield label, first, frame
