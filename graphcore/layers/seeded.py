"""Initial weights that a seed and a layer's name decide, whatever else stands in the graph."""

from __future__ import annotations

import zlib
from typing import Any

from graphcore.graph.runtime import tf1


def get_seeded_initializer(scale: float, seed: int | None, name: str) -> Any:
    """Initial weights of variance `scale` divided by the number of inputs.

    Args:
        scale: 2 keeps the size of what a ReLU follows, 1 of what is linear.
        seed: of the draws; None draws as the graph's seed says.
        name: of the layer, so that no two of them begin alike.

    Source: He et al., "Delving Deep into Rectifiers", arXiv:1502.01852, section 2.2.
    """
    return tf1.variance_scaling_initializer(
        scale=scale, mode="fan_in", distribution="truncated_normal", seed=mix_seed(seed, name)
    )


def mix_seed(seed: int | None, name: str) -> int | None:
    """A seed of its own for everything that has a name; None stays None."""
    return None if seed is None else (seed ^ zlib.crc32(name.encode())) % 2**31
