"""Which of many texts are the same, without holding them: 100 000 digests or paths would be 10 MB."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Sequence

import numpy as np

_DIGEST_BYTES = 16
"""Two texts of one digest would be taken for one: among a thousand million, by a chance of 1 in 10**21."""


class Distinct:
    """Texts, of which it is remembered only which are alike."""

    def __init__(self) -> None:
        self._digests = bytearray()

    def add(self, text: str) -> None:
        """Adds a text."""
        data = text.encode(errors="surrogatepass")
        self._digests += hashlib.blake2b(data, digest_size=_DIGEST_BYTES).digest()

    def number(self) -> tuple[Sequence[int], Sequence[int]]:
        """Numbers the distinct texts, in the order they came first.

        Returns:
            For each distinct text, the index of the first such; for each text, the number of its distinct one.
        """
        if not self._digests:
            return (), ()
        first_of = _find_firsts(np.frombuffer(self._digests, f"S{_DIGEST_BYTES}"))
        firsts = np.flatnonzero(first_of == np.arange(len(first_of)))
        if len(firsts) == len(first_of):  # nothing twice, as mostly with photos
            return range(len(firsts)), range(len(firsts))
        return array("q", firsts.tobytes()), array("q", np.searchsorted(firsts, first_of).tobytes())


def _find_firsts(digests: np.ndarray) -> np.ndarray:
    """For each digest, the index of the first that is the same."""
    order = np.argsort(digests, kind="stable")  # those that are the same lie together then, the first of them first
    digests = digests[order]
    starts = np.flatnonzero(np.concatenate([[True], digests[1:] != digests[:-1]]))
    del digests
    first_of = np.empty(len(order), np.int64)
    first_of[order] = np.repeat(order[starts], np.diff(starts, append=len(order)))
    return first_of
