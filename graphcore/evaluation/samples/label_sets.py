"""The labels of a sample that may have any number of them: which are given, and how they are written in one cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

SEPARATOR = ";"
_ESCAPE = "\\"


def give_labels(scores: np.ndarray, thresholds: Sequence[float]) -> np.ndarray:
    """Which labels are given: those whose score is at least their threshold.

    Args:
        scores: float [..., classes] in [0, 1].
        thresholds: one for each class, each of them a float32's value.

    Returns:
        bool [..., classes].
    """
    return scores >= np.asarray(thresholds, scores.dtype)


def join_labels(names: Iterable[str]) -> str:
    r"""Writes labels in one cell: "red;round", "" for none.

    A semicolon within a name is written as \; and a backslash as \\.
    """
    return SEPARATOR.join(name.replace(_ESCAPE, _ESCAPE * 2).replace(SEPARATOR, _ESCAPE + SEPARATOR) for name in names)


def split_labels(cell: str) -> tuple[str, ...]:
    """Reads what `join_labels` wrote."""
    if not cell:
        return ()
    # Runs of anything but separators and escapes, and whatever follows an escape.
    names = re.findall(r"(?:[^;\\]|\\.)+", cell, re.DOTALL)
    return tuple(re.sub(r"\\(.)", r"\1", name, flags=re.DOTALL) for name in names)
