"""Shares in percent, and the split a hash falls into."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from graphcore.config import SplitConfig
from graphcore.errors import ConfigError

_HASHES = 2**64


def check_shares(config: SplitConfig) -> dict[str, float]:
    """Percent by split, without the splits whose share is 0.

    Raises:
        ConfigError: the percentages do not sum to 100, or one is negative.
    """
    shares = config.shares()
    given = " ".join(f"split.{name}={share:g}" for name, share in shares.items())
    if any(not share >= 0 for share in shares.values()):
        raise ConfigError(f"A share of a split is negative: {given}.")
    if not math.isclose(sum(shares.values()), 100, abs_tol=1e-6):
        raise ConfigError(f"The shares of the splits sum to {sum(shares.values()):g}, not 100: {given}.")
    return {name: share for name, share in shares.items() if share > 0}


def split_by_threshold(hashed: int, shares: Mapping[str, float], allowed: Collection[str]) -> str:
    """The split that a hash of 64 bits falls into; the shares of those allowed are scaled to make a whole."""
    # Not their own sum: where all are allowed that may differ from 100 in its last digit, and move somebody.
    whole = 100 - sum(share for split, share in shares.items() if split not in allowed)
    reached, last = 0.0, ""
    for split, share in shares.items():
        if split in allowed:
            reached, last = reached + share, split
            if hashed < reached / whole * _HASHES:
                return split
    return last  # the last threshold may round to just below 100 percent
