"""All pairs of hashes that differ in at most so many bits: exact, and in memory of a block.

Second step of an audit. Every pair is looked at, which is less than it sounds: hashes in the order of how many of
their bits are set lie within a window, and a first quarter of the bits rules most of the rest out. Looking up bands
of bits in tables was not taken: pictures with even areas share whole bands of zeros, and where many pictures share a
band its table grows with the square of their number.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

_BLOCK = 8192
"""Hashes compared with a block of others at a time: with 64 of those, 4 MiB, which stays in the cache."""


class Pairs(NamedTuple):
    """Pairs of hashes that are near each other, three arrays of the same length.

    Attributes:
        query: int64, index into the queries.
        reference: int64, index into the references.
        bits: int64, how many bits differ.
    """

    query: np.ndarray
    reference: np.ndarray
    bits: np.ndarray


class HashIndex:
    """Hashes, ready to be searched."""

    def __init__(self, hashes: np.ndarray) -> None:
        """Puts them in order.

        Args:
            hashes: uint64 [references, 4].
        """
        counts = _count_bits(hashes)
        self._order = np.argsort(counts, kind="stable")
        self._counts = counts[self._order]
        self._words = np.ascontiguousarray(hashes[self._order].T)  # word by word: each is read in one go

    def find_near(self, queries: np.ndarray, bits: int) -> Iterator[Pairs]:
        """Yields every pair at most `bits` apart, in some blocks.

        Args:
            queries: uint64 [queries, 4]; a few dozen at a time, as memory grows with their number.
            bits: how many of the 256 may differ.
        """
        if not len(queries):
            return
        counts = _count_bits(queries)
        # Two hashes differ in at least as many bits as one has more set than the other.
        begin = int(np.searchsorted(self._counts, counts.min() - bits, "left"))
        end = int(np.searchsorted(self._counts, counts.max() + bits, "right"))
        for start in range(begin, end, _BLOCK):
            words = self._words[:, start : min(start + _BLOCK, end)]
            apart = np.bitwise_count(queries[:, :1] ^ words[0])
            query, place = np.nonzero(apart <= bits)
            total = apart[query, place].astype(np.int64)
            for number in range(1, len(words)):
                total += np.bitwise_count(queries[query, number] ^ words[number, place])
                near = total <= bits
                query, place, total = query[near], place[near], total[near]
            if len(query):
                yield Pairs(query, self._order[start + place], total)


def _count_bits(hashes: np.ndarray) -> np.ndarray:
    return np.bitwise_count(hashes).sum(axis=1, dtype=np.int64)
