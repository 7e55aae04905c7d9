"""How many maps a layer has when its depth is scaled: a multiple of 8, which hardware likes."""

from __future__ import annotations

DIVISOR = 8
# Rounding takes no more than a tenth of the maps away.
LEAST_SHARE = 0.9


def round_depth(depth: float, divisor: int = DIVISOR) -> int:
    """Returns the multiple of `divisor` next to `depth`, at least one of them.

    Halves go up, and so does what would lose more than a tenth: 11.2 gives 16, not 8. The released checkpoints of
    MobileNet v2 and v3 have their depths so.

    Source: Sandler et al., "MobileNetV2", arXiv:1801.04381; the rule as its released checkpoints show it.
    """
    rounded = max(divisor, int(depth + divisor / 2) // divisor * divisor)
    return rounded if rounded >= LEAST_SHARE * depth else rounded + divisor
