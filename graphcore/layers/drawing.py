"""What a network drops by chance while it trains, as a function of the step: a resumed training then drops the same.

slim's dropout draws from a generator that begins anew with every session. Inside `draw_by` each dropout draws from the
seed, the number of the step and its own name instead; `slim_compat` asks at every `slim.dropout`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from graphcore.graph.runtime import tf

_source: ContextVar[tuple[Any, int] | None] = ContextVar("source_of_draws", default=None)


@contextmanager
def draw_by(step: Any, seed: int) -> Iterator[None]:
    """Dropout that is built inside draws what `step` (an integer scalar tensor) and `seed` decide."""
    token = _source.set((step, seed))
    try:
        yield
    finally:
        _source.reset(token)


def build_drawn_dropout(inputs: Any, rate: float, name: str) -> Any | None:
    """Drops each of `inputs` (any float tensor) with the chance `rate` and scales up the rest; None outside `draw_by`.

    `name` is the layer's, so that no two layers of a step drop alike.
    """
    source = _source.get()
    if source is None:
        return None
    step, seed = source
    own = (seed ^ zlib.crc32(name.encode())) % 2**31
    pair = tf.stack([tf.constant(own, tf.int64), tf.cast(step, tf.int64)])
    return tf.nn.experimental.stateless_dropout(inputs, rate, seed=pair)
