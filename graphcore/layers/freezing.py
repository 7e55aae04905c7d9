"""Which parts of a network stand still while the rest of it trains: their batch norm keeps the statistics it has.

A network is built with one `is_training` for all of it. `freeze_statistics` says, for as long as it is built, which
variable scopes are to be built as in inference all the same; `slim_compat` asks at every `slim.batch_norm`, so that it
holds for every network without any of them knowing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_rules: ContextVar[tuple[Callable[[str], bool], ...]] = ContextVar("frozen_statistics", default=())


@contextmanager
def freeze_statistics(is_frozen: Callable[[str], bool]) -> Iterator[None]:
    """Batch norm that is built inside uses its moving statistics and leaves them alone where `is_frozen` says so.

    Args:
        is_frozen: a batch norm's variable scope ("MobilenetV1/Conv2d_0/BatchNorm") to whether it stands still. Inside
            another such block, it is enough that one of the two says so.
    """
    token = _rules.set((*_rules.get(), is_frozen))
    try:
        yield
    finally:
        _rules.reset(token)


def are_statistics_frozen(scope: str) -> bool:
    """Whether batch norm in the variable scope `scope` is to be built as in inference."""
    return any(is_frozen(scope) for is_frozen in _rules.get())
