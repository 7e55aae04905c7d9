"""For each picture of one split the picture of another that it may be a copy of: found by hash, confirmed by cells.

Third step of an audit.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from graphcore.audit.neighbours import HashIndex, Pairs
from graphcore.audit.perceptual import HASH_BITS, Looks, are_alike

_QUERIES = 64
_CONFIRMED = 16_384
"""Pairs confirmed at a time: 20 MiB."""

_FAR = HASH_BITS + 1


def find_lookalikes(queries: Looks, references: Looks, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """Finds each query's nearest lookalike, on all cores.

    Args:
        queries: the pictures that may be copies; flat ones have no lookalikes.
        references: the pictures that they may be copies of.
        bits: how many bits of the 256 of the hashes may differ.

    Returns:
        For each query the index of its lookalike among the references, -1 for none, and the bits between them; both
        int64 [queries].
    """
    nearest = np.full(len(queries), -1, np.int64)
    apart = np.full(len(queries), _FAR, np.int64)
    wanted, candidates = np.flatnonzero(~queries.is_flat), np.flatnonzero(~references.is_flat)
    kept = references.take(candidates)
    index = HashIndex(kept.hashes)
    # Queries of like bit counts together: the window of the references is narrow then.
    wanted = wanted[np.argsort(np.bitwise_count(queries.hashes[wanted]).sum(axis=1), kind="stable")]

    def search(rows: np.ndarray) -> None:
        found, distances = _search(queries.take(rows), kept, index, bits)
        nearest[rows] = np.where(found >= 0, candidates[found] if len(candidates) else -1, -1)
        apart[rows] = distances

    with ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="audit") as pool:
        for _ in pool.map(search, (wanted[start : start + _QUERIES] for start in range(0, len(wanted), _QUERIES))):
            pass
    return nearest, apart


def _search(queries: Looks, references: Looks, index: HashIndex, bits: int) -> tuple[np.ndarray, np.ndarray]:
    found = np.full(len(queries), -1, np.int64)
    distances = np.full(len(queries), _FAR, np.int64)
    for pairs in index.find_near(queries.hashes, bits):
        order = np.lexsort((pairs.reference, pairs.bits))
        for start in range(0, len(order), _CONFIRMED):
            some = Pairs(*(values[order[start : start + _CONFIRMED]] for values in pairs))
            # A query that has a nearer one needs no more: scenes that stand still would cost the square of their
            # length.
            some = _choose(some, some.bits < distances[some.query])
            some = _choose(some, are_alike(queries, references, (some.query, some.reference)))
            first, places = np.unique(some.query, return_index=True)
            found[first], distances[first] = some.reference[places], some.bits[places]
    return found, distances


def _choose(pairs: Pairs, mask: np.ndarray) -> Pairs:
    return Pairs(*(values[mask] for values in pairs))
